CREATE FUNCTION usher.time_bucket(took interval) RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN took > interval '1 millisecond' THEN floor(ln(extract(epoch FROM took) * 1000) / ln(1.02))
            WHEN took IS NOT NULL THEN 0 END::smallint;
COMMENT ON FUNCTION usher.time_bucket IS
  'Durations in classes of 2 %: a median read from them is within 1 %.';

CREATE FUNCTION usher.bucket_seconds(bucket smallint) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN round((power(1.02, bucket + 0.5) / 1000)::numeric, 3)::float8;
COMMENT ON FUNCTION usher.bucket_seconds IS 'The middle of a class of usher.time_bucket.';

CREATE FUNCTION usher.ticket_figures(starts timestamptz, ends timestamptz)
RETURNS TABLE (tier text, priority text, category text, agent text, is_open boolean, is_resolved boolean,
               is_reopened boolean, one_contact boolean, classified boolean, classified_right boolean,
               response smallint, resolution smallint, first_response_clocks bigint, first_response_breaches bigint,
               next_response_clocks bigint, next_response_breaches bigint, resolution_clocks bigint,
               resolution_breaches bigint, level_1 bigint, level_2 bigint, level_3 bigint, level_4 bigint,
               level_999 bigint, csat_responses bigint, csat_sum bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT t.tier, t.priority, t.category, coalesce(t.assignee_id, 'none'), t.status IN ('open', 'pending', 'on_hold'),
         t.resolved_at IS NOT NULL, t.reopened > 0,
         t.resolved_at IS NOT NULL AND t.reopened = 0 AND m.replies = 1,
         t.classified_method <> 'default', t.classified_method <> 'default' AND t.category = t.classified_category,
         usher.time_bucket(m.first_reply - t.created_at), usher.time_bucket(t.resolved_at - t.created_at),
         c.fr_starts, c.fr_breaches, c.nr_starts, c.nr_breaches, c.re_starts, c.re_breaches,
         e.level_1, e.level_2, e.level_3, e.level_4, e.level_999, s.responses, s.sum
  FROM usher.support_tickets t
  CROSS JOIN LATERAL (
    SELECT count(*) AS replies, min(created_at) AS first_reply FROM usher.ticket_messages
    WHERE ticket_id = t.id AND visibility = 'public' AND author_role <> 'requester' AND NOT automatic) m
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE clock = 'first_response' AND type = 'start') AS fr_starts,
           count(*) FILTER (WHERE clock = 'first_response' AND type = 'breach') AS fr_breaches,
           count(*) FILTER (WHERE clock = 'next_response' AND type = 'start') AS nr_starts,
           count(*) FILTER (WHERE clock = 'next_response' AND type = 'breach') AS nr_breaches,
           count(*) FILTER (WHERE clock = 'resolution' AND type = 'start') AS re_starts,
           count(*) FILTER (WHERE clock = 'resolution' AND type = 'breach') AS re_breaches
    FROM usher.support_sla_events WHERE ticket_id = t.id) c
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE level = 1) AS level_1, count(*) FILTER (WHERE level = 2) AS level_2,
           count(*) FILTER (WHERE level = 3) AS level_3, count(*) FILTER (WHERE level = 4) AS level_4,
           count(*) FILTER (WHERE level = 999) AS level_999
    FROM usher.support_escalations WHERE ticket_id = t.id AND state = 'fired') e
  CROSS JOIN LATERAL (
    SELECT count(*) AS responses, coalesce(sum(score), 0) AS sum FROM usher.csat_responses WHERE ticket_id = t.id) s
  WHERE t.deleted_at IS NULL AND t.created_at >= starts AND t.created_at < ends;
END;
COMMENT ON FUNCTION usher.ticket_figures IS 'What is counted of each ticket that was created in a span of time.';

CREATE TABLE usher.analytics_days (
  dimension               text        NOT NULL CHECK (dimension IN ('all', 'tier', 'priority', 'category', 'agent')),
  day                     date        NOT NULL,
  key                     text        NOT NULL,
  tickets                 bigint      NOT NULL,
  open                    bigint      NOT NULL,
  resolved                bigint      NOT NULL,
  reopened                bigint      NOT NULL,
  one_contact             bigint      NOT NULL,
  classified              bigint      NOT NULL,
  classified_right        bigint      NOT NULL,
  first_response_clocks   bigint      NOT NULL,
  first_response_breaches bigint      NOT NULL,
  next_response_clocks    bigint      NOT NULL,
  next_response_breaches  bigint      NOT NULL,
  resolution_clocks       bigint      NOT NULL,
  resolution_breaches     bigint      NOT NULL,
  level_1                 bigint      NOT NULL,
  level_2                 bigint      NOT NULL,
  level_3                 bigint      NOT NULL,
  level_4                 bigint      NOT NULL,
  level_999               bigint      NOT NULL,
  csat_responses          bigint      NOT NULL,
  csat_sum                bigint      NOT NULL,
  response_buckets        smallint[]  NOT NULL,
  response_tickets        integer[]   NOT NULL,
  resolution_buckets      smallint[]  NOT NULL,
  resolution_tickets      integer[]   NOT NULL,
  PRIMARY KEY (dimension, day, key)
);
COMMENT ON TABLE usher.analytics_days IS
  'The tickets that were created on a day (UTC), summed up for the whole desk; durations as histograms of usher.time_bucket. Sums without a customer''s rows.';

CREATE TABLE usher.analytics_rolled (
  day       date        PRIMARY KEY,
  rolled_at timestamptz NOT NULL
);
COMMENT ON TABLE usher.analytics_rolled IS
  'The days that usher.analytics_days has, and the instant whose state it shows; a day with a ticket that was changed later is rolled up again.';

GRANT SELECT ON usher.analytics_days, usher.analytics_rolled TO usher_staff_reader, usher_writer;
GRANT INSERT, DELETE ON usher.analytics_days TO usher_writer;
GRANT INSERT, UPDATE ON usher.analytics_rolled TO usher_writer;

CREATE FUNCTION usher.figures_by(wanted text, starts timestamptz, ends timestamptz)
RETURNS TABLE (key text, tickets bigint, open bigint, resolved bigint, reopened bigint, one_contact bigint,
               classified bigint, classified_right bigint, first_response_clocks bigint, first_response_breaches bigint,
               next_response_clocks bigint, next_response_breaches bigint, resolution_clocks bigint,
               resolution_breaches bigint, level_1 bigint, level_2 bigint, level_3 bigint, level_4 bigint,
               level_999 bigint, csat_responses bigint, csat_sum bigint, response_buckets smallint[],
               response_tickets integer[], resolution_buckets smallint[], resolution_tickets integer[])
LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH facts AS MATERIALIZED (
    SELECT CASE wanted WHEN 'tier' THEN f.tier WHEN 'priority' THEN f.priority WHEN 'category' THEN f.category
                       WHEN 'agent' THEN f.agent ELSE 'all' END AS key, f.*
    FROM usher.ticket_figures(starts, ends) f),
  sums AS (
    SELECT f.key, count(*) AS tickets, count(*) FILTER (WHERE is_open) AS open,
           count(*) FILTER (WHERE is_resolved) AS resolved, count(*) FILTER (WHERE is_reopened) AS reopened,
           count(*) FILTER (WHERE one_contact) AS one_contact, count(*) FILTER (WHERE classified) AS classified,
           count(*) FILTER (WHERE classified_right) AS classified_right,
           sum(first_response_clocks)::bigint, sum(first_response_breaches)::bigint, sum(next_response_clocks)::bigint,
           sum(next_response_breaches)::bigint, sum(resolution_clocks)::bigint, sum(resolution_breaches)::bigint,
           sum(level_1)::bigint, sum(level_2)::bigint, sum(level_3)::bigint, sum(level_4)::bigint,
           sum(level_999)::bigint, sum(csat_responses)::bigint, sum(csat_sum)::bigint
    FROM facts f GROUP BY f.key),
  responses AS (
    SELECT b.key, array_agg(b.response ORDER BY b.response) AS buckets, array_agg(b.n ORDER BY b.response) AS tickets
    FROM (SELECT f.key, f.response, count(*)::integer AS n FROM facts f WHERE f.response IS NOT NULL GROUP BY 1, 2) b
    GROUP BY b.key),
  resolutions AS (
    SELECT b.key, array_agg(b.resolution ORDER BY b.resolution) AS buckets, array_agg(b.n ORDER BY b.resolution) AS tickets
    FROM (SELECT f.key, f.resolution, count(*)::integer AS n FROM facts f WHERE f.resolution IS NOT NULL GROUP BY 1, 2) b
    GROUP BY b.key)
  SELECT s.*, coalesce(p.buckets, '{}'), coalesce(p.tickets, '{}'), coalesce(r.buckets, '{}'), coalesce(r.tickets, '{}')
  FROM sums s LEFT JOIN responses p USING (key) LEFT JOIN resolutions r USING (key);
END;
COMMENT ON FUNCTION usher.figures_by IS
  'The tickets that were created in a span of time, summed up by one of their sides: tier, priority, category, agent, or all.';
