CREATE TABLE usher.support_tickets (
  id                       uuid        PRIMARY KEY,
  organization_id          uuid        NOT NULL REFERENCES usher.organizations (id),
  number                   bigint      NOT NULL CHECK (number > 0),
  version                  bigint      NOT NULL CHECK (version > 0),
  created_at               timestamptz NOT NULL,
  updated_at               timestamptz NOT NULL,
  resolved_at              timestamptz,
  deleted_at               timestamptz,
  due_at                   timestamptz,
  at_risk_at               timestamptz,
  timer_at                 timestamptz,
  emergency_since          timestamptz,
  wedding_at               timestamptz,
  merged_into              uuid,
  reopened                 integer     NOT NULL CHECK (reopened >= 0),
  escalation_level         integer     NOT NULL CHECK (escalation_level IN (0, 1, 2, 3, 4, 999)),
  classified_confidence    real        NOT NULL,
  sla_breached             boolean     NOT NULL,
  classified_emergency     boolean     NOT NULL,
  tier                     text        NOT NULL CHECK (tier IN ('ENTERPRISE', 'PROFESSIONAL', 'STARTER', 'FREE')),
  channel                  text        NOT NULL CHECK (channel IN ('web', 'email', 'phone', 'chat', 'api')),
  status                   text        NOT NULL CHECK (status IN ('open', 'pending', 'on_hold', 'resolved', 'closed')),
  priority                 text        NOT NULL CHECK (priority IN ('critical', 'high', 'medium', 'low')),
  urgency                  text        NOT NULL CHECK (urgency IN ('emergency', 'urgent', 'none')),
  category                 text        NOT NULL,
  requester_id             text        NOT NULL CHECK (octet_length(requester_id) <= 128),
  raised_from              text        CHECK (raised_from IN ('critical', 'high', 'medium', 'low')),
  assignee_id              text        CHECK (octet_length(assignee_id) BETWEEN 1 AND 128),
  wedding_time_zone        text        CHECK (octet_length(wedding_time_zone) <= 64),
  wedding_venue            text        CHECK (octet_length(wedding_venue) <= 800),
  requester_name           text        CHECK (octet_length(requester_name) <= 800),
  requester_email          text        CHECK (octet_length(requester_email) <= 254),
  classified_category      text        NOT NULL,
  classified_method        text        NOT NULL CHECK (octet_length(classified_method) <= 64),
  classified_signals       text[]      NOT NULL,
  tags                     text[]      NOT NULL,
  custom_fields            jsonb       NOT NULL,
  subject                  text        NOT NULL CHECK (octet_length(subject) BETWEEN 1 AND 800),
  body                     text        NOT NULL CHECK (octet_length(body) BETWEEN 1 AND 80000),
  priority_rank            smallint    NOT NULL GENERATED ALWAYS AS
    (CASE priority WHEN 'critical' THEN 4 WHEN 'high' THEN 3 WHEN 'medium' THEN 2 ELSE 1 END) STORED,
  CHECK (wedding_at IS NOT NULL OR (wedding_time_zone IS NULL AND wedding_venue IS NULL))
) WITH (fillfactor = 90);
COMMENT ON TABLE usher.support_tickets IS
  'A ticket as it stands after its last change. due_at, at_risk_at, timer_at (when its timer goes off next) and sla_breached are derived from support_sla_events, classified_… from the latest ticket_classifications.';

CREATE UNIQUE INDEX support_tickets_number ON usher.support_tickets (number);
CREATE INDEX support_tickets_live ON usher.support_tickets (id) WHERE status <> 'closed' AND deleted_at IS NULL;
CREATE INDEX support_tickets_created ON usher.support_tickets (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX support_tickets_organization ON usher.support_tickets (organization_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX support_tickets_status ON usher.support_tickets (status, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX support_tickets_priority ON usher.support_tickets (priority_rank, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX support_tickets_category ON usher.support_tickets (category, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX support_tickets_tier ON usher.support_tickets (tier, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX support_tickets_due ON usher.support_tickets (due_at, id) WHERE due_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX support_tickets_at_risk ON usher.support_tickets (at_risk_at, id)
  WHERE at_risk_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX support_tickets_timer ON usher.support_tickets (timer_at, id) WHERE timer_at IS NOT NULL;
CREATE INDEX support_tickets_assignee ON usher.support_tickets (assignee_id, created_at, id)
  WHERE assignee_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX support_tickets_urgency ON usher.support_tickets (urgency, created_at, id)
  WHERE urgency <> 'none' AND deleted_at IS NULL;
CREATE INDEX support_tickets_escalation ON usher.support_tickets (escalation_level, created_at, id)
  WHERE escalation_level > 0 AND deleted_at IS NULL;
CREATE INDEX support_tickets_breached ON usher.support_tickets (created_at, id) WHERE sla_breached AND deleted_at IS NULL;
CREATE INDEX support_tickets_wedding ON usher.support_tickets (wedding_at, id)
  WHERE wedding_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX support_tickets_tags ON usher.support_tickets USING gin (tags) WHERE tags <> '{}' AND deleted_at IS NULL;
CREATE INDEX support_tickets_deleted ON usher.support_tickets (deleted_at, id) WHERE deleted_at IS NOT NULL;

SELECT usher.protect('usher.support_tickets');
GRANT SELECT ON usher.support_tickets TO usher_reader, usher_staff_reader;
GRANT SELECT, INSERT, UPDATE ON usher.support_tickets TO usher_writer;

CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA usher;

CREATE FUNCTION usher.plain_words(words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN lower(usher.unaccent('usher.unaccent'::regdictionary, words));
COMMENT ON FUNCTION usher.plain_words IS 'A text as it is searched for: small letters without accents.';

CREATE FUNCTION usher.prefix_query(lexeme text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || ''':*')::tsquery;

CREATE FUNCTION usher.search_query(words text) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  word  text;
  stem  text;
  one   tsquery;
  whole tsquery;
BEGIN
  FOR word IN SELECT lexeme FROM unnest(to_tsvector('simple', usher.plain_words(words))) LOOP
    one := usher.prefix_query(word);
    FOREACH stem IN ARRAY coalesce(ts_lexize('english_stem', word) || ts_lexize('spanish_stem', word)
                                   || ts_lexize('french_stem', word), '{}') LOOP
      IF length(stem) >= 4 AND stem <> word THEN
        one := one || usher.prefix_query(stem);
      END IF;
    END LOOP;
    whole := coalesce(whole && one, one);
  END LOOP;
  RETURN coalesce(whole, ''::tsquery);
END
$$;
COMMENT ON FUNCTION usher.search_query IS
  'All of the words, each as the beginning of a word or of its English, Spanish or French stem.';

CREATE FUNCTION usher.ticket_words(subject text, body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN setweight(to_tsvector('simple'::regconfig, usher.plain_words(subject)), 'A')
    || setweight(to_tsvector('simple'::regconfig, usher.plain_words(body)), 'B');

CREATE FUNCTION usher.add_words(document tsvector, message text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN document || setweight(to_tsvector('simple', usher.plain_words(message)), 'C');
EXCEPTION
  WHEN program_limit_exceeded THEN RETURN document;
END
$$;
COMMENT ON FUNCTION usher.add_words IS 'Adds a message; what a tsvector has no room for (1 MB) is not found by its words.';

CREATE TABLE usher.ticket_search (
  ticket_id       uuid     PRIMARY KEY REFERENCES usher.support_tickets (id),
  organization_id uuid     NOT NULL,
  document        tsvector NOT NULL
) WITH (fillfactor = 90);
COMMENT ON TABLE usher.ticket_search IS
  'The words of a ticket: A of its subject, B of its body, C of its public messages. Beside the ticket, so that a change of status does not touch its index.';
CREATE INDEX ticket_search_document ON usher.ticket_search USING gin (document);
CREATE INDEX ticket_search_organization ON usher.ticket_search (organization_id, ticket_id);
SELECT usher.protect('usher.ticket_search');
GRANT SELECT ON usher.ticket_search TO usher_reader, usher_staff_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON usher.ticket_search TO usher_writer;

CREATE TABLE usher.ticket_messages (
  ticket_id       uuid        NOT NULL REFERENCES usher.support_tickets (id),
  id              uuid        NOT NULL,
  organization_id uuid        NOT NULL,
  created_at      timestamptz NOT NULL,
  automatic       boolean     NOT NULL,
  author_role     text        NOT NULL CHECK (author_role IN ('requester', 'agent', 'supervisor', 'manager', 'executive', 'admin', 'system')),
  visibility      text        NOT NULL CHECK (visibility IN ('public', 'internal')),
  channel         text        NOT NULL CHECK (channel IN ('web', 'email', 'phone', 'chat', 'api')),
  author_id       text        NOT NULL CHECK (octet_length(author_id) <= 128),
  body            text        NOT NULL CHECK (octet_length(body) BETWEEN 1 AND 80000),
  PRIMARY KEY (ticket_id, id)
);
COMMENT ON TABLE usher.ticket_messages IS 'The thread of a ticket after its first text, oldest first by id.';
SELECT usher.protect('usher.ticket_messages');
GRANT SELECT ON usher.ticket_messages TO usher_reader, usher_staff_reader;
GRANT SELECT, INSERT, UPDATE ON usher.ticket_messages TO usher_writer;

CREATE TABLE usher.ticket_classifications (
  ticket_id       uuid        NOT NULL REFERENCES usher.support_tickets (id),
  version         bigint      NOT NULL,
  organization_id uuid        NOT NULL,
  at              timestamptz NOT NULL,
  confidence      real        NOT NULL,
  emergency       boolean     NOT NULL,
  category        text        NOT NULL,
  priority        text        NOT NULL CHECK (priority IN ('critical', 'high', 'medium', 'low')),
  method          text        NOT NULL CHECK (octet_length(method) <= 64),
  signals         text[]      NOT NULL,
  PRIMARY KEY (ticket_id, version)
);
COMMENT ON TABLE usher.ticket_classifications IS
  'What a ticket''s text was taken to be about, by the version of the ticket that it came with; the latest one holds.';
SELECT usher.protect('usher.ticket_classifications');
GRANT SELECT ON usher.ticket_classifications TO usher_reader, usher_staff_reader;
GRANT SELECT, INSERT ON usher.ticket_classifications TO usher_writer;

CREATE TABLE usher.attachments (
  ticket_id       uuid        NOT NULL REFERENCES usher.support_tickets (id),
  id              uuid        NOT NULL,
  organization_id uuid        NOT NULL,
  message_id      uuid,
  name            text        NOT NULL CHECK (octet_length(name) <= 800),
  media_type      text        NOT NULL CHECK (octet_length(media_type) <= 200),
  bytes           bigint      NOT NULL CHECK (bytes >= 0),
  sha256          bytea       NOT NULL CHECK (octet_length(sha256) = 32),
  created_at      timestamptz NOT NULL,
  PRIMARY KEY (ticket_id, id)
);
COMMENT ON TABLE usher.attachments IS 'Names and fingerprints of what hangs on a ticket.';
SELECT usher.protect('usher.attachments');
GRANT SELECT ON usher.attachments TO usher_reader, usher_staff_reader;
GRANT SELECT, INSERT, UPDATE ON usher.attachments TO usher_writer;

CREATE TABLE usher.csat_responses (
  ticket_id       uuid        NOT NULL REFERENCES usher.support_tickets (id),
  cycle           integer     NOT NULL CHECK (cycle > 0),
  organization_id uuid        NOT NULL,
  at              timestamptz NOT NULL,
  score           integer     NOT NULL CHECK (score BETWEEN 1 AND 5),
  by_sub          text        NOT NULL CHECK (octet_length(by_sub) <= 128),
  agent_id        text        CHECK (octet_length(agent_id) <= 128),
  comment         text        CHECK (octet_length(comment) <= 80000),
  PRIMARY KEY (ticket_id, cycle)
);
COMMENT ON TABLE usher.csat_responses IS 'How content the customer was: one score a cycle.';
CREATE INDEX csat_responses_agent ON usher.csat_responses (agent_id, at) WHERE agent_id IS NOT NULL;
SELECT usher.protect('usher.csat_responses');
GRANT SELECT ON usher.csat_responses TO usher_reader, usher_staff_reader;
GRANT SELECT, INSERT ON usher.csat_responses TO usher_writer;
