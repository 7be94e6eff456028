// Backups: taken under load, proven, interrupted, damaged, restored.
#include <atomic>
#include <fstream>
#include <set>
#include <thread>

#include "tests/integration/http_checks.hpp"
#include "tests/support/poll.hpp"

using namespace usher::test;
namespace fs = std::filesystem;

namespace {

finished run_usher(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), USHER_BINARY);
  return run(std::move(arguments), 300s);
}

std::vector<fs::path> backups_in(const fs::path& directory) {
  std::set<fs::path> found;
  for (const auto& entry : fs::directory_iterator(directory))
    if (entry.path().filename().string().starts_with("usher-")) found.insert(entry.path());
  return {found.begin(), found.end()};
}

bool has_draft(const fs::path& directory) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(directory, none))
    if (entry.path().filename().string().starts_with(".partial-")) return true;
  return false;
}

void flip_a_byte(const fs::path& file) {
  std::fstream at(file, std::ios::in | std::ios::out | std::ios::binary);
  at.seekg(static_cast<std::streamoff>(fs::file_size(file) / 2));
  const char was = static_cast<char>(at.get());
  at.seekp(static_cast<std::streamoff>(fs::file_size(file) / 2));
  at.put(static_cast<char>(was ^ 1));
}

}  // namespace

TEST_CASE("backup: under load, killed in the middle, restored with all that was acknowledged, refused when damaged") {
  desk d;
  const auto data = d.server.data();
  temp_dir dir;
  const auto out = dir.path() / "kept";
  std::set<std::string> acknowledged;
  auto customer = d.customer();
  for (int i = 0; i < 30; ++i) acknowledged.insert(create(customer, "Before " + std::to_string(i)).text("/id"));
  std::atomic<bool> enough{false};
  std::thread load([&] {
    auto other = d.customer(org_b);
    while (!enough) (void)other.try_ask("POST", tickets_path, R"({"subject":"Meanwhile","body":"Load."})");
  });
  {
    child_process killed({USHER_BINARY, "backup", "--data", data.string(), "--out", out.string()}, dir.path() / "out",
                         dir.path() / "err");
    CHECK(wait_until([&] { return has_draft(out); }, 120s, 1ms));
    killed.kill_and_wait();
  }
  CHECK(backups_in(out).empty());
  const auto done = run_usher({"backup", "--data", data.string(), "--out", out.string()});
  enough = true;
  load.join();
  CAPTURE(done.out, done.err);
  REQUIRE(done.code == 0);
  CHECK(done.out.find("restored and compared") != std::string::npos);
  CHECK_FALSE(has_draft(out));
  const auto kept = backups_in(out);
  REQUIRE(kept.size() == 1);
  for (const auto* name : {"jwt.key", "database.dump"})
    CHECK((fs::status(kept.front() / name).permissions() & (fs::perms::group_all | fs::perms::others_all)) ==
          fs::perms::none);

  const auto fresh = dir.path() / "fresh";
  const auto restored = run_usher({"restore", kept.front().string(), "--data", fresh.string()});
  CAPTURE(restored.err);
  REQUIRE(restored.code == 0);
  CHECK(run_usher({"doctor", "--data", fresh.string()}).code == 0);
  server_process again(fresh);
  again.start();
  person reader(again.where(), d.token("admin", "a", ""));
  for (const auto& id : acknowledged) CHECK(reader.get(path_of(id)).status == 200);
  REQUIRE(again.stop() == 0);

  // Nothing is ever written over.
  CHECK(run_usher({"restore", kept.front().string(), "--data", fresh.string()}).code == 1);
  for (const auto* name : {"database.dump", "manifest.json", "manifest.sha256", "jwt.key"}) {
    CAPTURE(name);
    const auto copy = dir.path() / "copy";
    fs::remove_all(copy);
    fs::copy(kept.front(), copy);
    flip_a_byte(copy / name);
    const auto refused = run_usher({"restore", copy.string(), "--data", (dir.path() / "damaged").string()});
    CHECK(refused.code == 1);
    CHECK(refused.err.find("damaged") != std::string::npos);
    CHECK_FALSE(fs::exists(dir.path() / "damaged"));
  }
}

TEST_CASE("backup: what is older than it is kept goes, and never the newest") {
  desk d;
  REQUIRE(d.server.stop() == 0);
  temp_dir dir;
  const std::vector<std::string> command{"backup", "--data", d.server.data().string(), "--out", dir.path().string()};
  REQUIRE(run_usher(command).code == 0);
  const auto first = backups_in(dir.path());
  REQUIRE(first.size() == 1);
  const auto old = dir.path() / "usher-2020-01-04T000000.000Z";
  const auto foreign = dir.path() / "usher-of-somebody";
  fs::copy(first.front(), old);
  fs::create_directory(foreign);
  const auto done = run_usher(command);
  REQUIRE(done.code == 0);
  CHECK(done.out.find("1 older ones deleted") != std::string::npos);
  CHECK_FALSE(fs::exists(old));
  CHECK(fs::exists(foreign));
  CHECK(fs::exists(first.front()));
  CHECK(backups_in(dir.path()).size() == 3);
  CHECK(run_usher({"backup", "--data", (dir.path() / "none").string(), "--out", dir.path().string()}).code == 1);
  CHECK(run_usher({"backup", "--keep", "soon"}).code == 2);
}

TEST_CASE("backup: a PostgreSQL outside goes back to a moment, as its page says") {
  const fs::path programs = "/usr/lib/postgresql/15/bin";
  if (!fs::exists(programs / "pg_basebackup")) SKIP("PostgreSQL 15 is not where Debian has it");
  temp_dir dir;
  const auto done = run(
      {"bash", USHER_SOURCE_TREE "/tests/integration/point_in_time.sh", programs.string(), dir.path().string()}, 400s);
  CAPTURE(done.err);
  CHECK(done.code == 0);
  // What was committed after the moment is not there; everything before it is.
  CHECK(done.out == "after the base backup\nbefore the base backup\n");
}
