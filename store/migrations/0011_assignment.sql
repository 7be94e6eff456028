ALTER TABLE usher.support_tickets
  ADD COLUMN silent_since timestamptz,
  ADD COLUMN rated_cycle  integer NOT NULL DEFAULT 0 CHECK (rated_cycle >= 0),
  ADD COLUMN taken_from   text[]  NOT NULL DEFAULT '{}';
COMMENT ON COLUMN usher.support_tickets.silent_since IS
  'Since when the assignee owes a sign; null when none is owed.';
COMMENT ON COLUMN usher.support_tickets.rated_cycle IS 'The last cycle that the customer has scored; 0 before the first score.';
COMMENT ON COLUMN usher.support_tickets.taken_from IS 'Whom it was taken back from in this cycle.';
