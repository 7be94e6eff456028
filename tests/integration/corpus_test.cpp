// The project's command posts a whole inbox; what it says it did is compared with the API and with the database.
#include <fstream>
#include <map>

#include <catch2/catch_test_macros.hpp>

#include "tests/support/child_process.hpp"
#include "tests/support/desk.hpp"

using namespace usher::test;

namespace {

std::string corpus_file() { return std::string(USHER_TEST_DATA) + "/corpus/tickets.jsonl"; }

/// Subject and body of every line, and how often the two occur together.
std::map<std::pair<std::string, std::string>, int> read_corpus() {
  std::map<std::pair<std::string, std::string>, int> all;
  std::ifstream in(corpus_file());
  for (std::string line; std::getline(in, line);) {
    json ticket(line);
    ++all[{ticket.text("/subject"), ticket.text("/body")}];
  }
  return all;
}

long lines(const std::map<std::pair<std::string, std::string>, int>& corpus) {
  long all = 0;
  for (const auto& [text, count] : corpus) all += count;
  return all;
}

}  // namespace

TEST_CASE("corpus: every ticket of the inbox is in the list, behind its id, and in the database") {
  auto corpus = read_corpus();
  REQUIRE(lines(corpus) == 1050);
  desk d;
  auto url = "http://127.0.0.1:" + std::to_string(d.server.where()->load());
  auto done = run({USHER_LOAD_BINARY, "corpus", corpus_file(), "--url", url, "--data", d.server.data().string()},
                  std::chrono::seconds{300});
  CAPTURE(done.out, done.err);
  REQUIRE(done.code == 0);

  auto staff = d.as("agent");
  auto database = d.database();
  auto listed = walk(staff, std::string(tickets_path));
  REQUIRE(listed.size() == 1050);
  CHECK(database->count("select count(*) from usher.support_tickets") == 1050);
  CHECK(database->count("select count(distinct organization_id) from usher.support_tickets") > 1);
  std::map<std::pair<std::string, std::string>, int> found;
  long messages = 0;
  for (const auto& item : listed) {
    auto id = item.text("/id");
    auto answer = staff.get(path_of(id));
    REQUIRE(answer.status == 200);
    json one(answer.body);
    auto row = database->rows(
        "select subject, body, status, priority, version from usher.support_tickets where id = $1", {id});
    REQUIRE(row.size() == 1);
    int column = 0;
    for (const char* member : {"/subject", "/body", "/status", "/priority"}) {
      CHECK(one.text(member) == item.text(member));
      CHECK(one.text(member) == *row[0][static_cast<std::size_t>(column++)]);
    }
    CHECK(std::to_string(one.number("/version")) == *row[0][4]);
    ++found[{one.text("/subject"), one.text("/body")}];
    messages += static_cast<long>(walk(staff, path_of(id, "/messages")).size());
  }
  CHECK(found == corpus);
  CHECK(messages > 0);
  CHECK(database->count("select count(*) from usher.ticket_messages") == messages);
  CHECK(database
            ->rows("select t.id from usher.support_tickets t left join usher.audit_log a on a.ticket_id = t.id "
                   "group by t.id having count(a.id) <> t.version")
            .empty());
}
