-- Fills an empty desk with a year of `:tickets` tickets, resolved but for one in fifty, as a superuser: three clocks' events,
-- a reply, one breach in ten, one escalation in twelve, one score in eight. Rows are as Usher writes them, so their foreign
-- keys need no check.

CREATE TEMPORARY TABLE past AS
SELECT n, (substr(stamp, 1, 8) || '-' || substr(stamp, 9, 4) || '-7' || substr(random, 16, 3) || substr(random, 19))::uuid AS id,
       ('0b000000-0000-8000-8000-' || lpad((n % 200)::text, 12, '0'))::uuid AS organization, at,
       at + (n % 40 + 1) * interval '31 minutes' AS resolved_at, n % 50 > 0 AS resolved,
       (ARRAY['ENTERPRISE', 'PROFESSIONAL', 'STARTER', 'FREE'])[1 + n % 4] AS tier,
       (ARRAY['high', 'medium', 'medium', 'low'])[1 + n / 4 % 4] AS priority,
       (ARRAY['rsvp', 'guest_data', 'client_payment', 'contract_esign', 'calendar_booking', 'media_gallery', 'account_access', 'general_question'])[1 + n / 16 % 8] AS category
FROM generate_series(1, :tickets) n,
     LATERAL (SELECT date_trunc('milliseconds', now()) - (:tickets - n) * (interval '365 days' / :tickets) AS at) t,
     LATERAL (SELECT lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') AS stamp,
                     gen_random_uuid()::text AS random WHERE n > 0) r;

INSERT INTO usher.support_tickets (id, organization_id, number, version, created_at, updated_at, resolved_at, reopened,
  escalation_level, classified_confidence, sla_breached, classified_emergency, tier, channel, status, priority, urgency,
  category, requester_id, assignee_id, classified_category, classified_method, classified_signals, tags, custom_fields,
  subject, body)
SELECT id, organization, n, 1, at, CASE WHEN resolved THEN resolved_at ELSE at END, CASE WHEN resolved THEN resolved_at END,
  (n % 20 = 0)::int, 0, 0.9, n % 10 = 0, false, tier, 'web', CASE WHEN resolved THEN 'closed' ELSE 'open' END, priority,
  'none', category, 'customer-' || n % 5000, 'agent-' || n % 60, category, 'model', '{}', '{}', '{}',
  'A question about our wedding, no. ' || n, 'The guests have their confirmations and the caterer wants the count.'
FROM past ORDER BY id;

INSERT INTO usher.ticket_messages (ticket_id, id, organization_id, created_at, automatic, author_role, visibility, channel, author_id, body)
SELECT id, id, organization, at + (n % 30) * interval '1 minute', false, 'agent', 'public', 'web', 'agent-' || n % 60, 'Done.'
FROM past ORDER BY id;

INSERT INTO usher.support_sla_events (ticket_id, seq, cycle, organization_id, at, detected_at, target_ms, clock, type)
SELECT id, s.seq, 1, organization, at, at, 3600000, s.clock, s.type
FROM past, (VALUES (1, 'first_response', 'start'), (2, 'resolution', 'start'), (3, 'first_response', 'stop'), (4, 'resolution', 'stop'),
                   (5, 'resolution', 'breach')) AS s (seq, clock, type)
WHERE s.seq < 5 OR n % 10 = 0
ORDER BY id, s.seq;

INSERT INTO usher.support_escalations (ticket_id, id, organization_id, cycle, level, clock, state, cause, scheduled_at, fired_at, recipients)
SELECT id, id, organization, 1, 1 + n % 4, 'resolution', 'fired', 'clock', at, at, '{}' FROM past WHERE n % 12 = 0 ORDER BY id;

INSERT INTO usher.csat_responses (ticket_id, cycle, organization_id, at, score, by_sub, agent_id)
SELECT id, 1, organization, resolved_at, 1 + n % 5, 'customer-' || n % 5000, 'agent-' || n % 60 FROM past WHERE n % 8 = 0 AND resolved
ORDER BY id;

VACUUM (ANALYZE);
CHECKPOINT;
