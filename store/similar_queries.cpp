#include "store/similar_queries.hpp"

#include "store/record_queries.hpp"

namespace usher::store {

namespace {

// How telling a word is follows from how few of the latest tickets have it; a word of the subject counts twice. The
// twelve best are searched for, each with its stems as lists search for it; a match's score is its share of what they
// weigh, and with less than 0.3 it is not alike. Bounded: 200 words are considered, 200 tickets are looked at for how
// common words are, a word that more than a tenth of those has is searched for only when there are no better ones, and
// of more than 5,000 matches some are left out.
constexpr std::string_view similar_sql =
    "WITH latest AS MATERIALIZED (SELECT s.document FROM usher.ticket_search s "
    "WHERE $4::uuid = '00000000-0000-0000-0000-000000000000' OR s.organization_id = $4 "
    "ORDER BY s.ticket_id DESC LIMIT 200), "
    "told AS (SELECT DISTINCT ON (ts_lexize('pg_catalog.english_stem', w.lexeme)) w.lexeme, "
    "'A' = ANY (w.weights) AS in_subject FROM unnest(usher.ticket_words($1, $2)) w "
    "WHERE length(w.lexeme) >= 3 AND ts_lexize('pg_catalog.english_stem', w.lexeme) <> '{}' "
    "AND ts_lexize('pg_catalog.spanish_stem', w.lexeme) <> '{}' "
    "AND ts_lexize('pg_catalog.french_stem', w.lexeme) <> '{}' "
    "ORDER BY ts_lexize('pg_catalog.english_stem', w.lexeme), 'A' = ANY (w.weights) DESC, length(w.lexeme), w.lexeme), "
    "said AS (SELECT * FROM told ORDER BY in_subject DESC, length(lexeme) DESC, lexeme LIMIT 200), "
    "common AS (SELECT u.lexeme, count(*) AS n FROM latest l CROSS JOIN LATERAL unnest(ts_filter(l.document, '{a,b}')) "
    "u "
    "WHERE u.lexeme IN (SELECT lexeme FROM said) GROUP BY u.lexeme), "
    "size AS (SELECT count(*) AS n FROM latest), "
    "weighed AS (SELECT s.lexeme, coalesce(c.n, 0) AS n, coalesce(c.n, 0) * 10 > size.n AND size.n >= 20 AS "
    "everywhere, "
    "ln(1 + (size.n + 1.0) / (coalesce(c.n, 0) + 1)) * CASE WHEN s.in_subject THEN 2 ELSE 1 END AS weight "
    "FROM said s CROSS JOIN size LEFT JOIN common c ON c.lexeme = s.lexeme), "
    "chosen AS MATERIALIZED (SELECT w.weight, usher.search_query(w.lexeme) AS word, w.everywhere FROM weighed w "
    "ORDER BY w.everywhere, w.weight DESC, w.n DESC, length(w.lexeme) DESC, w.lexeme LIMIT 12), "
    "asked AS MATERIALIZED (SELECT string_agg('(' || c.word::text || ')', ' | ')::tsquery AS words FROM chosen c "
    "WHERE NOT c.everywhere OR NOT EXISTS (SELECT FROM chosen o WHERE NOT o.everywhere)), "
    "total AS (SELECT sum(weight) AS weight FROM chosen), "
    "found AS (SELECT t.id, t.number, t.subject, s.document "
    "FROM asked a JOIN usher.ticket_search s ON s.document @@ a.words JOIN usher.support_tickets t ON t.id = "
    "s.ticket_id "
    "WHERE t.status IN ('resolved', 'closed') AND t.deleted_at IS NULL AND t.merged_into IS NULL AND t.id <> $3 "
    "AND ($4::uuid = '00000000-0000-0000-0000-000000000000' OR s.organization_id = $4) LIMIT 5000), "
    "alike AS (SELECT t.id, t.number, t.subject, round((SELECT sum(c.weight) FILTER (WHERE t.document @@ c.word) "
    "FROM chosen c)::numeric / total.weight::numeric, 3)::float8 AS score FROM found t CROSS JOIN total), "
    "articles AS (SELECT a.id, a.title, usher.ticket_words(a.title, a.body) AS document FROM asked q "
    "JOIN usher.support_kb_articles a ON usher.ticket_words(a.title, a.body) @@ q.words WHERE a.published "
    "ORDER BY ts_rank(usher.ticket_words(a.title, a.body), q.words) DESC, a.id DESC LIMIT 50), "
    "readable AS (SELECT a.id, a.title, round((SELECT sum(c.weight) FILTER (WHERE a.document @@ c.word) FROM chosen c)"
    "::numeric / total.weight::numeric, 3)::float8 AS score FROM articles a CROSS JOIN total) "
    "SELECT '00000000-0000-0000-0000-000000000001'::uuid, (SELECT coalesce(json_agg(json_build_object('id', b.id, "
    "'number', b.number, 'subject', b.subject, 'score', b.score) ORDER BY b.score DESC, b.id DESC), '[]') "
    "FROM (SELECT * FROM alike WHERE score >= 0.3 ORDER BY score DESC, id DESC LIMIT 5) b)::text "
    "UNION ALL SELECT '00000000-0000-0000-0000-000000000002'::uuid, (SELECT coalesce(json_agg(json_build_object('id', "
    "b.id, 'title', b.title, 'score', b.score) ORDER BY b.score DESC, b.id DESC), '[]') "
    "FROM (SELECT * FROM readable WHERE score >= 0.3 ORDER BY score DESC, id DESC LIMIT 3) b)::text LIMIT $5";

}  // namespace

statement similar_statement(const domain::record_query& query) {
  const auto first = [&](std::string_view name) {
    const auto words = words_of(query, name);
    return words.empty() ? std::string() : words.front();
  };
  const auto organization = domain::parse_uuid(first("organization")).value_or(domain::uuid{});
  parameters params;
  params.text(first("subject")).text(first("body")).uuid(query.parent.value_or(domain::uuid{})).uuid(organization);
  params.int8(query.limit);
  return {{}, std::string(similar_sql), std::move(params)};
}

}  // namespace usher::store
