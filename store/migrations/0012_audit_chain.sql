-- Each organization's entries of the audit trail form a chain of hashes. A sealer links them a moment after their commit,
-- so that no change waits for another one's place in the chain; its role reads the trail and adds links, nothing else.
SET LOCAL ROLE NONE;
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'usher_sealer') THEN
    BEGIN
      CREATE ROLE usher_sealer LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END IF;
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
     AND NOT pg_has_role(current_user, 'usher_sealer', 'MEMBER') THEN
    EXECUTE format('GRANT usher_sealer TO %I', current_user);
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'usher_sealer' AND (rolsuper OR rolbypassrls)) THEN
    RAISE EXCEPTION 'the role usher_sealer is a superuser or bypasses row-level security';
  END IF;
END
$$;
SET LOCAL ROLE usher_owner;

GRANT USAGE ON SCHEMA usher TO usher_sealer;

-- Places in the chain are in the links. What a transaction wrote is sealed when no older one can commit any more, and
-- that is told by its number.
ALTER TABLE usher.audit_log DROP COLUMN prev_hash, DROP COLUMN hash,
  ADD COLUMN xid bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint;
COMMENT ON COLUMN usher.audit_log.xid IS 'The transaction that wrote the entry; of the cluster that it was written in.';
CREATE INDEX audit_log_xid ON usher.audit_log USING brin (xid) WITH (pages_per_range = 32, autosummarize = on);
CREATE POLICY trail_of_all ON usher.audit_log FOR SELECT TO usher_sealer USING (true);
GRANT SELECT ON usher.audit_log TO usher_sealer;

CREATE TABLE usher.audit_links (
  organization_id uuid        NOT NULL,
  seq             bigint      NOT NULL CHECK (seq > 0),
  sealed_at       timestamptz NOT NULL,
  entries         uuid[]      NOT NULL,
  personal        bytea[]     NOT NULL,
  hashes          bytea[]     NOT NULL,
  prev_hash       bytea       NOT NULL CHECK (octet_length(prev_hash) = 32),
  hash            bytea       NOT NULL CHECK (octet_length(hash) = 32),
  PRIMARY KEY (organization_id, seq),
  CHECK (cardinality(entries) = cardinality(hashes) AND cardinality(entries) = cardinality(personal))
);
COMMENT ON TABLE usher.audit_links IS
  'The chain: each link commits to the entries of one organization that were sealed together, and to the link before. Who acted and the details of an entry are committed to by their digest (personal), so that erasing them breaks nothing.';
SELECT usher.protect('usher.audit_links');
CREATE POLICY links_of_all ON usher.audit_links FOR SELECT TO usher_sealer USING (true);
CREATE POLICY links_are_added ON usher.audit_links FOR INSERT TO usher_sealer WITH CHECK (true);
GRANT SELECT, INSERT ON usher.audit_links TO usher_sealer;

CREATE TABLE usher.audit_seal (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  cluster  bigint  NOT NULL,
  adopted  uuid    NOT NULL,
  horizon  bigint  NOT NULL
);
COMMENT ON TABLE usher.audit_seal IS
  'How far the chain goes: every entry up to the adopted one, and every entry of a transaction before the horizon, is in a link. A cluster that a dump was restored into numbers transactions anew, so it adopts what it finds once.';
INSERT INTO usher.audit_seal (cluster, adopted, horizon) VALUES (0, '00000000-0000-0000-0000-000000000000', 0);
GRANT SELECT, UPDATE ON usher.audit_seal TO usher_sealer;

CREATE FUNCTION usher.audit_personal(actor_sub text, details jsonb) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256(convert_to(jsonb_build_array(actor_sub, details)::text, 'UTF8'));
COMMENT ON FUNCTION usher.audit_personal IS 'The digest of what an erasure may blank in an entry.';

CREATE FUNCTION usher.audit_hash(id uuid, organization_id uuid, ticket_id uuid, at timestamptz, version bigint,
                                 actor_role text, action text, personal bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256(uuid_send(id) || uuid_send(organization_id) || coalesce(uuid_send(ticket_id), '\x') || timestamptz_send(at)
              || int8send(coalesce(version, -1)) || convert_to(jsonb_build_array(actor_role, action)::text, 'UTF8')
              || personal);
COMMENT ON FUNCTION usher.audit_hash IS 'What a link keeps of an entry: all its columns but the transaction.';

CREATE FUNCTION usher.audit_link_hash(prev_hash bytea, seq bigint, sealed_at timestamptz, hashes bytea[]) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256(prev_hash || int8send(seq) || timestamptz_send(sealed_at) ||
              (SELECT string_agg(h.hash, ''::bytea ORDER BY h.place) FROM unnest(hashes) WITH ORDINALITY AS h (hash, place)));
COMMENT ON FUNCTION usher.audit_link_hash IS 'A link''s hash: of the link before, of its place, its time and its entries.';

GRANT EXECUTE ON FUNCTION usher.audit_personal, usher.audit_hash, usher.audit_link_hash TO usher_sealer;
