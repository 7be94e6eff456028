-- The questions of list.lua in plain SQL, one at random, as staff.
\set question random(1, 5)
BEGIN;
\if :question = 1
SELECT * FROM usher.support_tickets WHERE deleted_at IS NULL AND status = 'open' AND priority = 'high' ORDER BY created_at DESC, id DESC LIMIT 26;
\elif :question = 2
SELECT * FROM usher.support_tickets WHERE deleted_at IS NULL AND tier = 'FREE' AND category = 'rsvp' ORDER BY created_at DESC, id DESC LIMIT 26;
\elif :question = 3
SELECT * FROM usher.support_tickets WHERE deleted_at IS NULL AND category = 'guest_data' AND priority = 'medium' ORDER BY priority_rank, created_at, id LIMIT 26;
\elif :question = 4
SELECT * FROM usher.support_tickets WHERE deleted_at IS NULL AND status = 'open' AND tier = 'ENTERPRISE' AND due_at IS NOT NULL ORDER BY due_at, id LIMIT 26;
\else
SELECT * FROM usher.support_tickets WHERE deleted_at IS NULL AND organization_id = '0b000000-0000-8000-8000-000000000007' AND priority = 'low' ORDER BY created_at DESC, id DESC LIMIT 26;
\endif
COMMIT;
