#include "store/pattern_seed.hpp"

#include <stdexcept>

#include "store/wire.hpp"

namespace usher::store {

namespace {

constexpr auto patience = std::chrono::seconds(30);

// A pattern of the desk whose id the library comes to have as well stays the desk's.
const std::string seed_sql = R"sql(
WITH shipped AS (
  SELECT (jsonb_populate_record(NULL::usher.ticket_classification_patterns, p)).*
  FROM jsonb_array_elements($1::jsonb) p
), gone AS (
  DELETE FROM usher.ticket_classification_patterns t
  WHERE t.origin = 'shipped' AND NOT EXISTS (SELECT FROM shipped s WHERE s.id = t.id)
)
INSERT INTO usher.ticket_classification_patterns AS t
  (id, meaning, language, pattern, weight, enabled, origin, version)
SELECT id, meaning, language, pattern, weight, enabled, origin, version FROM shipped
ON CONFLICT (id) DO UPDATE SET
  (meaning, language, pattern, weight, enabled, version, updated_at) =
  ROW(excluded.meaning, excluded.language, excluded.pattern, excluded.weight, excluded.enabled, t.version + 1, now())
WHERE t.origin = 'shipped' AND (t.meaning, t.language, t.pattern, t.weight, t.enabled) IS DISTINCT FROM
  (excluded.meaning, excluded.language, excluded.pattern, excluded.weight, excluded.enabled))sql";

}  // namespace

void seed_patterns(const connect_target& writer, const domain::pattern_library& shipped) {
  std::string rows = "[";
  for (const auto& [id, p] : shipped) {
    if (rows.size() > 1) rows += ',';
    rows += domain::pattern_row(p);
  }
  rows += ']';
  auto deadline = std::chrono::steady_clock::now() + patience;
  auto open = connection::open(writer, deadline);
  if (!open) throw std::runtime_error("the patterns could not be stored: " + open.error().message);
  auto done = open->query(seed_sql, parameters().text(rows), deadline);
  if (!done) throw std::runtime_error("the patterns could not be stored: " + done.error().message);
}

}  // namespace usher::store
