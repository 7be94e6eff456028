-- A phrase is erased in two steps: what it was found in is shown first, and somebody confirms it. The phrase, and the words
-- around it, stand here until then, for a day at most.
ALTER TABLE usher.erasures
  DROP CONSTRAINT erasures_kind_check,
  DROP CONSTRAINT erasures_state_check,
  DROP CONSTRAINT erasures_check,
  DROP CONSTRAINT erasures_check1,
  ADD COLUMN searched_to uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  ADD COLUMN refused text CHECK (refused IN ('legal_hold', 'too_many_found')),
  ADD COLUMN confirmed_by text CHECK (octet_length(confirmed_by) <= 128),
  ADD COLUMN agent_id text CHECK (octet_length(agent_id) <= 128),
  ADD CONSTRAINT erasures_kind CHECK (kind IN ('email', 'user_id', 'phrase', 'retention')),
  ADD CONSTRAINT erasures_state CHECK (state IN ('searching', 'preview', 'running', 'done', 'refused', 'expired')),
  ADD CONSTRAINT erasures_ended CHECK ((state IN ('done', 'refused', 'expired')) = (finished_at IS NOT NULL)),
  ADD CONSTRAINT erasures_refused CHECK ((state = 'refused') = (refused IS NOT NULL)),
  ADD CONSTRAINT erasures_forget CHECK (finished_at IS NULL OR (subject IS NULL AND agent_id IS NULL));
COMMENT ON COLUMN usher.erasures.searched_to IS 'The ticket up to which a phrase has been searched for.';
COMMENT ON COLUMN usher.erasures.agent_id IS 'Whose record of the desk''s people goes with it, while it runs.';

ALTER TABLE usher.erasure_tickets
  DROP CONSTRAINT erasure_tickets_state_check,
  ADD COLUMN hit_count integer NOT NULL DEFAULT 0 CHECK (hit_count >= 0),
  ADD COLUMN hits jsonb NOT NULL DEFAULT '[]',
  ADD CONSTRAINT erasure_tickets_state CHECK (state IN ('found', 'left', 'pending', 'erased', 'held', 'gone'));
COMMENT ON COLUMN usher.erasure_tickets.hits IS
  'Where a ticket says the phrase, with the words around it; empty when the erasure has ended.';
CREATE INDEX erasure_tickets_hits ON usher.erasure_tickets (ticket_id) WHERE hits <> '[]';

DROP INDEX usher.erasures_running;
CREATE INDEX erasures_unfinished ON usher.erasures (id) WHERE finished_at IS NULL;

-- Who is erased cannot log in any more.
CREATE POLICY gone_with_the_agent ON usher.staff_passwords FOR ALL TO usher_eraser
  USING ((SELECT current_setting('usher.eraser')) = 'on') WITH CHECK (false);
CREATE POLICY gone_with_the_agent ON usher.staff_sessions FOR ALL TO usher_eraser
  USING ((SELECT current_setting('usher.eraser')) = 'on') WITH CHECK (false);
GRANT SELECT (agent_id), DELETE ON usher.staff_passwords, usher.staff_sessions TO usher_eraser;
