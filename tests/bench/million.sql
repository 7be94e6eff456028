-- Fills a desk that has organizations.sql's organizations and nothing else with `:tickets` open tickets, as a superuser: 370
-- bytes of text, a category, two running clocks with the default targets, none of which falls due soon. The rows are as
-- Usher writes them, so their foreign keys need no check.

CREATE TEMPORARY TABLE fresh AS
SELECT n, (substr(stamp, 1, 8) || '-' || substr(stamp, 9, 4) || '-7' || substr(random, 16, 3) || substr(random, 19))::uuid AS id,
       ('0b000000-0000-8000-8000-' || lpad((n % 200)::text, 12, '0'))::uuid AS organization, at,
       (ARRAY['ENTERPRISE', 'PROFESSIONAL', 'STARTER', 'FREE'])[1 + n % 4] AS tier,
       (ARRAY['high', 'medium', 'medium', 'low'])[1 + n / 4 % 4] AS priority,
       (ARRAY['rsvp', 'guest_data', 'client_payment', 'contract_esign', 'calendar_booking', 'media_gallery', 'account_access', 'general_question'])[1 + n / 16 % 8] AS category
FROM generate_series(1, :tickets) n,
     LATERAL (SELECT date_trunc('milliseconds', now()) - (:tickets - n) * interval '0.1 milliseconds' AS at) t,
     LATERAL (SELECT lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') AS stamp,
                     gen_random_uuid()::text AS random WHERE n > 0) r;

INSERT INTO usher.support_tickets (id, organization_id, number, version, created_at, updated_at, due_at, reopened,
  escalation_level, classified_confidence, sla_breached, classified_emergency, tier, channel, status, priority, urgency,
  category, requester_id, classified_category, classified_method, classified_signals, tags, custom_fields, subject, body)
SELECT f.id, f.organization, f.n, 1, f.at, f.at, f.at + c.first_response_ms * interval '1 millisecond', 0, 0, 0, false,
  false, f.tier, 'web', 'open', f.priority, 'none', f.category, 'customer-' || f.n % 5000, f.category, 'default', '{}', '{}',
  '{}', 'A question about our wedding, no. ' || f.n,
  rpad('Ticket ' || f.n || '. Every RSVP that came in since yesterday evening has gone from the guest list, although ', 370,
       'the guests have their confirmations and the caterer wants the count by noon; ')
FROM fresh f JOIN usher.support_sla_configs c USING (tier, priority)
ORDER BY f.id;

INSERT INTO usher.ticket_classifications (ticket_id, version, organization_id, at, confidence, emergency, category, priority, method, signals)
SELECT id, 1, organization, at, 0, false, category, priority, 'default', '{}' FROM fresh ORDER BY id;

INSERT INTO usher.support_sla_events (ticket_id, seq, cycle, organization_id, at, detected_at, target_ms, clock, type)
SELECT f.id, s.seq, 1, f.organization, f.at, f.at, CASE s.seq WHEN 1 THEN c.first_response_ms ELSE c.resolution_ms END, s.clock, 'start'
FROM fresh f JOIN usher.support_sla_configs c USING (tier, priority),
     (VALUES (1, 'first_response'), (2, 'resolution')) AS s (seq, clock)
ORDER BY f.id, s.seq;

INSERT INTO usher.ticket_search (ticket_id, organization_id, document)
SELECT id, organization_id, usher.ticket_words(subject, body) FROM usher.support_tickets;

VACUUM (ANALYZE) usher.support_tickets;
VACUUM (ANALYZE) usher.ticket_search;
VACUUM (ANALYZE) usher.ticket_classifications;
VACUUM (ANALYZE) usher.support_sla_events;
CHECKPOINT;
