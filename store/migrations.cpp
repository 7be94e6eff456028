#include "store/migrations.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <map>
#include <thread>

#include "metrics/log/log.hpp"

namespace usher::store {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t lock_key = 0x7573686572'6d6967;  // any number, the same in every Usher
constexpr auto statement_max = 10min;                   // an index over many tickets takes its time
constexpr auto lock_max = 60s;

steady_time in(std::chrono::milliseconds limit) { return std::chrono::steady_clock::now() + limit; }

rows must(sql_result<rows> answer, const std::string& what) {
  if (answer) return std::move(*answer);
  if (answer.error().lost) throw unavailable_error(answer.error());
  throw migration_error(what + ": " + answer.error().message + " (SQLSTATE " + answer.error().sqlstate + ")");
}

void lock(connection& with) {
  parameters key;
  key.int8(lock_key);
  auto deadline = in(lock_max);
  while (true) {
    auto got = must(with.query("SELECT pg_try_advisory_lock($1)", key, in(10s)), "the migrations' lock");
    if (got.boolean(0, 0)) return;
    if (std::chrono::steady_clock::now() >= deadline)
      throw migration_error("another program is migrating this database and doesn't come to an end");
    std::this_thread::sleep_for(50ms);
  }
}

struct applied_migration {
  std::string name;
  std::string checksum;
};

std::map<int, applied_migration> read_applied(connection& with) {
  std::map<int, applied_migration> applied;
  auto there = must(with.query("SELECT to_regclass('usher.schema_migrations') IS NOT NULL", {}, in(10s)), "the schema");
  if (!there.boolean(0, 0)) return applied;
  auto all = must(with.query("SELECT version, name, checksum FROM usher.schema_migrations", {}, in(10s)), "the schema");
  for (int row = 0; row < all.size(); ++row) applied[all.int4(row, 0)] = {all.text(row, 1), all.text(row, 2)};
  return applied;
}

void check_applied(const std::map<int, applied_migration>& applied, std::span<const migration> all) {
  std::map<int, const migration*> known;
  for (const auto& each : all) known[each.version] = &each;
  for (const auto& [version, done] : applied) {
    auto found = known.find(version);
    auto number = std::to_string(version);
    if (found == known.end())
      throw migration_error("the database has migration " + number + " (" + done.name +
                            "), which this program doesn't know: it is too old for this database");
    if (checksum(found->second->sql) != done.checksum)
      throw migration_error("migration " + number + " (" + done.name +
                            ") was applied with another text than this program has; a migration never changes");
  }
}

// The first migration makes the owner and takes its role by itself.
void apply(connection& with, const migration& next, bool first) {
  auto number = std::to_string(next.version);
  must(with.script(first ? "BEGIN" : "BEGIN; SET LOCAL ROLE usher_owner", in(10s)), "migration " + number);
  must(with.script(std::string(next.sql), in(statement_max)),
       "migration " + number + " (" + std::string(next.name) + ")");
  parameters row;
  row.int4(next.version).text(next.name).text(checksum(next.sql));
  must(with.query("INSERT INTO usher.schema_migrations (version, name, checksum) VALUES ($1, $2, $3)", row, in(10s)),
       "migration " + number);
  auto done = must(with.script("COMMIT", in(statement_max)), "migration " + number);
  if (done.tag() != "COMMIT") throw migration_error("migration " + number + " was rolled back");
  log::info("applied a migration", {{"version", next.version}, {"name", next.name}});
}

}  // namespace

std::string checksum(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 is not available");
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out += digits[digest[i] >> 4U];
    out += digits[digest[i] & 0xFU];
  }
  return out;
}

int missing_migrations(connection& with, std::span<const migration> all) {
  const auto applied = read_applied(with);
  check_applied(applied, all);
  return static_cast<int>(
      std::ranges::count_if(all, [&](const migration& each) { return !applied.contains(each.version); }));
}

migration_report migrate(connection& with, std::span<const migration> all) {
  lock(with);
  auto applied = read_applied(with);
  check_applied(applied, all);
  migration_report report;
  for (const auto& next : all) {
    report.version = next.version;
    if (applied.contains(next.version)) continue;
    apply(with, next, applied.empty() && report.applied == 0);
    ++report.applied;
  }
  parameters key;
  key.int8(lock_key);
  must(with.query("SELECT pg_advisory_unlock($1)", key, in(10s)), "the migrations' lock");
  return report;
}

migration_report migrate(const connect_target& target, std::span<const migration> all) {
  auto opened = connection::open(target, in(30s));
  if (!opened) throw unavailable_error(opened.error());
  return migrate(*opened, all);
}

}  // namespace usher::store
