// `usher doctor`: one line for each thing, exit 1 when one fails (contract, section 1).
#include <fstream>
#include <map>
#include <sstream>

#include "tests/integration/http_checks.hpp"
#include "tests/support/pg_cluster.hpp"
#include "tests/support/poll.hpp"

using namespace usher::test;
namespace fs = std::filesystem;

namespace {

struct report {
  int code = -1;
  std::map<std::string, std::string> lines;  ///< the word in front, by the name
};

report doctor(std::vector<std::string> arguments) {
  std::vector<std::string> command{USHER_BINARY, "doctor"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const auto done = run(command);
  CAPTURE(done.out, done.err);
  CHECK(done.err.empty());
  report out{done.code, {}};
  std::istringstream text(done.out);
  for (std::string line; std::getline(text, line);) {
    const auto space = line.find(' ');
    const auto colon = line.find(": ");
    REQUIRE(space != std::string::npos);
    REQUIRE(colon != std::string::npos);
    CHECK(colon + 2 < line.size());
    out.lines[line.substr(space + 1, colon - space - 1)] = line.substr(0, space);
  }
  return out;
}

const std::map<std::string, std::string> all_well{{"database", "ok"},    {"migrations", "ok"},
                                                  {"clock", "ok"},       {"disk", "ok"},
                                                  {"signing key", "ok"}, {"outgoing channels", "ok"}};

}  // namespace

TEST_CASE("doctor: a desk that runs, and one that does not") {
  desk d;
  const auto data = d.server.data().string();
  auto found = doctor({"--data", data});
  CHECK(found.lines == all_well);
  CHECK(found.code == 0);
  auto customer = d.customer();
  CHECK(create(customer, "Still served").text("/subject") == "Still served");
  REQUIRE(d.server.stop() == 0);
  found = doctor({"--data", data});
  CHECK(found.lines == all_well);
  CHECK(found.code == 0);
  CHECK_FALSE(d.server.postmaster());
  // What the doctor has started and stopped is nobody's obstacle.
  d.server.start();
}

TEST_CASE("doctor: whatever is not well is said, and the exit is 1") {
  temp_dir dir;
  const auto data = dir.path() / "data";
  auto found = doctor({"--data", data.string()});
  CHECK(found.code == 1);
  CHECK(found.lines["database"] == "FAIL");
  CHECK(found.lines["signing key"] == "FAIL");
  CHECK_FALSE(fs::exists(data));

  fs::create_directories(data);
  REQUIRE(run({USHER_BINARY, "token", "--role", "admin", "--data", data.string()}).code == 0);
  CHECK(doctor({"--data", data.string()}).lines["signing key"] == "ok");
  fs::permissions(data / "jwt.key", fs::perms::group_read, fs::perm_options::add);
  CHECK(doctor({"--data", data.string()}).lines["signing key"] == "FAIL");
  CHECK(doctor({"--data", data.string(), "--jwt-key", "/dev/null"}).lines["signing key"] == "FAIL");
}

TEST_CASE("doctor: a database outside, before and after its migrations") {
  pg_cluster outside;
  temp_dir dir;
  const auto data = (dir.path() / "data").string();
  const auto where = outside.connection_string();
  REQUIRE(run({USHER_BINARY, "token", "--role", "admin", "--data", data}).code == 0);
  auto found = doctor({"--database", where, "--data", data});
  CHECK(found.code == 1);
  CHECK(found.lines["database"] == "ok");
  CHECK(found.lines["migrations"] == "FAIL");
  REQUIRE(run({USHER_BINARY, "migrate", "--database", where}).code == 0);
  found = doctor({"--database", where, "--data", data});
  CHECK(found.lines == all_well);
  CHECK(found.code == 0);
  // As the server reads its settings: the environment counts.
  CHECK(run({"env", "USHER_DATABASE=" + where, "USHER_DATA=" + data, USHER_BINARY, "doctor"}).code == 0);
  outside.stop();
  found = doctor({"--database", where, "--data", data});
  CHECK(found.code == 1);
  CHECK(found.lines["database"] == "FAIL");
  CHECK(found.lines.count("migrations") == 0);
}

TEST_CASE("doctor: its help is complete") {
  const auto help = run({USHER_BINARY, "doctor", "--help"});
  CHECK(help.code == 0);
  for (const auto* word : {"--database", "--data", "--jwt-key", "--config", "USHER_DATABASE", "FAIL", "Exits 1"})
    CHECK(help.out.find(word) != std::string::npos);
}

TEST_CASE("doctor: the audit trail's chains, and a checkpoint that shows what was cut off") {
  desk d;
  const auto data = d.server.data().string();
  auto customer = d.customer();
  for (int i = 0; i < 5; ++i) CHECK(create(customer, "Entry " + std::to_string(i)).text("/status") == "open");
  const auto sealed = [&] {
    return d.database()->count(
               "SELECT count(*) FROM usher.audit_log a WHERE NOT EXISTS (SELECT FROM usher.audit_links l "
               "WHERE l.organization_id = a.organization_id AND a.id = ANY (l.entries))") == 0;
  };
  REQUIRE(wait_until(sealed, 20s));
  const auto kept = run({USHER_BINARY, "checkpoint", "--data", data});
  REQUIRE(kept.code == 0);
  const auto checkpoint = (d.server.data().parent_path() / "checkpoint.json").string();
  std::ofstream(checkpoint) << kept.out;

  auto found = doctor({"--data", data, "--audit", "--checkpoint", checkpoint});
  CHECK(found.lines["audit trail"] == "ok");
  CHECK(found.code == 0);

  auto forged = kept.out;
  forged.replace(forged.find("\"seq\":") + 6, 1, "9");
  std::ofstream(checkpoint + ".forged") << forged;
  CHECK(doctor({"--data", data, "--audit", "--checkpoint", checkpoint + ".forged"}).lines["audit trail"] == "FAIL");

  d.database()->rows("DELETE FROM usher.audit_log WHERE id IN (SELECT unnest(entries) FROM usher.audit_links)");
  d.database()->rows("DELETE FROM usher.audit_links");
  CHECK(doctor({"--data", data, "--audit"}).lines["audit trail"] == "ok");
  found = doctor({"--data", data, "--audit", "--checkpoint", checkpoint});
  CHECK(found.lines["audit trail"] == "FAIL");
  CHECK(found.code == 1);
}
