SET LOCAL ROLE usher_owner;

ALTER TABLE usher.sla_monitoring_snapshots ADD COLUMN id uuid NOT NULL UNIQUE;

-- What has expired is erased for good: by the writer, within the organizations of its batch.
GRANT DELETE ON usher.support_tickets, usher.ticket_messages, usher.ticket_classifications, usher.attachments,
  usher.csat_responses, usher.support_sla_events, usher.support_escalations, usher.outbox, usher.outbox_attempts,
  usher.idempotency_keys TO usher_writer;
