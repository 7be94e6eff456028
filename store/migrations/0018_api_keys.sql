-- Keys of machines are looked up in the desk's settings, by the hash. Who asks with one is `key:` and its id; revoking it
-- removes the row, and the audit log keeps who did it and when. Its last use is not stored: a row a minute and key for what
-- is looked at once a year.
ALTER TABLE usher.api_keys
  DROP COLUMN sub,
  DROP COLUMN revoked_at,
  DROP COLUMN last_used_at,
  ADD COLUMN prefix text NOT NULL CHECK (octet_length(prefix) BETWEEN 1 AND 32);
GRANT DELETE ON usher.api_keys TO usher_writer;
-- No customer reads keys, of whatever organization.
REVOKE SELECT ON usher.api_keys FROM usher_reader;
