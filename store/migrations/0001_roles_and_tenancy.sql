DO $$
DECLARE
  wanted record;
BEGIN
  FOR wanted IN
    SELECT * FROM (VALUES ('usher_owner', 'NOLOGIN'), ('usher_writer', 'LOGIN'), ('usher_reader', 'LOGIN'),
                          ('usher_staff_reader', 'LOGIN')) AS roles (name, login)
  LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I %s NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS', wanted.name, wanted.login);
      EXCEPTION
        WHEN duplicate_object OR unique_violation THEN NULL;
      END;
    END IF;
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
       AND NOT pg_has_role(current_user, wanted.name, 'MEMBER') THEN
      EXECUTE format('GRANT %I TO %I', wanted.name, current_user);
    END IF;
  END LOOP;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname LIKE 'usher\_%' AND (rolsuper OR rolbypassrls)) THEN
    RAISE EXCEPTION 'a role named usher_… is a superuser or bypasses row-level security';
  END IF;
  EXECUTE format('GRANT CREATE ON DATABASE %I TO usher_owner', current_database());
END
$$;

REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC;

CREATE SCHEMA usher AUTHORIZATION usher_owner;

SET LOCAL ROLE usher_owner;

COMMENT ON SCHEMA usher IS 'The desk. Rows of customers are guarded by row-level security, forced; see usher.protect.';
GRANT USAGE ON SCHEMA usher TO usher_writer, usher_reader, usher_staff_reader;

CREATE TABLE usher.schema_migrations (
  version    integer     PRIMARY KEY,
  name       text        NOT NULL,
  checksum   text        NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE usher.schema_migrations IS 'Which numbered migrations this database has had, with the SHA-256 of each.';
GRANT SELECT ON usher.schema_migrations TO usher_writer, usher_reader, usher_staff_reader;

CREATE FUNCTION usher.protect(guarded regclass, organization_column text DEFAULT 'organization_id') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', guarded);
  EXECUTE format(
    'CREATE POLICY one_organization ON %s FOR SELECT TO usher_reader
       USING (%I = (SELECT current_setting(''usher.organization'')::uuid))', guarded, organization_column);
  EXECUTE format('CREATE POLICY all_organizations ON %s FOR SELECT TO usher_staff_reader USING (true)', guarded);
  EXECUTE format(
    'CREATE POLICY organizations_of_the_batch ON %s FOR ALL TO usher_writer
       USING (%2$I = ANY ((SELECT string_to_array(current_setting(''usher.organizations''), '','')::uuid[])::uuid[]))
       WITH CHECK (%2$I = ANY ((SELECT string_to_array(current_setting(''usher.organizations''), '','')::uuid[])::uuid[]))',
    guarded, organization_column);
END
$$;
COMMENT ON FUNCTION usher.protect IS
  'Forces row-level security on a table: customers see the organization of usher.organization, staff see all, the writer touches those of usher.organizations.';
REVOKE EXECUTE ON FUNCTION usher.protect FROM PUBLIC;

CREATE FUNCTION usher.rfc3339(at timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
COMMENT ON FUNCTION usher.rfc3339 IS 'An instant as the API writes it.';

CREATE TABLE usher.organizations (
  id         uuid        PRIMARY KEY,
  name       text        NOT NULL CHECK (octet_length(name) <= 800),
  tier       text        NOT NULL CHECK (tier IN ('ENTERPRISE', 'PROFESSIONAL', 'STARTER', 'FREE')),
  time_zone  text        NOT NULL CHECK (octet_length(time_zone) <= 64),
  version    bigint      NOT NULL CHECK (version > 0),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
) WITH (fillfactor = 80);
COMMENT ON TABLE usher.organizations IS 'The customers, each with the tier that it subscribes to.';
SELECT usher.protect('usher.organizations', 'id');
GRANT SELECT ON usher.organizations TO usher_reader, usher_staff_reader;
GRANT SELECT, INSERT, UPDATE ON usher.organizations TO usher_writer;

CREATE TABLE usher.writer_lanes (
  lane  integer PRIMARY KEY CHECK (lane >= 0),
  batch bigint  NOT NULL
) WITH (fillfactor = 20);
COMMENT ON TABLE usher.writer_lanes IS
  'The number of the last batch that each writer lane committed: tells after a lost connection whether COMMIT arrived.';
GRANT SELECT, INSERT, UPDATE ON usher.writer_lanes TO usher_writer;

CREATE TABLE usher.audit_log (
  id              uuid        NOT NULL,
  organization_id uuid        NOT NULL,
  ticket_id       uuid,
  at              timestamptz NOT NULL,
  version         bigint,
  actor_sub       text        NOT NULL CHECK (octet_length(actor_sub) <= 128),
  actor_role      text        NOT NULL CHECK (actor_role IN ('requester', 'agent', 'supervisor', 'manager', 'executive', 'admin', 'system')),
  action          text        NOT NULL CHECK (octet_length(action) <= 64),
  details         jsonb       NOT NULL,
  prev_hash       bytea       CHECK (octet_length(prev_hash) = 32),
  hash            bytea       CHECK (octet_length(hash) = 32),
  PRIMARY KEY (organization_id, id)
);
COMMENT ON TABLE usher.audit_log IS
  'One entry a change, in the change''s own transaction; append-only. The nil organization is the desk itself.';
CREATE INDEX audit_log_ticket ON usher.audit_log (ticket_id, id) WHERE ticket_id IS NOT NULL;
SELECT usher.protect('usher.audit_log');
GRANT SELECT ON usher.audit_log TO usher_reader, usher_staff_reader;
GRANT SELECT, INSERT ON usher.audit_log TO usher_writer;

CREATE TABLE usher.idempotency_keys (
  organization_id uuid        NOT NULL,
  caller_sub      text        NOT NULL CHECK (octet_length(caller_sub) <= 128),
  route           text        NOT NULL CHECK (octet_length(route) <= 2048),
  key             text        NOT NULL CHECK (octet_length(key) BETWEEN 1 AND 255),
  fingerprint     bytea       NOT NULL CHECK (octet_length(fingerprint) = 32),
  status          integer     NOT NULL CHECK (status BETWEEN 100 AND 599),
  body            text        NOT NULL,
  ticket_id       uuid,
  version         bigint      NOT NULL,
  created_at      timestamptz NOT NULL,
  PRIMARY KEY (organization_id, caller_sub, route, key)
);
COMMENT ON TABLE usher.idempotency_keys IS
  'Answers kept for 24 h, so that a repeated request gets the first one''s. The nil organization is staff that none narrows.';
CREATE INDEX idempotency_keys_created ON usher.idempotency_keys USING brin (created_at);
SELECT usher.protect('usher.idempotency_keys');
GRANT SELECT ON usher.idempotency_keys TO usher_reader, usher_staff_reader;
GRANT SELECT, INSERT, UPDATE ON usher.idempotency_keys TO usher_writer;

CREATE TABLE usher.api_keys (
  id              uuid        PRIMARY KEY,
  organization_id uuid        NOT NULL,
  name            text        NOT NULL CHECK (octet_length(name) <= 800),
  key_hash        bytea       NOT NULL UNIQUE CHECK (octet_length(key_hash) = 32),
  sub             text        NOT NULL CHECK (octet_length(sub) <= 128),
  role            text        NOT NULL CHECK (role IN ('requester', 'agent', 'supervisor', 'manager', 'executive', 'admin')),
  scopes          text[]      NOT NULL DEFAULT '{}',
  created_at      timestamptz NOT NULL,
  created_by      text        NOT NULL,
  expires_at      timestamptz,
  revoked_at      timestamptz,
  last_used_at    timestamptz
);
COMMENT ON TABLE usher.api_keys IS 'Keys of machines: a hash only. The nil organization is the desk itself.';
CREATE INDEX api_keys_organization ON usher.api_keys (organization_id, id);
SELECT usher.protect('usher.api_keys');
GRANT SELECT ON usher.api_keys TO usher_reader, usher_staff_reader;
GRANT SELECT, INSERT, UPDATE ON usher.api_keys TO usher_writer;
