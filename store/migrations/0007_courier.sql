-- The courier takes what is due out of the outbox, whosever it is: it has a role of its own that sees the outbox of all
-- organizations and what endpoints need, and nothing else, no ticket, no message, no customer.
SET LOCAL ROLE NONE;
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'usher_courier') THEN
    BEGIN
      CREATE ROLE usher_courier LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END IF;
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
     AND NOT pg_has_role(current_user, 'usher_courier', 'MEMBER') THEN
    EXECUTE format('GRANT usher_courier TO %I', current_user);
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'usher_courier' AND (rolsuper OR rolbypassrls)) THEN
    RAISE EXCEPTION 'the role usher_courier is a superuser or bypasses row-level security';
  END IF;
END
$$;
SET LOCAL ROLE usher_owner;

GRANT USAGE ON SCHEMA usher TO usher_courier;

ALTER TABLE usher.webhook_endpoints
  ADD COLUMN version bigint NOT NULL DEFAULT 1,
  ADD COLUMN secret_count integer GENERATED ALWAYS AS (cardinality(secrets)) STORED;
GRANT SELECT (version, secret_count) ON usher.webhook_endpoints TO usher_reader, usher_staff_reader;

CREATE POLICY due_of_all ON usher.outbox FOR ALL TO usher_courier USING (true) WITH CHECK (true);
GRANT SELECT, DELETE, UPDATE (next_attempt_at, lease_until, delivered_at, given_up_at, attempts)
  ON usher.outbox TO usher_courier;
CREATE POLICY tries_of_all ON usher.outbox_attempts FOR ALL TO usher_courier USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON usher.outbox_attempts TO usher_courier;
CREATE POLICY endpoints_of_all ON usher.webhook_endpoints FOR SELECT TO usher_courier USING (true);
GRANT SELECT (id, url, secrets, disabled_at) ON usher.webhook_endpoints TO usher_courier;

-- A queue is a channel, or an endpoint of the channel webhook; what is due is asked for by queue, so that one that is
-- stuck costs the others nothing.
DROP INDEX usher.outbox_due;
CREATE INDEX outbox_queue ON usher.outbox (channel, endpoint_id, next_attempt_at, id) WHERE next_attempt_at IS NOT NULL;
-- An endpoint is told of a ticket in order: the earliest unsent one first.
CREATE INDEX outbox_order ON usher.outbox (endpoint_id, ticket_id, version, id)
  WHERE next_attempt_at IS NOT NULL AND endpoint_id IS NOT NULL;
