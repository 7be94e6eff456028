-- Staff may log in with a password. Whoever looks at passwords and sessions has a role of its own, which sees nothing
-- else but who is an agent; nobody else sees these tables.
SET LOCAL ROLE NONE;
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'usher_doorkeeper') THEN
    BEGIN
      CREATE ROLE usher_doorkeeper LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END IF;
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
     AND NOT pg_has_role(current_user, 'usher_doorkeeper', 'MEMBER') THEN
    EXECUTE format('GRANT usher_doorkeeper TO %I', current_user);
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'usher_doorkeeper' AND (rolsuper OR rolbypassrls)) THEN
    RAISE EXCEPTION 'the role usher_doorkeeper is a superuser or bypasses row-level security';
  END IF;
END
$$;
SET LOCAL ROLE usher_owner;

CREATE TABLE usher.staff_passwords (
  agent_id   text        PRIMARY KEY CHECK (octet_length(agent_id) <= 128),
  hash       text        NOT NULL CHECK (hash LIKE '$argon2id$%' AND octet_length(hash) <= 128),
  changed_at timestamptz NOT NULL
);
COMMENT ON TABLE usher.staff_passwords IS 'What the passwords of agents are verified by: argon2id, with its salt and cost.';

CREATE TABLE usher.staff_sessions (
  token_hash bytea       PRIMARY KEY CHECK (octet_length(token_hash) = 32),
  agent_id   text        NOT NULL CHECK (octet_length(agent_id) <= 128),
  created_at timestamptz NOT NULL,
  seen_at    timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
COMMENT ON TABLE usher.staff_sessions IS
  'Who is logged in. The SHA-256 of each token stands here, the token nowhere. seen_at may be a minute behind.';
CREATE INDEX staff_sessions_agent ON usher.staff_sessions (agent_id, created_at);

DO $$
DECLARE
  own text;
BEGIN
  FOREACH own IN ARRAY ARRAY['staff_passwords', 'staff_sessions'] LOOP
    EXECUTE format('ALTER TABLE usher.%I ENABLE ROW LEVEL SECURITY', own);
    EXECUTE format('ALTER TABLE usher.%I FORCE ROW LEVEL SECURITY', own);
    EXECUTE format('CREATE POLICY all_for_the_doorkeeper ON usher.%I FOR ALL TO usher_doorkeeper
                    USING ((SELECT current_setting(''usher.doorkeeper'')) = ''on'')
                    WITH CHECK ((SELECT current_setting(''usher.doorkeeper'')) = ''on'')', own);
  END LOOP;
END
$$;
GRANT USAGE ON SCHEMA usher TO usher_doorkeeper;
GRANT SELECT ON usher.support_agents TO usher_doorkeeper;
GRANT SELECT, INSERT, UPDATE, DELETE ON usher.staff_passwords, usher.staff_sessions TO usher_doorkeeper;
