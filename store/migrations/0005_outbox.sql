CREATE TABLE usher.webhook_endpoints (
  id              uuid        PRIMARY KEY,
  organization_id uuid        NOT NULL,
  url             text        NOT NULL CHECK (octet_length(url) BETWEEN 1 AND 2048),
  secrets         bytea[]     NOT NULL,
  events          text[]      NOT NULL DEFAULT '{}',
  created_at      timestamptz NOT NULL,
  created_by      text        NOT NULL CHECK (octet_length(created_by) <= 128),
  disabled_at     timestamptz,
  disabled_reason text
);
COMMENT ON TABLE usher.webhook_endpoints IS
  'Where events are sent to, with the secrets that sign them (several during a rotation). The nil organization is the desk itself.';
CREATE INDEX webhook_endpoints_organization ON usher.webhook_endpoints (organization_id, id);
SELECT usher.protect('usher.webhook_endpoints');
GRANT SELECT (id, organization_id, url, events, created_at, created_by, disabled_at, disabled_reason)
  ON usher.webhook_endpoints TO usher_reader, usher_staff_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON usher.webhook_endpoints TO usher_writer;

CREATE TABLE usher.outbox (
  id              uuid        PRIMARY KEY,
  organization_id uuid        NOT NULL,
  ticket_id       uuid,
  version         bigint,
  endpoint_id     uuid        REFERENCES usher.webhook_endpoints (id) ON DELETE SET NULL,
  created_at      timestamptz NOT NULL,
  next_attempt_at timestamptz,
  lease_until     timestamptz,
  delivered_at    timestamptz,
  given_up_at     timestamptz,
  attempts        integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  channel         text        NOT NULL CHECK (channel IN ('log', 'webhook', 'email', 'sms')),
  event           text        NOT NULL CHECK (octet_length(event) <= 64),
  recipient       text        NOT NULL CHECK (octet_length(recipient) <= 2048),
  payload         jsonb       NOT NULL
);
COMMENT ON TABLE usher.outbox IS
  'Notifications, written with what caused them. id is the same in every try; next_attempt_at is null when nothing is left to do.';
CREATE INDEX outbox_due ON usher.outbox (next_attempt_at, id) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX outbox_ticket ON usher.outbox (ticket_id, id) WHERE ticket_id IS NOT NULL;
CREATE INDEX outbox_endpoint ON usher.outbox (endpoint_id, id) WHERE endpoint_id IS NOT NULL;
SELECT usher.protect('usher.outbox');
GRANT SELECT ON usher.outbox TO usher_reader, usher_staff_reader;
GRANT SELECT, INSERT, UPDATE ON usher.outbox TO usher_writer;

CREATE TABLE usher.outbox_attempts (
  outbox_id       uuid        NOT NULL REFERENCES usher.outbox (id),
  attempt         integer     NOT NULL CHECK (attempt > 0),
  organization_id uuid        NOT NULL,
  at              timestamptz NOT NULL,
  duration_ms     bigint      NOT NULL CHECK (duration_ms >= 0),
  status          integer,
  outcome         text        NOT NULL CHECK (octet_length(outcome) <= 64),
  detail          text        CHECK (octet_length(detail) <= 4000),
  PRIMARY KEY (outbox_id, attempt)
);
COMMENT ON TABLE usher.outbox_attempts IS 'Each try to deliver a notification.';
SELECT usher.protect('usher.outbox_attempts');
GRANT SELECT ON usher.outbox_attempts TO usher_reader, usher_staff_reader;
GRANT SELECT, INSERT ON usher.outbox_attempts TO usher_writer;
