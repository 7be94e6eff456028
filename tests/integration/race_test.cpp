// Many callers who want the same at once, and crashes in the middle of it (contract, section 2: versions, idempotency).
#include <algorithm>
#include <atomic>
#include <barrier>
#include <functional>
#include <mutex>
#include <random>
#include <thread>

#include "tests/integration/http_checks.hpp"
#include "tests/support/poll.hpp"

using namespace usher::test;

namespace {

constexpr int callers = 100;

/// Runs `act` on a thread for each caller, let go at the same moment. What one throws fails the test.
void at_once(int count, const std::function<void(int)>& act) {
  std::barrier together(count);
  std::mutex mutex;
  std::vector<std::string> failures;
  std::vector<std::jthread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      together.arrive_and_wait();
      try {
        act(i);
      } catch (const std::exception& why) {
        const std::scoped_lock lock(mutex);
        failures.emplace_back(why.what());
      }
    });
  }
  threads.clear();
  CHECK(failures == std::vector<std::string>{});
}

std::vector<person> agents_of(desk& d) {
  std::vector<person> out;
  for (int i = 0; i < callers; ++i) out.push_back(d.as("agent", "agent-" + std::to_string(i)));
  return out;
}

bool is_in_flight(const http_response& answer) {
  return answer.status == 409 && answer.body.find("\"idempotency_in_flight\"") != std::string::npos;
}

/// Posts until the answer is neither "in flight" nor "outcome unknown".
http_response insist(person& by, const std::string& target, const std::string& body, const std::string& k) {
  std::optional<http_response> last;
  (void)wait_until(
      [&] {
        last = by.post(target, body, key(k));
        return !is_in_flight(*last) && last->status != 503;
      },
      20s);
  return *last;
}

}  // namespace

TEST_CASE("race: the same ticket updated by 100 callers at once with If-Match, exactly one wins each version") {
  desk d;
  auto customer = d.customer();
  const auto path = path_of(create(customer, "Contended").text("/id"));
  auto people = agents_of(d);
  for (std::int64_t version = 1; version <= 5; ++version) {
    CAPTURE(version);
    std::atomic<int> won{0};
    std::atomic<int> stale{0};
    std::atomic<int> winner{-1};
    at_once(callers, [&](int i) {
      const auto body = R"({"custom_fields":{"winner":)" + std::to_string(i + 1000 * version) + "}}";
      const auto answer = people[static_cast<std::size_t>(i)].patch(path, body, if_match(version));
      if (answer.status == 200 && answer.header("etag") == "\"" + std::to_string(version + 1) + "\"") {
        ++won;
        winner = i;
      }
      if (answer.status == 412) ++stale;
    });
    CHECK(won == 1);
    CHECK(stale == callers - 1);
    const auto now = must(people[0].get(path), 200);
    CHECK(now.number("/version") == version + 1);
    CHECK(now.number("/custom_fields/winner") == winner + 1000 * version);
  }
}

TEST_CASE("race: 100 callers who each add one with If-Match lose no addition") {
  desk d;
  auto customer = d.customer();
  const auto id = create(customer, "Counted", R"(,"custom_fields":{"count":0})").text("/id");
  const auto path = path_of(id);
  auto people = agents_of(d);
  at_once(callers, [&](int i) {
    auto& me = people[static_cast<std::size_t>(i)];
    while (true) {
      const json now(me.get(path).body);
      const auto body = R"({"custom_fields":{"count":)" + std::to_string(now.number("/custom_fields/count") + 1) + "}}";
      const auto answer = me.patch(path, body, if_match(now.number("/version")));
      if (answer.status == 200) return;
      if (answer.status != 412) throw std::runtime_error(answer.body);
    }
  });
  const auto now = must(people[0].get(path), 200);
  CHECK(now.number("/custom_fields/count") == callers);
  CHECK(now.number("/version") == callers + 1);
  CHECK(d.database()->count("select count(*) from usher.audit_log where ticket_id = $1", {id}) == callers + 1);
}

TEST_CASE("race: the same Idempotency-Key 100 times at once, and once more after kill -9: one ticket, one answer") {
  desk d;
  std::vector<person> people;
  for (int i = 0; i < callers; ++i) people.push_back(d.customer());
  const std::string body = R"({"subject":"Only once","body":"b"})";
  std::mutex mutex;
  std::vector<http_response> answers;
  std::atomic<int> in_flight{0};
  at_once(callers, [&](int i) {
    auto& me = people[static_cast<std::size_t>(i)];
    auto answer = me.post(tickets_path, body, key("same"));
    if (is_in_flight(answer)) {
      ++in_flight;
      if (!answer.header("retry-after")) throw std::runtime_error("no Retry-After");
      answer = insist(me, std::string(tickets_path), body, "same");
    }
    const std::scoped_lock lock(mutex);
    answers.push_back(std::move(answer));
  });
  REQUIRE(answers.size() == callers);
  CAPTURE(in_flight.load());
  const json first = must(answers.front(), 201);
  long originals = 0;
  for (const auto& answer : answers) {
    CHECK(answer.status == 201);
    CHECK(json(answer.body).dump() == first.dump());
    CHECK(answer.header("location") == answers.front().header("location"));
    if (!answer.header("idempotent-replayed")) ++originals;
  }
  CHECK(originals == 1);
  d.server.kill_server();
  d.server.start();
  const auto again = people[0].post(tickets_path, body, key("same"));
  CHECK(again.header("idempotent-replayed") == "true");
  CHECK(must(again, 201).dump() == first.dump());
  CHECK(d.database()->count("select count(*) from usher.support_tickets where subject = 'Only once'") == 1);
}

TEST_CASE("race: a crash between commit and answer, repeated with the same key: one ticket") {
  desk d;
  constexpr int rounds = 4;
  constexpr int requests = 40;
  std::mt19937 random(std::random_device{}());
  const auto token = d.token("requester", "the-requester", org_a);
  long replayed = 0;
  for (int round = 0; round < rounds; ++round) {
    const auto name = [round](int i) { return "r" + std::to_string(round) + "-" + std::to_string(i); };
    const auto body_of = [&](int i) { return "{\"subject\":\"" + name(i) + "\",\"body\":\"b\"}"; };
    const auto wanted = std::uniform_int_distribution{1, requests / 2}(random);
    CAPTURE(round, wanted);
    {
      // Nobody reads the answers: for these callers there is none, whatever the server came to send.
      std::vector<std::jthread> lost;
      for (int i = 0; i < requests; ++i) {
        lost.emplace_back([&, i] {
          person by(d.server.where(), token);
          (void)by.try_ask("POST", tickets_path, body_of(i), key(name(i)));
        });
      }
      const auto database = d.database();
      REQUIRE(wait_until(
          [&] {
            return database->count("select count(*) from usher.support_tickets where subject like $1",
                                   {"r" + std::to_string(round) + "-%"}) >= wanted;
          },
          20s, 0ms));
      d.server.kill_server();
    }
    d.server.start();
    auto by = d.customer();
    for (int i = 0; i < requests; ++i) {
      const auto answer = insist(by, std::string(tickets_path), body_of(i), name(i));
      CHECK(answer.status == 201);
      if (answer.header("idempotent-replayed")) ++replayed;
    }
    CHECK(d.database()->count(
              "select count(*) from (select 1 from usher.support_tickets where subject like $1 group by subject"
              " having count(*) = 1) once",
              {"r" + std::to_string(round) + "-%"}) == requests);
  }
  // At least what the database showed before each crash.
  CHECK(replayed >= rounds);
}
