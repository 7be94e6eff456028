#include "store/examination.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "store/embedded_postgres.hpp"

namespace usher::store {

namespace {

using namespace std::chrono_literals;

constexpr auto answer_max = 5s;
constexpr int oldest_version = 150'000;

steady_time deadline() { return std::chrono::steady_clock::now() + answer_max; }

/// libpq's messages have several lines.
std::string one_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  std::ranges::replace(text, '\n', ' ');
  return text;
}

std::string no_answer(const sql_error& why) { return "does not answer as it should: " + one_line(why.message); }

/// What makes the database unfit to keep what is acknowledged, or to keep customers apart; as the writer lanes and the
/// readers ask it of their own connections.
constexpr auto unfit_sql =
    "SELECT name || ' is ' || setting FROM pg_settings"
    " WHERE (name IN ('fsync', 'full_page_writes') AND setting <> 'on')"
    " OR (name = 'synchronous_commit' AND setting IN ('off', 'local'))"
    " UNION ALL SELECT 'the role ' || rolname || ' bypasses row-level security' FROM pg_roles"
    " WHERE rolname IN ('usher_writer', 'usher_reader', 'usher_staff_reader', 'usher_courier', 'usher_eraser') AND "
    "(rolsuper OR "
    "rolbypassrls)";

finding examine_server(connection& with) {
  auto version = with.query("SELECT current_setting('server_version_num')::int4, current_setting('server_version')", {},
                            deadline());
  if (!version) return {"database", false, no_answer(version.error())};
  const auto name = "PostgreSQL " + version->text(0, 1);
  if (version->int4(0, 0) < oldest_version) return {"database", false, name + " is older than 15"};
  auto unfit = with.query(unfit_sql, {}, deadline());
  if (!unfit) return {"database", false, no_answer(unfit.error())};
  std::string faults;
  for (int row = 0; row < unfit->size(); ++row) faults += (row == 0 ? "" : ", ") + unfit->text(row, 0);
  if (!faults.empty()) return {"database", false, name + ", where " + faults};
  return {"database", true, name + ", reachable; fsync, full_page_writes and synchronous_commit are on"};
}

finding examine_schema(connection& with, std::span<const migration> all) {
  try {
    const auto missing = missing_migrations(with, all);
    const auto count = std::to_string(all.size());
    if (missing == 0) return {"migrations", true, "all " + count + " are applied and unchanged"};
    return {"migrations", false, std::to_string(missing) + " of " + count + " are missing; run `usher migrate`"};
  } catch (const std::exception& why) {
    return {"migrations", false, one_line(why.what())};
  }
}

/// Due times are instants of the server's clock, and of the database's in its own functions: they have to agree.
finding examine_clock(connection& with) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  const auto before = std::chrono::system_clock::now();
  auto answer = with.query("SELECT clock_timestamp()", {}, deadline());
  const auto after = std::chrono::system_clock::now();
  if (!answer) return {"clock", false, "the database does not tell its time: " + one_line(answer.error().message)};
  const auto asked = duration_cast<milliseconds>(after - before);
  const auto skew = answer->at(0, 0) - std::chrono::time_point_cast<milliseconds>(before + (after - before) / 2);
  const auto apart = std::to_string(std::abs(skew.count())) + " ms apart from the database's";
  return {"clock", milliseconds(std::abs(skew.count())) <= clock_skew_max + asked, apart};
}

std::vector<finding> unreachable(const std::string& why) { return {{"database", false, one_line(why)}}; }

}  // namespace

std::vector<finding> examine_database(const connect_target& target, std::span<const migration> all) {
  auto opened = connection::open(target, deadline());
  if (!opened) return unreachable("can't be reached: " + opened.error().message);
  std::vector<finding> out{examine_server(*opened)};
  // A failed question ends a connection; the next finding would only say so again.
  if (opened->is_open()) out.push_back(examine_schema(*opened, all));
  if (opened->is_open()) out.push_back(examine_clock(*opened));
  return out;
}

std::vector<finding> examine_database(const std::filesystem::path& data_directory) {
  if (!std::filesystem::exists(data_directory / "postgres" / "PG_VERSION"))
    return unreachable("there is none in " + data_directory.string() +
                       " yet; `usher serve` and `usher migrate` make one");
  if (const auto running = embedded_postgres::running(data_directory, "postgres"))
    return examine_database(connect_target{*running, {}});
  try {
    embedded_postgres server({.directory = data_directory});
    server.start();
    return examine_database(connect_target{server.conninfo("postgres"), {}});
  } catch (const std::exception& why) {
    return unreachable(why.what());
  }
}

}  // namespace usher::store
