-- Whoever erases has a role of its own: it sees what is held of a person, whosever the row is, and may change the columns
-- that can hold it, and no others.
SET LOCAL ROLE NONE;
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'usher_eraser') THEN
    BEGIN
      CREATE ROLE usher_eraser LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END IF;
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
     AND NOT pg_has_role(current_user, 'usher_eraser', 'MEMBER') THEN
    EXECUTE format('GRANT usher_eraser TO %I', current_user);
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'usher_eraser' AND (rolsuper OR rolbypassrls)) THEN
    RAISE EXCEPTION 'the role usher_eraser is a superuser or bypasses row-level security';
  END IF;
END
$$;
SET LOCAL ROLE usher_owner;

GRANT USAGE ON SCHEMA usher TO usher_eraser;

CREATE TABLE usher.erasures (
  id           uuid        PRIMARY KEY,
  owner_id     uuid,
  kind         text        NOT NULL CHECK (kind IN ('email', 'user_id', 'retention')),
  subject      text        CHECK (octet_length(subject) <= 800),
  subject_hmac bytea       CHECK (octet_length(subject_hmac) = 32),
  state        text        NOT NULL CHECK (state IN ('running', 'done')),
  requested_by text        NOT NULL CHECK (octet_length(requested_by) <= 128),
  requested_at timestamptz NOT NULL,
  finished_at  timestamptz,
  certificate  jsonb,
  CHECK ((state = 'done') = (finished_at IS NOT NULL)),
  CHECK (state = 'running' OR subject IS NULL)
);
COMMENT ON TABLE usher.erasures IS
  'What was asked to be erased, and the certificate. The subject stands here only while the erasure runs, so that it goes on after a crash; owner_id is the organization that it is narrowed to, null is all.';
CREATE INDEX erasures_running ON usher.erasures (id) WHERE state = 'running';

CREATE TABLE usher.erasure_tickets (
  erasure_id uuid  NOT NULL REFERENCES usher.erasures (id),
  ticket_id  uuid  NOT NULL,
  state      text  NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'erased', 'held', 'gone')),
  counts     jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (erasure_id, ticket_id)
);
COMMENT ON TABLE usher.erasure_tickets IS 'The tickets that an erasure has to do with, and how far it has come with each.';

CREATE TABLE usher.legal_holds (
  target_id uuid        PRIMARY KEY,
  kind      text        NOT NULL CHECK (kind IN ('ticket', 'organization')),
  reason    text        NOT NULL CHECK (octet_length(reason) <= 800),
  set_by    text        NOT NULL CHECK (octet_length(set_by) <= 128),
  set_at    timestamptz NOT NULL
);
COMMENT ON TABLE usher.legal_holds IS 'Tickets, and organizations, of which nothing may be erased.';

CREATE TABLE usher.privacy_exports (
  id           uuid        PRIMARY KEY,
  owner_id     uuid,
  kind         text        NOT NULL CHECK (kind IN ('email', 'user_id')),
  subject      text        CHECK (octet_length(subject) <= 800),
  subject_hmac bytea       NOT NULL CHECK (octet_length(subject_hmac) = 32),
  requested_by text        NOT NULL CHECK (octet_length(requested_by) <= 128),
  requested_at timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  document     jsonb,
  CHECK (document IS NULL OR subject IS NULL)
);
COMMENT ON TABLE usher.privacy_exports IS 'What was put together about a person, until it expires.';
CREATE INDEX privacy_exports_expiry ON usher.privacy_exports (expires_at);

DO $$
DECLARE
  own text;
BEGIN
  FOREACH own IN ARRAY ARRAY['erasures', 'erasure_tickets', 'legal_holds', 'privacy_exports'] LOOP
    EXECUTE format('ALTER TABLE usher.%I ENABLE ROW LEVEL SECURITY', own);
    EXECUTE format('ALTER TABLE usher.%I FORCE ROW LEVEL SECURITY', own);
    EXECUTE format('CREATE POLICY all_for_the_eraser ON usher.%I FOR ALL TO usher_eraser USING (true) WITH CHECK (true)', own);
  END LOOP;
END
$$;
CREATE POLICY holds_for_the_purge ON usher.legal_holds FOR SELECT TO usher_writer, usher_staff_reader USING (true);
GRANT SELECT ON usher.legal_holds TO usher_writer, usher_staff_reader;
GRANT SELECT, INSERT, UPDATE ON usher.erasures, usher.erasure_tickets TO usher_eraser;
GRANT SELECT, INSERT, UPDATE, DELETE ON usher.legal_holds, usher.privacy_exports, usher.retention_rules TO usher_eraser;

ALTER TABLE usher.retention_rules
  ADD COLUMN action text NOT NULL DEFAULT 'anonymise' CHECK (action IN ('anonymise', 'delete'));

ALTER TABLE usher.audit_log ADD COLUMN erased_by uuid;
COMMENT ON COLUMN usher.audit_log.erased_by IS 'The erasure that took something out of the entry; null when it is as it was written.';

CREATE FUNCTION usher.erased_json(held jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE jsonb_typeof(held)
    WHEN 'object' THEN coalesce((
      SELECT jsonb_object_agg(key, CASE
        WHEN key = 'custom_fields' AND jsonb_typeof(value) = 'object' THEN '{}'::jsonb
        WHEN key IN ('tags', 'signals') AND jsonb_typeof(value) = 'array' THEN '[]'::jsonb
        WHEN key IN ('requester', 'requester_name', 'requester_email', 'venue', 'comment') THEN 'null'::jsonb
        WHEN key IN ('subject', 'body', 'text', 'name', 'email', 'phone') AND jsonb_typeof(value) = 'string'
          THEN '"[erased]"'::jsonb
        ELSE usher.erased_json(value) END)
      FROM jsonb_each(held)), '{}')
    WHEN 'array' THEN coalesce((
      SELECT jsonb_agg(usher.erased_json(value) ORDER BY place)
      FROM jsonb_array_elements(held) WITH ORDINALITY AS e (value, place)), '[]')
    ELSE held END
$$;
COMMENT ON FUNCTION usher.erased_json IS
  'A document without the members that hold what a person has written or is called; its shape, ids, words and numbers stay.';

CREATE FUNCTION usher.erased_answer(held text, who text, erased text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT regexp_replace(usher.erased_json(held::jsonb)::text,
                        regexp_replace(to_json(who)::text, '([^[:alnum:]])', '\\\1', 'g'), to_json(erased)::text, 'gi')
$$;
COMMENT ON FUNCTION usher.erased_answer IS 'A kept answer without what a person has written or is called, nor whom it names.';

DO $$
DECLARE
  held text;
BEGIN
  FOREACH held IN ARRAY ARRAY['support_tickets', 'ticket_search', 'ticket_messages', 'ticket_classifications',
                              'attachments', 'csat_responses', 'support_escalations', 'outbox', 'outbox_attempts',
                              'idempotency_keys', 'audit_log', 'system_alerts'] LOOP
    EXECUTE format('CREATE POLICY all_for_the_eraser ON usher.%I FOR ALL TO usher_eraser USING (true) WITH CHECK (true)', held);
    EXECUTE format('GRANT SELECT ON usher.%I TO usher_eraser', held);
  END LOOP;
END
$$;
GRANT SELECT ON usher.support_agents, usher.schema_migrations TO usher_eraser;
GRANT UPDATE (document) ON usher.ticket_search TO usher_eraser;
GRANT UPDATE (body, author_id) ON usher.ticket_messages TO usher_eraser;
GRANT UPDATE (signals) ON usher.ticket_classifications TO usher_eraser;
GRANT UPDATE (name) ON usher.attachments TO usher_eraser;
GRANT UPDATE (comment, by_sub) ON usher.csat_responses TO usher_eraser;
GRANT UPDATE (reason) ON usher.support_escalations TO usher_eraser;
GRANT UPDATE (recipient, payload, next_attempt_at, lease_until, given_up_at) ON usher.outbox TO usher_eraser;
GRANT UPDATE (detail) ON usher.outbox_attempts, usher.system_alerts TO usher_eraser;
GRANT UPDATE (body, caller_sub) ON usher.idempotency_keys TO usher_eraser;
GRANT UPDATE (actor_sub, details, erased_by) ON usher.audit_log TO usher_eraser;
