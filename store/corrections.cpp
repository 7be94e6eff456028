#include "store/corrections.hpp"

#include <chrono>

#include "store/embedded_postgres.hpp"
#include "store/store.hpp"

namespace usher::store {

namespace {

constexpr std::chrono::seconds answer_max{60};
constexpr std::string_view login_role = "usher_staff";
constexpr std::string_view reader_role = "usher_staff_reader";

// A verdict that a caller gave with the ticket is its category already; one of a language model is a row of its own.
constexpr auto corrections_sql =
    "SELECT t.id::text, t.subject, t.body, "
    "coalesce(extract(epoch FROM t.wedding_at - t.created_at) / 3600, 'NaN')::float4, t.category, t.priority, "
    "t.priority = 'critical' AND (t.classified_emergency OR t.escalation_level = 999) "
    "FROM usher.support_tickets t JOIN LATERAL (SELECT c.category FROM usher.ticket_classifications c "
    "WHERE c.ticket_id = t.id ORDER BY c.version DESC LIMIT 1) latest ON latest.category <> t.category "
    "WHERE t.deleted_at IS NULL ORDER BY t.id DESC LIMIT 50000";
static_assert(corrections_max == 50'000);

sql_result<std::vector<corrected_ticket>> ask(const connect_target& target) {
  auto deadline = std::chrono::steady_clock::now() + answer_max;
  auto opened = connection::open(target, deadline);
  if (!opened) return std::unexpected(std::move(opened.error()));
  auto found = opened->query(corrections_sql, {}, deadline);
  if (!found) return std::unexpected(std::move(found.error()));
  std::vector<corrected_ticket> out;
  for (int row = 0; row < found->size(); ++row) {
    corrected_ticket t{found->text(row, 0), found->text(row, 1),      found->text(row, 2),   {},
                       found->text(row, 4), domain::priority::medium, found->boolean(row, 6)};
    if (auto hours = found->float4(row, 3); hours == hours) t.hours_to_wedding = hours;
    t.priority = domain::parse_priority(found->text(row, 5)).value_or(domain::priority::medium);
    out.push_back(std::move(t));
  }
  return out;
}

}  // namespace

sql_result<std::vector<corrected_ticket>> read_corrections(const std::string& conninfo) {
  return ask(target_of(conninfo, reader_role));
}

sql_result<std::vector<corrected_ticket>> read_corrections(const std::filesystem::path& data_directory) {
  if (auto running = embedded_postgres::running(data_directory, login_role))
    return ask(target_of(*running, reader_role));
  embedded_postgres server({.directory = data_directory});
  server.start();
  return ask(target_of(server.conninfo(login_role), reader_role));
}

}  // namespace usher::store
