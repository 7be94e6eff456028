#include "store/analytics_queries.hpp"

#include "store/record_queries.hpp"

namespace usher::store {

namespace {

// What is counted, as a list of columns, and as sums of them.
const std::string counted =
    "tickets, open, resolved, reopened, one_contact, classified, classified_right, first_response_clocks, "
    "first_response_breaches, next_response_clocks, next_response_breaches, resolution_clocks, resolution_breaches, "
    "level_1, level_2, level_3, level_4, level_999, csat_responses, csat_sum";
const std::string histograms = "response_buckets, response_tickets, resolution_buckets, resolution_tickets";

std::string sums_of(std::string_view columns) {
  std::string out;
  while (!columns.empty()) {
    const auto comma = columns.find(", ");
    const std::string column(columns.substr(0, comma));
    out += (out.empty() ? "coalesce(sum(" : ", coalesce(sum(") + column + "), 0)::bigint AS " + column;
    columns = comma == std::string_view::npos ? std::string_view{} : columns.substr(comma + 2);
  }
  return out;
}

/// Median and 90th percentile of a histogram, for the whole and for each group.
std::string quantiles_of(const std::string& name) {
  return "(SELECT whole, label, min(bucket) FILTER (WHERE below >= 0.5 * n) AS median, "
         "min(bucket) FILTER (WHERE below >= 0.9 * n) AS p90 FROM ("
         "SELECT whole, label, bucket, sum(n) OVER (PARTITION BY whole, label ORDER BY bucket) AS below, "
         "sum(n) OVER (PARTITION BY whole, label) AS n FROM ("
         "SELECT k.whole, CASE WHEN k.whole THEN '' ELSE p.label END AS label, u.bucket, sum(u.n) AS n "
         "FROM parts p CROSS JOIN (VALUES (true), (false)) AS k (whole) CROSS JOIN unnest(p." +
         name + "_buckets, p." + name + "_tickets) AS u (bucket, n) GROUP BY 1, 2, 3) counts) ranks GROUP BY 1, 2)";
}

std::string rate(const std::string& of, const std::string& all, const std::string& name) {
  return "round(" + of + "::numeric / nullif(" + all + ", 0), 4)::float8 AS " + name;
}

/// A span without whole days of its own is a live one, and so is a day that has changed since it was rolled up.
std::string parts_of(bool narrowed) {
  const std::string label = "CASE WHEN $4 = 'day' THEN s.day::text ELSE ";
  const std::string stored =
      narrowed ? "false"
               : "(s.ends - s.starts = interval '24 hours' AND s.day::text <> ALL ($5::text[]) AND 'all' <> ALL "
                 "($5::text[]) AND EXISTS (SELECT FROM usher.analytics_rolled r WHERE r.day = s.day))";
  std::string out =
      "WITH days AS MATERIALIZED (SELECT s.*, " + stored +
      " AS stored FROM (SELECT d::date AS day, greatest(d AT TIME ZONE 'UTC', $1) AS starts, "
      "least((d + interval '1 day') AT TIME ZONE 'UTC', $2) AS ends FROM generate_series("
      "date_trunc('day', $1 AT TIME ZONE 'UTC'), $2 AT TIME ZONE 'UTC', interval '1 day') AS d) s WHERE s.starts < "
      "s.ends), parts AS MATERIALIZED (SELECT " +
      label + "f.key END AS label, " + counted + ", " + histograms +
      " FROM days s CROSS JOIN LATERAL usher.figures_by($3, s.starts, s.ends) f WHERE NOT s.stored";
  // The stored rows are not for the role that sees one organization only.
  if (!narrowed)
    out += " UNION ALL SELECT " + label + "a.key END AS label, " + counted + ", " + histograms +
           " FROM days s JOIN usher.analytics_days a ON a.day = s.day AND a.dimension = $3 WHERE s.stored";
  else
    out += " AND $5::text[] IS NOT NULL";
  return out + ")";
}

std::string sql_of(bool narrowed) {
  return parts_of(narrowed) + ", sums AS (SELECT true AS whole, '' AS label, " + sums_of(counted) +
         " FROM parts UNION ALL SELECT false, label, " + sums_of(counted) +
         " FROM parts GROUP BY label) "
         "SELECT '00000000-0000-0000-0000-000000000000'::uuid, json_agg(to_json(r) ORDER BY r.whole DESC, r.key)::text "
         "FROM (SELECT whole, label AS key, tickets, open, resolved, reopened, "
         "usher.bucket_seconds(f.median) AS first_response_median_seconds, "
         "usher.bucket_seconds(f.p90) AS first_response_p90_seconds, "
         "usher.bucket_seconds(q.median) AS resolution_median_seconds, "
         "usher.bucket_seconds(q.p90) AS resolution_p90_seconds, "
         "first_response_clocks, first_response_breaches, " +
         rate("first_response_breaches", "first_response_clocks", "first_response_breach_rate") +
         ", next_response_clocks, next_response_breaches, " +
         rate("next_response_breaches", "next_response_clocks", "next_response_breach_rate") +
         ", resolution_clocks, resolution_breaches, " +
         rate("resolution_breaches", "resolution_clocks", "resolution_breach_rate") + ", " +
         rate("(first_response_breaches + next_response_breaches + resolution_breaches)",
              "(first_response_clocks + next_response_clocks + resolution_clocks)", "breach_rate") +
         ", level_1 AS escalations_1, level_2 AS escalations_2, level_3 AS escalations_3, level_4 AS escalations_4, "
         "level_999 AS escalations_999, csat_responses, " +
         rate("csat_sum", "csat_responses", "csat_average") + ", " +
         rate("one_contact", "resolved", "first_contact_resolution_rate") + ", " +
         rate("reopened", "tickets", "reopen_rate") + ", " +
         rate("classified_right", "classified", "classification_accuracy") + " FROM sums LEFT JOIN " +
         quantiles_of("response") + " f USING (whole, label) LEFT JOIN " + quantiles_of("resolution") +
         " q USING (whole, label)) r";
}

std::string word_of(const domain::record_query& query, std::string_view name) {
  auto words = words_of(query, name);
  return words.empty() ? std::string() : std::move(words.front());
}

/// An instant of a filter; they are written by us.
domain::instant instant_of(const domain::record_query& query, std::string_view name) {
  return domain::parse_rfc3339(word_of(query, name)).value_or(domain::instant{});
}

}  // namespace

statement analytics_statement(const domain::record_query& query, bool narrowed) {
  static const std::string whole = sql_of(false);
  static const std::string part = sql_of(true);
  const auto by = word_of(query, "group_by");
  parameters params;
  params.at(instant_of(query, "from")).at(instant_of(query, "to"));
  params.text(by.empty() || by == "day" ? "all" : by).text(by).texts(words_of(query, "live"));
  return {narrowed ? "analytics_part" : "analytics", narrowed ? part : whole, std::move(params)};
}

statement day_figures_statement(const domain::record_query& query) {
  parameters params;
  params.text(word_of(query, "day"));
  return {{},
          "SELECT '00000000-0000-0000-0000-000000000000'::uuid, coalesce(json_agg(to_json(r)), '[]')::text FROM ("
          "SELECT d.dimension, $1::date AS day, f.* FROM unnest('{all,tier,priority,category,agent}'::text[]) AS d "
          "(dimension) CROSS JOIN LATERAL usher.figures_by(d.dimension, $1::date::timestamp AT TIME ZONE 'UTC', "
          "($1::date + 1)::timestamp AT TIME ZONE 'UTC') f) r",
          std::move(params)};
}

statement changed_days_statement() {
  return {{},
          "SELECT '00000000-0000-0000-0000-000000000000'::uuid, coalesce(json_agg(c.day), '[]')::text FROM ("
          "SELECT (t.created_at AT TIME ZONE 'UTC')::date AS day FROM usher.support_tickets t LEFT JOIN "
          "usher.analytics_rolled r ON r.day = (t.created_at AT TIME ZONE 'UTC')::date GROUP BY 1, r.rolled_at "
          "HAVING r.rolled_at IS NULL OR max(t.updated_at) > r.rolled_at) c",
          {}};
}

std::vector<statement> rollup_statements(const rollup_write& what) {
  const std::string columns = "dimension, day, key, " + counted + ", " + histograms;
  std::vector<statement> out;
  out.push_back(
      {"forget_day", "DELETE FROM usher.analytics_days WHERE day = $1::text::date", parameters().text(what.day)});
  out.push_back({{},
                 "INSERT INTO usher.analytics_days (" + columns + ") SELECT " + columns +
                     " FROM jsonb_populate_recordset(NULL::usher.analytics_days, $1::jsonb)",
                 parameters().text(what.rows)});
  out.push_back({"rolled",
                 "INSERT INTO usher.analytics_rolled (day, rolled_at) VALUES ($1::text::date, $2) ON CONFLICT (day) DO "
                 "UPDATE SET rolled_at = excluded.rolled_at",
                 parameters().text(what.day).at(what.as_of)});
  return out;
}

}  // namespace usher::store
