// A list is walked by cursor while it changes under the walker (contract, section 2: keyset, no OFFSET).
#include <atomic>
#include <set>
#include <thread>

#include "tests/integration/http_checks.hpp"

using namespace usher::test;

namespace {

constexpr int writers = 4;

/// Creates so many tickets on several connections at once, and gives their ids.
std::set<std::string> fill(desk& d, int count) {
  std::vector<std::set<std::string>> made(writers);
  {
    std::vector<std::jthread> threads;
    for (int w = 0; w < writers; ++w) {
      threads.emplace_back([&, w, by = d.customer()]() mutable {
        for (int i = w; i < count; i += writers) {
          const auto answer = by.post(tickets_path, R"({"subject":"Old","body":"b"})");
          if (answer.status != 201) return;
          made[static_cast<std::size_t>(w)].insert(json(answer.body).text("/id"));
        }
      });
    }
  }
  std::set<std::string> all;
  for (auto& part : made) all.merge(part);
  return all;
}

/// The ids of a whole walk, in its order.
std::vector<std::string> walk_ids(person& by, const std::string& sort) {
  std::vector<std::string> out;
  std::string cursor;
  while (true) {
    const auto page = must(by.get(std::string(tickets_path) + "?limit=100&sort=" + sort + cursor), 200);
    for (const auto& item : page.items("/data")) out.push_back(item.text("/id"));
    if (!page.truth("/has_more")) return out;
    cursor = "&cursor=" + page.text("/next_cursor");
  }
}

void check_walk(const std::vector<std::string>& walked, const std::set<std::string>& old) {
  const std::set<std::string> seen(walked.begin(), walked.end());
  CHECK(seen.size() == walked.size());
  long missed = 0;
  for (const auto& id : old) missed += seen.contains(id) ? 0 : 1;
  CHECK(missed == 0);
}

/// `changes` creations and as many changes of old tickets go on while the list is walked, forwards and backwards.
void walk_under_change(int tickets, int changes) {
  desk d;
  const auto old = fill(d, tickets);
  REQUIRE(static_cast<int>(old.size()) == tickets);
  const std::vector<std::string> ids(old.begin(), old.end());
  std::atomic<int> left{2 * changes};
  std::atomic<int> refused{0};
  std::vector<std::jthread> threads;
  for (int w = 0; w < writers; ++w) {
    threads.emplace_back([&, w, customer = d.customer(), agent = d.as("agent")]() mutable {
      for (int n = left--; n > 0; n = left--) {
        const auto& id = ids[static_cast<std::size_t>(n) * 7919 % ids.size()];
        const bool creates = n % 2 == 0;
        const auto answer = creates ? customer.post(tickets_path, R"({"subject":"New","body":"b"})")
                            : w % 2 == 0
                                ? agent.patch(path_of(id), R"({"custom_fields":{"n":)" + std::to_string(n) + "}}")
                                : customer.post(path_of(id, "/messages"), R"({"body":"And?"})");
        if (answer.status != (creates || w % 2 != 0 ? 201 : 200)) ++refused;
      }
    });
  }
  auto walker = d.customer();
  int walks = 0;
  do {
    CAPTURE(walks);
    check_walk(walk_ids(walker, walks % 2 == 0 ? "-created_at" : "created_at"), old);
    ++walks;
  } while (left > 0 || walks < 2);
  threads.clear();
  CHECK(refused == 0);
  const auto all = walk_ids(walker, "-created_at");
  check_walk(all, old);
  CHECK(static_cast<int>(all.size()) == tickets + changes);
}

}  // namespace

TEST_CASE("walk: through 5,000 tickets while others are created and changed, none is missed or seen twice") {
  walk_under_change(5'000, 500);
}

// The same at the size of the issue; takes a minute or two: usher_integration_tests "[walk50000]".
TEST_CASE("walk: through 50,000 tickets while 5,000 are created and changed", "[.][walk50000]") {
  walk_under_change(50'000, 5'000);
}
