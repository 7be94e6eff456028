-- The classifier's patterns have names of their own, mean a category or a signal of urgency, and say where they are from.

DELETE FROM usher.ticket_classification_patterns;  -- nothing has read or written it so far

ALTER TABLE usher.ticket_classification_patterns
  DROP COLUMN kind,
  DROP COLUMN category,
  ALTER COLUMN id TYPE text USING id::text,
  ADD CHECK (octet_length(id) BETWEEN 1 AND 80),
  ADD COLUMN meaning text NOT NULL CHECK (octet_length(meaning) BETWEEN 1 AND 80),
  ADD COLUMN origin  text NOT NULL CHECK (origin IN ('shipped', 'edited', 'removed', 'desk'));

COMMENT ON COLUMN usher.ticket_classification_patterns.meaning IS
  'A category''s code, or urgency. and a signal.';
COMMENT ON COLUMN usher.ticket_classification_patterns.origin IS
  'shipped: as the library has it, and follows it; edited and removed: the library''s, changed by the desk; desk: its own.';
