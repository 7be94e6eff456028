CREATE TABLE usher.support_categories (
  code             text    PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9_]{0,63}$'),
  default_priority text    NOT NULL CHECK (default_priority IN ('critical', 'high', 'medium', 'low')),
  threatens_day    boolean NOT NULL DEFAULT false,
  skills           text[]  NOT NULL DEFAULT '{}',
  retired_at       timestamptz,
  version          bigint  NOT NULL DEFAULT 1
);
COMMENT ON TABLE usher.support_categories IS 'What tickets are about. threatens_day: trouble of this kind usually threatens a wedding day.';
INSERT INTO usher.support_categories (code, default_priority, threatens_day, skills) VALUES
  ('website_outage', 'high', true, '{web_platform,dns_tls}'),
  ('rsvp', 'medium', false, '{guest_rsvp}'),
  ('guest_data', 'medium', true, '{guest_rsvp,data_import,privacy}'),
  ('guest_messaging', 'medium', false, '{email_deliverability,sms}'),
  ('client_payment', 'high', false, '{payments}'),
  ('payout_verification', 'high', false, '{payouts,risk}'),
  ('subscription_billing', 'low', false, '{billing}'),
  ('contract_esign', 'high', false, '{contracts}'),
  ('workflow_automation', 'medium', false, '{automation}'),
  ('calendar_booking', 'medium', true, '{calendar_sync}'),
  ('crm_integration', 'medium', false, '{integrations}'),
  ('lead_capture', 'high', false, '{marketplace,email_deliverability}'),
  ('listing_reviews', 'low', false, '{trust_safety}'),
  ('vendor_no_show', 'critical', true, '{wedding_day,vendor_network}'),
  ('timeline_venue', 'high', true, '{planner_tools,wedding_day}'),
  ('seating_stationery', 'medium', true, '{planner_tools,data_import}'),
  ('media_gallery', 'medium', false, '{media_storage}'),
  ('registry_gifts', 'medium', false, '{registry,payouts}'),
  ('account_access', 'high', true, '{identity}'),
  ('privacy_request', 'medium', false, '{privacy}'),
  ('general_question', 'low', false, '{general}');

CREATE TABLE usher.sla_calendars (
  id         uuid        PRIMARY KEY,
  name       text        NOT NULL UNIQUE CHECK (octet_length(name) BETWEEN 1 AND 800),
  time_zone  text        NOT NULL CHECK (octet_length(time_zone) <= 64),
  weekly     jsonb       NOT NULL,
  holidays   date[]      NOT NULL DEFAULT '{}',
  version    bigint      NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE usher.sla_calendars IS 'Business hours: windows a weekday, holidays by date, an IANA zone. No calendar is round the clock.';

CREATE TABLE usher.support_sla_configs (
  tier              text        NOT NULL CHECK (tier IN ('ENTERPRISE', 'PROFESSIONAL', 'STARTER', 'FREE')),
  priority          text        NOT NULL CHECK (priority IN ('critical', 'high', 'medium', 'low')),
  first_response_ms bigint      CHECK (first_response_ms > 0),
  next_response_ms  bigint      CHECK (next_response_ms > 0),
  resolution_ms     bigint      CHECK (resolution_ms > 0),
  calendar_id       uuid        REFERENCES usher.sla_calendars (id),
  version           bigint      NOT NULL DEFAULT 1,
  updated_at        timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tier, priority)
);
COMMENT ON TABLE usher.support_sla_configs IS 'The targets of the clocks in counted time, by tier and priority. Null is no target.';
INSERT INTO usher.support_sla_configs (tier, priority, first_response_ms, next_response_ms, resolution_ms)
SELECT tier, priority, response * 60000, response * 60000, resolution * 3600000
FROM (VALUES
  ('ENTERPRISE', 'critical', 30, 4), ('ENTERPRISE', 'high', 60, 8), ('ENTERPRISE', 'medium', 240, 24), ('ENTERPRISE', 'low', 480, 48),
  ('PROFESSIONAL', 'critical', 120, 12), ('PROFESSIONAL', 'high', 240, 24), ('PROFESSIONAL', 'medium', 480, 48), ('PROFESSIONAL', 'low', 1440, 72),
  ('STARTER', 'critical', 240, 24), ('STARTER', 'high', 480, 48), ('STARTER', 'medium', 1440, 72), ('STARTER', 'low', 2880, 120),
  ('FREE', 'critical', 1440, 72), ('FREE', 'high', 1440, 96), ('FREE', 'medium', 2880, 120), ('FREE', 'low', 4320, 168)
) AS targets (tier, priority, response, resolution);

CREATE TABLE usher.support_escalation_rules (
  level       integer     PRIMARY KEY CHECK (level IN (1, 2, 3, 4, 999)),
  percent     integer     CHECK (percent BETWEEN 1 AND 1000),
  recipients  text[]      NOT NULL,
  ack_seconds integer     NOT NULL CHECK (ack_seconds > 0),
  reassign    boolean     NOT NULL DEFAULT false,
  channels    text[]      NOT NULL DEFAULT '{log}',
  version     bigint      NOT NULL DEFAULT 1,
  updated_at  timestamptz NOT NULL DEFAULT now(),
  CHECK ((percent IS NULL) = (level = 999))
);
COMMENT ON TABLE usher.support_escalation_rules IS 'The ladder: at which share of a clock which level fires, and whom it tells.';
INSERT INTO usher.support_escalation_rules (level, percent, recipients, ack_seconds, reassign) VALUES
  (1, 75, '{assignee}', 600, false),
  (2, 90, '{supervisors}', 600, true),
  (3, 100, '{managers}', 600, false),
  (4, 125, '{executives}', 600, false),
  (999, NULL, '{emergency_channel,specialists}', 120, true);

CREATE TABLE usher.support_agents (
  id                 text        PRIMARY KEY CHECK (octet_length(id) BETWEEN 1 AND 128),
  name               text        NOT NULL CHECK (octet_length(name) <= 800),
  email              text        CHECK (octet_length(email) <= 254),
  phone              text        CHECK (octet_length(phone) <= 64),
  role               text        NOT NULL CHECK (role IN ('agent', 'supervisor', 'manager', 'executive')),
  skills             jsonb       NOT NULL DEFAULT '[]',
  languages          text[]      NOT NULL DEFAULT '{}',
  capacity           integer     NOT NULL DEFAULT 10 CHECK (capacity >= 0),
  calendar_id        uuid        REFERENCES usher.sla_calendars (id),
  organizations      uuid[]      NOT NULL DEFAULT '{}',
  wedding_specialist boolean     NOT NULL DEFAULT false,
  presence           text        NOT NULL DEFAULT 'offline' CHECK (presence IN ('online', 'away', 'offline')),
  presence_at        timestamptz,
  version            bigint      NOT NULL DEFAULT 1,
  created_at         timestamptz NOT NULL DEFAULT now(),
  updated_at         timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE usher.support_agents IS 'The staff that tickets are given to. id is the sub of the person''s token.';

CREATE TABLE usher.macros (
  id         uuid        PRIMARY KEY,
  name       text        NOT NULL UNIQUE CHECK (octet_length(name) BETWEEN 1 AND 800),
  changes    jsonb       NOT NULL,
  reply      text,
  version    bigint      NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE usher.macros IS 'Named sets of changes with a template of a reply.';

CREATE TABLE usher.support_kb_articles (
  id         uuid        PRIMARY KEY,
  title      text        NOT NULL CHECK (octet_length(title) BETWEEN 1 AND 800),
  body       text        NOT NULL CHECK (octet_length(body) <= 262144),
  language   text        NOT NULL DEFAULT 'en' CHECK (octet_length(language) <= 16),
  category   text        REFERENCES usher.support_categories (code),
  tags       text[]      NOT NULL DEFAULT '{}',
  published  boolean     NOT NULL DEFAULT false,
  version    bigint      NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE usher.support_kb_articles IS 'The knowledge base: the desk''s own texts, the same for every customer.';
CREATE INDEX support_kb_articles_category ON usher.support_kb_articles (category, id);

CREATE TABLE usher.ticket_classification_patterns (
  id         uuid        PRIMARY KEY,
  category   text        REFERENCES usher.support_categories (code),
  kind       text        NOT NULL CHECK (kind IN ('category', 'urgency', 'guard')),
  language   text        NOT NULL CHECK (octet_length(language) <= 16),
  pattern    text        NOT NULL CHECK (octet_length(pattern) BETWEEN 1 AND 1000),
  weight     real        NOT NULL,
  enabled    boolean     NOT NULL DEFAULT true,
  version    bigint      NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE usher.ticket_classification_patterns IS 'Weighted patterns of the classifier, edited at run time.';

CREATE TABLE usher.sla_monitoring_snapshots (
  at      timestamptz PRIMARY KEY,
  figures jsonb       NOT NULL
);
COMMENT ON TABLE usher.sla_monitoring_snapshots IS 'What the desk looked like, once a minute, in sums without a customer''s rows.';

CREATE TABLE usher.retention_rules (
  category   text        PRIMARY KEY,
  keep_days  integer     CHECK (keep_days > 0),
  legal_hold boolean     NOT NULL DEFAULT false,
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE usher.retention_rules IS 'How long closed tickets of a category are kept; null is for ever, the category * is all others.';

CREATE TABLE usher.freeze_days (
  day        date        PRIMARY KEY,
  reason     text        NOT NULL CHECK (octet_length(reason) <= 800),
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE usher.freeze_days IS 'Days without deployments besides the Saturdays.';

GRANT SELECT ON usher.support_categories, usher.support_sla_configs, usher.sla_calendars, usher.support_kb_articles,
  usher.freeze_days TO usher_reader, usher_staff_reader, usher_writer;
GRANT SELECT ON usher.support_escalation_rules, usher.support_agents, usher.macros, usher.ticket_classification_patterns,
  usher.sla_monitoring_snapshots, usher.retention_rules TO usher_staff_reader, usher_writer;
GRANT INSERT, UPDATE, DELETE ON usher.support_categories, usher.support_sla_configs, usher.sla_calendars,
  usher.support_kb_articles, usher.freeze_days, usher.support_escalation_rules, usher.support_agents, usher.macros,
  usher.ticket_classification_patterns, usher.sla_monitoring_snapshots, usher.retention_rules TO usher_writer;
