#include "store/backup.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "metrics/log/log.hpp"
#include "store/child_process.hpp"
#include "store/cluster_files.hpp"
#include "store/embedded_postgres.hpp"
#include "store/examination.hpp"
#include "store/migrations.hpp"

namespace usher::store {

namespace fs = std::filesystem;

namespace {

using namespace std::chrono_literals;

constexpr auto answer_max = 6h;  // a table of many millions of rows is read as a whole
constexpr std::string_view draft_prefix = ".partial-";

steady_time deadline() { return std::chrono::steady_clock::now() + answer_max; }

rows must(sql_result<rows> answer, const std::string& what) {
  if (answer) return std::move(*answer);
  throw backup_error(what + ": " + answer.error().message);
}

connection open(const std::string& conninfo) {
  auto opened = connection::open({conninfo, {}}, std::chrono::steady_clock::now() + 30s);
  if (!opened) throw unavailable_error(opened.error());
  return std::move(*opened);
}

void run(std::vector<std::string> arguments) {
  const auto name = fs::path(arguments.front()).filename().string();
  auto answer = run_child({std::move(arguments), {}, -1, "/", SIGKILL});
  if (answer.code != 0) throw backup_error(name + " failed with " + std::to_string(answer.code) + ": " + answer.output);
}

std::string program(const std::string& name, int major) { return (find_programs(major).directory / name).string(); }

/// One backup at a time in a directory: what lies there unfinished is nobody's.
class out_lock {
 public:
  explicit out_lock(const fs::path& directory) {
    fs::create_directories(directory);
    const auto path = directory / ".usher-backup.lock";
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0) throw backup_error(path.string() + " can't be opened");
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
      ::close(file_);
      throw backup_error("another backup is being made in " + directory.string());
    }
    for (const auto& entry : fs::directory_iterator(directory))
      if (entry.path().filename().string().starts_with(draft_prefix)) fs::remove_all(entry.path());
  }
  ~out_lock() { ::close(file_); }
  out_lock(const out_lock&) = delete;
  out_lock& operator=(const out_lock&) = delete;

 private:
  int file_ = -1;
};

/// A directory that is gone with its scope.
class scratch_directory {
 public:
  scratch_directory() {
    std::string pattern = (fs::temp_directory_path() / "usher-verify-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw backup_error("no directory can be made in " + pattern);
    path_ = pattern;
  }
  ~scratch_directory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string quoted(const std::string& name) {
  std::string out = "\"";
  for (char c : name) out.append(c == '"' ? 2 : 1, c);
  return out + "\"";
}

/// Loads a dump into the empty database of an embedded server and compares every table.
void load_and_compare(const embedded_postgres& server, const fs::path& dump, const backup_manifest& what) {
  const auto where = server.conninfo("postgres");
  auto with = open(where);
  for (const auto& role : what.roles)
    must(with.script("CREATE ROLE " + quoted(role.name) + (role.logs_in ? " LOGIN" : " NOLOGIN") +
                         (role.inherits ? " INHERIT" : " NOINHERIT") +
                         " NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS",
                     deadline()),
         "the role " + role.name);
  for (const auto& role : what.roles)
    for (const auto& other : role.member_of)
      must(with.script("GRANT " + quoted(other) + " TO " + quoted(role.name), deadline()), "the role " + role.name);
  const auto major =
      must(with.query("SELECT current_setting('server_version_num')::int4 / 10000", {}, deadline()), "the version")
          .int4(0, 0);
  must(with.script("GRANT CREATE ON DATABASE usher TO usher_owner", deadline()), "the database");
  run({program("pg_restore", major), "--dbname=" + where, "--exit-on-error", "--single-transaction", dump.string()});
  const auto restored = sum_tables(with);
  if (restored == what.tables) return;
  for (const auto& each : what.tables)
    if (std::ranges::find(restored, each) == restored.end())
      throw backup_error("the table " + each.table + " is not restored as it was");
  throw backup_error("there are tables that the backup does not know of");
}

void copy_keys(const fs::path& from, const fs::path& to) {
  for (const auto name : key_names) {
    if (!fs::exists(from / name)) continue;
    fs::copy_file(from / name, to / name);
    fs::permissions(to / name, fs::perms::owner_read | fs::perms::owner_write);
  }
}

/// Dumps and sums up as of one snapshot, which the transaction of `with` holds.
backup_manifest dump(connection& with, const backup_request& request, const std::string& conninfo,
                     const fs::path& into) {
  backup_manifest out;
  out.usher_version = request.usher_version;
  out.taken_at = request.now;
  must(with.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", deadline()), "a snapshot");
  auto about = must(with.query("SELECT pg_export_snapshot(), current_setting('server_version'), "
                               "current_setting('server_version_num')::int4 / 10000, "
                               "(SELECT max(version) FROM usher.schema_migrations)::int4",
                               {}, deadline()),
                    "the database is no desk's");
  out.postgres_version = about.text(0, 1);
  out.schema = about.int4(0, 3);
  run({program("pg_dump", about.int4(0, 2)), "--dbname=" + conninfo, "--snapshot=" + about.text(0, 0),
       "--format=custom", "--compress=3", "--file=" + (into / dump_name).string()});
  fs::permissions(into / dump_name, fs::perms::owner_read | fs::perms::owner_write);
  out.tables = sum_tables(with);
  auto roles = must(with.query("SELECT r.rolname::text, r.rolcanlogin, r.rolinherit, coalesce((SELECT "
                               "string_agg(o.rolname, ',' ORDER BY o.rolname) FROM pg_auth_members m JOIN pg_roles o "
                               "ON o.oid = m.roleid WHERE m.member = r.oid AND o.rolname LIKE 'usher\\_%'), '') FROM "
                               "pg_roles r WHERE r.rolname LIKE 'usher\\_%' ORDER BY r.rolname",
                               {}, deadline()),
                    "the roles");
  for (int row = 0; row < roles.size(); ++row) {
    auto& role = out.roles.emplace_back(backup_role{roles.text(row, 0), roles.boolean(row, 1), roles.boolean(row, 2)});
    std::istringstream others(roles.text(row, 3));
    for (std::string other; std::getline(others, other, ',');) role.member_of.push_back(other);
  }
  must(with.script("ROLLBACK", deadline()), "the snapshot");
  return out;
}

}  // namespace

std::vector<table_sum> sum_tables(connection& with) {
  // Texts of values must not depend on whose session it is.
  must(with.script(
           "SET timezone = 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = 'postgres'; "
           "SET extra_float_digits = 1; SET bytea_output = 'hex'; SET search_path = pg_catalog; SET row_security = off",
           deadline()),
       "the session");
  auto names = must(with.query("SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                               "WHERE n.nspname = 'usher' AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
                               "ORDER BY c.relname COLLATE \"C\"",
                               {}, deadline()),
                    "the tables");
  std::vector<table_sum> out;
  for (int row = 0; row < names.size(); ++row) {
    const auto name = names.text(row, 0);
    auto sum = must(with.query("SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM "
                               "usher." +
                                   quoted(name) + " t",
                               {}, deadline()),
                    "the table " + name);
    out.push_back({name, sum.int8(0, 0), sum.text(0, 1)});
  }
  return out;
}

backup_report make_backup(const backup_request& request) {
  const out_lock only_one(request.out);
  std::optional<embedded_postgres> server;
  auto conninfo = request.conninfo;
  if (conninfo.empty()) {
    if (!fs::exists(request.data / "postgres" / "PG_VERSION"))
      throw backup_error("there is no database in " + request.data.string());
    if (auto running = embedded_postgres::running(request.data, "postgres")) {
      conninfo = *running;
    } else {
      server.emplace(embedded_postgres::settings{.directory = request.data});
      server->start();
      conninfo = server->conninfo("postgres");
    }
  }
  auto with = open(conninfo);
  const auto size = static_cast<std::uint64_t>(
      must(with.query("SELECT pg_database_size(current_database())", {}, deadline()), "the database's size")
          .int8(0, 0));
  const scratch_directory scratch;
  need_space(request.out, size);
  need_space(scratch.path(), size);

  const auto name = backup_name(request.now);
  const auto draft = request.out / (std::string(draft_prefix) + name);
  fs::create_directory(draft);
  fs::permissions(draft, fs::perms::owner_all);
  auto manifest = dump(with, request, conninfo, draft);
  if (request.conninfo.empty()) copy_keys(request.data, draft);
  write_manifest(draft, manifest);
  {
    embedded_postgres proof(embedded_postgres::settings{.directory = scratch.path()});
    proof.start();
    load_and_compare(proof, draft / dump_name, check_backup(draft));
    for (const auto& found : examine_database(connect_target{proof.conninfo("postgres"), {}}))
      if (!found.well && found.name != "migrations") throw backup_error(found.name + ": " + found.words);
  }
  backup_report out;
  out.path = request.out / name;
  fs::rename(draft, out.path);
  sync_to_disk(request.out);
  for (const auto& table : manifest.tables) out.rows += table.rows;
  out.tables = static_cast<int>(manifest.tables.size());
  out.bytes = fs::file_size(out.path / dump_name);
  out.rotated = rotate_backups(request.out, request.now, request.keep);
  return out;
}

backup_manifest restore_backup(const fs::path& backup, const fs::path& data) {
  const auto what = check_backup(backup);
  auto target = fs::absolute(data).lexically_normal();
  if (target.filename().empty()) target = target.parent_path();
  if (fs::exists(target) && (!fs::is_directory(target) || !fs::is_empty(target)))
    throw backup_error(target.string() + " is not empty; a restore never writes over anything");
  fs::create_directories(target.parent_path());
  const auto draft = target.parent_path() / ("." + target.filename().string() + ".restoring");
  if (is_in_use(draft)) throw backup_error("another restore into " + target.string() + " is at work");
  fs::remove_all(draft);
  {
    embedded_postgres server(embedded_postgres::settings{.directory = draft});
    server.start();
    load_and_compare(server, fs::absolute(backup) / dump_name, what);
  }
  copy_keys(backup, draft);
  fs::remove(target);
  fs::rename(draft, target);
  sync_to_disk(target.parent_path());
  return what;
}

}  // namespace usher::store
