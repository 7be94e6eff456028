CREATE TABLE usher.sla_policy_snapshots (
  id         uuid        PRIMARY KEY,
  content    text        NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE usher.sla_policy_snapshots IS
  'What clocks go by: targets, calendar and ladder as they were when the clock started. A row never changes; its id is made from its content.';
GRANT SELECT ON usher.sla_policy_snapshots TO usher_reader, usher_staff_reader, usher_writer;
GRANT INSERT ON usher.sla_policy_snapshots TO usher_writer;

CREATE TABLE usher.support_sla_events (
  ticket_id       uuid        NOT NULL REFERENCES usher.support_tickets (id),
  seq             integer     NOT NULL CHECK (seq > 0),
  cycle           integer     NOT NULL CHECK (cycle > 0),
  organization_id uuid        NOT NULL,
  at              timestamptz NOT NULL,
  detected_at     timestamptz NOT NULL,
  target_ms       bigint      CHECK (target_ms >= 0),
  clock           text        NOT NULL CHECK (clock IN ('first_response', 'next_response', 'resolution')),
  type            text        NOT NULL CHECK (type IN ('start', 'pause', 'resume', 'retarget', 'breach', 'stop', 'cancel')),
  reason          text,
  policy_id       uuid        REFERENCES usher.sla_policy_snapshots (id),
  PRIMARY KEY (ticket_id, seq)
);
COMMENT ON TABLE usher.support_sla_events IS
  'The clocks of a ticket as an append-only list, counted by seq over all of its clocks; everything else about a clock is folded from it. at of a breach is the deadline, detected_at when it was written down.';
SELECT usher.protect('usher.support_sla_events');
GRANT SELECT ON usher.support_sla_events TO usher_reader, usher_staff_reader;
GRANT SELECT, INSERT ON usher.support_sla_events TO usher_writer;

CREATE TABLE usher.support_escalations (
  ticket_id       uuid        NOT NULL REFERENCES usher.support_tickets (id),
  id              uuid        NOT NULL,
  organization_id uuid        NOT NULL,
  cycle           integer     NOT NULL CHECK (cycle > 0),
  level           integer     NOT NULL CHECK (level IN (1, 2, 3, 4, 999)),
  clock           text        NOT NULL CHECK (clock IN ('first_response', 'next_response', 'resolution')),
  state           text        NOT NULL CHECK (state IN ('armed', 'fired', 'skipped', 'cancelled')),
  cause           text        NOT NULL CHECK (cause IN ('clock', 'handed_up', 'manual', 'emergency')),
  scheduled_at    timestamptz NOT NULL,
  fired_at        timestamptz,
  hand_up_at      timestamptz,
  acknowledged_at timestamptz,
  acknowledged_by text        CHECK (octet_length(acknowledged_by) <= 128),
  recipients      text[]      NOT NULL DEFAULT '{}',
  reason          text,
  PRIMARY KEY (ticket_id, id),
  CONSTRAINT support_escalations_fires_once UNIQUE (ticket_id, clock, cycle, level)
);
COMMENT ON TABLE usher.support_escalations IS 'The ladder''s record: a level of a clock''s cycle fires once, ever.';
CREATE INDEX support_escalations_waiting ON usher.support_escalations (level, hand_up_at) WHERE hand_up_at IS NOT NULL;
CREATE INDEX support_escalations_id ON usher.support_escalations (id);
CREATE INDEX support_escalations_state ON usher.support_escalations (state, scheduled_at, id);
SELECT usher.protect('usher.support_escalations');
GRANT SELECT ON usher.support_escalations TO usher_reader, usher_staff_reader;
GRANT SELECT, INSERT, UPDATE ON usher.support_escalations TO usher_writer;

CREATE TABLE usher.system_alerts (
  id              uuid        PRIMARY KEY,
  organization_id uuid        NOT NULL,
  ticket_id       uuid,
  at              timestamptz NOT NULL,
  kind            text        NOT NULL CHECK (octet_length(kind) <= 64),
  level           text        NOT NULL CHECK (level IN ('info', 'warning', 'critical')),
  detail          text        NOT NULL CHECK (octet_length(detail) <= 4000),
  acknowledged_at timestamptz,
  acknowledged_by text        CHECK (octet_length(acknowledged_by) <= 128)
);
COMMENT ON TABLE usher.system_alerts IS 'What Usher can''t mend itself. The nil organization is the desk itself.';
CREATE INDEX system_alerts_open ON usher.system_alerts (at, id) WHERE acknowledged_at IS NULL;
SELECT usher.protect('usher.system_alerts');
GRANT SELECT ON usher.system_alerts TO usher_reader, usher_staff_reader;
GRANT SELECT, INSERT, UPDATE ON usher.system_alerts TO usher_writer;
