SET LOCAL ROLE usher_owner;

ALTER TABLE usher.sla_monitoring_snapshots ADD COLUMN id uuid NOT NULL UNIQUE;

-- What has expired is erased for good: by the writer, within the organizations of its batch.
GRANT DELETE ON usher.support_tickets, usher.ticket_messages, usher.ticket_classifications, usher.attachments,
  usher.csat_responses, usher.support_sla_events, usher.support_escalations, usher.outbox, usher.outbox_attempts,
  usher.idempotency_keys TO usher_writer;

-- Events that somebody has missed are told from the trail, which grows at its end: this index costs next to nothing.
CREATE INDEX audit_log_id ON usher.audit_log USING brin (id) WITH (pages_per_range = 32, autosummarize = on);
