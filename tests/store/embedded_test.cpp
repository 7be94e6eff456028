// The embedded server's life: made, stopped, killed, found again.
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fstream>
#include <thread>

#include "fixture.hpp"
#include "store/cluster_files.hpp"

using namespace usher;
using namespace usher::test;
using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

namespace {

store::sql_result<store::rows> ask(const store::embedded_postgres& server, const std::string& sql) {
  auto opened = store::connection::open({server.conninfo("postgres"), {}}, soon());
  if (!opened) return std::unexpected(opened.error());
  return opened->query(sql, {}, soon());
}

std::string why_not(const fs::path& directory) {
  store::embedded_postgres server({.directory = directory});
  try {
    server.start();
  } catch (const std::runtime_error& why) {
    return why.what();
  }
  return "it started";
}

bool is_gone(pid_t pid) { return ::kill(pid, 0) != 0; }

}  // namespace

TEST_CASE("store: the embedded server is made from nothing, stopped, and keeps its data", "[store][embedded]") {
  scratch_directory directory;
  pid_t pid = 0;
  {
    store::embedded_postgres server({.directory = directory.path()});
    server.start();
    pid = server.pid();
    CHECK(pid > 0);
    CHECK(fs::exists(directory.path() / "postgres" / "postmaster.pid"));
    REQUIRE(ask(server, "CREATE TABLE kept (n int)"));
    auto settings = ask(server,
                        "SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings WHERE name IN "
                        "('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums', 'listen_addresses', "
                        "'server_encoding', 'lc_collate', 'TimeZone', 'jit')");
    CHECK(settings.value().text(0, 0) ==
          "TimeZone=UTC data_checksums=on fsync=on full_page_writes=on jit=off lc_collate=C.UTF-8 listen_addresses= "
          "server_encoding=UTF8 synchronous_commit=on");
    struct stat info {};
    REQUIRE(::stat((directory.path() / "run").c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0700);
    server.stop();
    CHECK(server.pid() == 0);
  }
  CHECK(is_gone(pid));
  CHECK_FALSE(fs::exists(directory.path() / "postgres" / "postmaster.pid"));
  store::embedded_postgres again({.directory = directory.path()});
  again.start();
  CHECK(ask(again, "SELECT count(*) FROM kept").has_value());
}

TEST_CASE("store: a server that is killed is back within ten seconds, with what it had committed",
          "[store][embedded]") {
  scratch_server pg;
  pg.ask("CREATE TABLE kept AS SELECT 1 AS n");
  for (bool with_backends : {false, true}) {
    auto idle = store::connection::open(pg.as("postgres"), soon());
    REQUIRE(idle);
    pid_t killed = pg.server().pid();
    if (with_backends) ::kill(idle->backend_pid(), SIGKILL);
    ::kill(killed, SIGKILL);
    CHECK(eventually(
        [&] { return pg.server().pid() != killed && ask(pg.server(), "SELECT count(*) FROM kept").has_value(); }, 10s));
  }
}

TEST_CASE("store: a second Usher on the same directory is refused", "[store][embedded]") {
  scratch_directory directory;
  place_cluster(directory.path());
  store::embedded_postgres first({.directory = directory.path()});
  first.start();
  CHECK_THAT(why_not(directory.path()),
             ContainsSubstring("another Usher") && ContainsSubstring(directory.path().string()));
  CHECK(ask(first, "SELECT 1").has_value());
}

TEST_CASE("store: data of another major version are left alone, with words", "[store][embedded]") {
  scratch_directory directory;
  place_cluster(directory.path());
  std::ofstream(directory.path() / "postgres" / "PG_VERSION") << "13\n";
  CHECK_THAT(why_not(directory.path()), ContainsSubstring("PostgreSQL 13's") && ContainsSubstring("pg_upgrade"));
}

TEST_CASE("store: a stale postmaster.pid doesn't stop the start", "[store][embedded]") {
  scratch_directory directory;
  place_cluster(directory.path());
  auto file = directory.path() / "postgres" / "postmaster.pid";
  auto write = [&](pid_t pid) {
    std::ofstream(file) << pid << "\n" << (directory.path() / "postgres").string() << "\n1\n5432\n\n\n0 0\n";
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    if (auto user = store::find_identity("postgres"); user && ::geteuid() == 0)
      REQUIRE(::chown(file.c_str(), user->user, user->group) == 0);
  };
  SECTION("its process is another program, which is left alone") {
    pid_t other = store::spawn({{"/bin/sleep", "60"}, {}, -1, "/", SIGKILL});
    write(other);
    CHECK(why_not(directory.path()) == "it started");
    CHECK_FALSE(is_gone(other));
    ::kill(other, SIGKILL);
    store::wait_for(other);
  }
  SECTION("its process is a zombie") {
    pid_t other = store::spawn({{"/bin/true"}, {}, -1, "/", 0});
    siginfo_t info;
    REQUIRE(::waitid(P_PID, static_cast<id_t>(other), &info, WEXITED | WNOWAIT) == 0);
    write(other);
    CHECK(why_not(directory.path()) == "it started");
    store::wait_for(other);
  }
  SECTION("its process is gone") {
    pid_t other = store::spawn({{"/bin/true"}, {}, -1, "/", 0});
    store::wait_for(other);
    write(other);
    CHECK(why_not(directory.path()) == "it started");
  }
}

TEST_CASE("store: a server that has outlived its Usher is stopped, and its data are taken over", "[store][embedded]") {
  scratch_directory directory;
  place_cluster(directory.path());
  // Settings first, so that a bare server can be started on the directory.
  CHECK(why_not(directory.path()) == "it started");
  auto programs = store::find_programs(std::nullopt).directory.string();
  auto user = ::geteuid() == 0 ? store::find_identity("postgres") : std::nullopt;
  auto data = (directory.path() / "postgres").string();
  pid_t orphan = store::spawn({{programs + "/postgres", "-D", data}, user, -1, "/", SIGKILL});
  REQUIRE(eventually([&] { return fs::exists(directory.path() / "run" / ".s.PGSQL.5432"); }));
  std::jthread reaper([&] { store::wait_for(orphan); });
  CHECK(why_not(directory.path()) == "it started");
  reaper.join();
  CHECK(is_gone(orphan));
}

TEST_CASE("store: a start that was killed half-way through initdb leaves nothing in the way", "[store][embedded]") {
  scratch_directory directory;
  fs::create_directories(directory.path() / "postgres.new" / "base");
  std::ofstream(directory.path() / "postgres.new" / "PG_VERSION") << "15\n";
  CHECK(why_not(directory.path()) == "it started");
  CHECK_FALSE(fs::exists(directory.path() / "postgres.new"));
}

TEST_CASE("store: a directory with a long path gets its socket elsewhere, and takes it away", "[store][embedded]") {
  scratch_directory directory;
  auto deep = directory.path() / std::string(90, 'd');
  fs::create_directories(deep);
  place_cluster(deep);
  fs::path sockets;
  {
    store::embedded_postgres server({.directory = deep});
    server.start();
    CHECK(ask(server, "SELECT 1").has_value());
    sockets = ask(server, "SHOW unix_socket_directories").value().text(0, 0);
    CHECK(fs::exists(sockets));
    CHECK(sockets.string().size() < 60);
  }
  CHECK_FALSE(fs::exists(sockets));
}

TEST_CASE("store: a directory that is closed to the server's user is named", "[store][embedded]") {
  if (::geteuid() != 0) SKIP("only root runs the server as somebody else");
  scratch_directory directory;
  auto closed = directory.path() / "closed";
  fs::create_directories(closed / "data");
  fs::permissions(directory.path(), fs::perms::others_exec, fs::perm_options::add);
  fs::permissions(closed, fs::perms::owner_all);
  CHECK_THAT(why_not(closed / "data"), ContainsSubstring("may not enter " + closed.string() + ";"));
}
