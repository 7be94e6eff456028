// A change that the database refuses: it gets its error, and its neighbours in the same batch are committed.
#include <barrier>
#include <functional>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/support/desk.hpp"

using namespace usher::test;

namespace {

constexpr std::string_view poison_sql = R"(
  create function usher.refuse_poison() returns trigger language plpgsql as $$
  begin
    if to_jsonb(new) ->> tg_argv[0] like '%POISON%' then
      raise exception 'refused' using errcode = 'check_violation';
    end if;
    return new;
  end $$;
  create trigger poison before insert or update on usher.support_tickets
    for each row execute function usher.refuse_poison('subject');
  create trigger poison before insert on usher.ticket_messages
    for each row execute function usher.refuse_poison('body');
)";

constexpr int askers = 16;
constexpr int rounds = 12;

/// All askers ask at the same moment, again and again, so that many of them share a batch.
void ask_together(desk& d, const std::function<void(person&, int asker, int round)>& ask) {
  std::vector<person> people;
  for (int i = 0; i < askers; ++i) people.push_back(d.as("requester", "asker-" + std::to_string(i), org_a));
  std::barrier together(askers);
  std::vector<std::jthread> threads;
  for (int i = 0; i < askers; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < rounds; ++round) {
        together.arrive_and_wait();
        ask(people[static_cast<std::size_t>(i)], i, round);
      }
    });
  }
}

/// One asker a round brings the poison.
bool is_poisoner(int asker, int round) { return asker == round % askers; }

std::string word(int asker, int round) {
  return (is_poisoner(asker, round) ? "POISON-" : "sound-") + std::to_string(asker) + "/" + std::to_string(round);
}

/// Changes a commit, by the desk's own metrics: the poison has had neighbours when there is more than one.
double changes_a_commit(desk& d) {
  auto metrics = d.as("agent").get("/metrics").body;
  auto number = [&](const std::string& name) {
    auto at = metrics.find("\n" + name + " ");
    REQUIRE(at != std::string::npos);
    return std::stod(metrics.substr(at + name.size() + 2));
  };
  return number("usher_store_batch_size_sum") / number("usher_store_batch_size_count");
}

struct answers {
  std::atomic<int> done{0};
  std::atomic<int> refused{0};
  std::atomic<int> wrong{0};

  void note(const http_response& answer, bool poisoned, int wanted) {
    if (!poisoned && answer.status == wanted)
      ++done;
    else if (poisoned && answer.status == 422 && json(answer.body).text("/code") == "rejected_by_store")
      ++refused;
    else
      ++wrong;
  }
};

}  // namespace

TEST_CASE("poison: creations beside a refused one are committed") {
  desk d;
  d.database()->run(std::string(poison_sql));
  answers got;
  ask_together(d, [&](person& by, int asker, int round) {
    auto subject = word(asker, round);
    auto answer = by.post(tickets_path, R"({"body":"b","subject":")" + subject + "\"}", {{"Idempotency-Key", subject}});
    got.note(answer, is_poisoner(asker, round), 201);
  });
  CHECK(changes_a_commit(d) > 1.5);
  CHECK(got.wrong == 0);
  CHECK(got.refused == rounds);
  CHECK(got.done == rounds * (askers - 1));
  auto database = d.database();
  CHECK(database->count("select count(*) from usher.support_tickets") == rounds * (askers - 1));
  CHECK(database->count("select count(distinct subject) from usher.support_tickets") == rounds * (askers - 1));
  CHECK(database->count("select count(*) from usher.support_tickets where subject like '%POISON%'") == 0);
  CHECK(database->count("select count(*) from usher.audit_log where ticket_id is not null") == rounds * (askers - 1));
  auto staff = d.as("agent");
  CHECK(walk(staff, std::string(tickets_path)).size() == static_cast<std::size_t>(rounds * (askers - 1)));
  // A key whose request was refused is free again.
  auto again = d.as("requester", "asker-0", org_a)
                   .post(tickets_path, R"({"body":"b","subject":"antidote"})", {{"Idempotency-Key", word(0, 0)}});
  CHECK(again.status == 201);
}

TEST_CASE("poison: a refused change leaves its ticket as it was, and its neighbours are committed") {
  desk d;
  std::vector<std::string> ids;
  for (int i = 0; i < askers; ++i) {
    auto by = d.as("requester", "asker-" + std::to_string(i), org_a);
    ids.push_back(create(by, "start").text("/id"));
  }
  d.database()->run(std::string(poison_sql));
  answers updates;
  answers messages;
  ask_together(d, [&](person& by, int asker, int round) {
    bool poisoned = is_poisoner(asker, round);
    const auto& id = ids[static_cast<std::size_t>(asker)];
    updates.note(by.patch(path_of(id), R"({"subject":")" + word(asker, round) + "\"}"), poisoned, 200);
    messages.note(by.post(path_of(id, "/messages"), R"({"body":")" + word(asker, round) + "\"}"), poisoned, 201);
  });
  for (const auto* got : {&updates, &messages}) {
    CHECK(got->wrong == 0);
    CHECK(got->refused == rounds);
    CHECK(got->done == rounds * (askers - 1));
  }
  auto database = d.database();
  auto staff = d.as("agent");
  for (int i = 0; i < askers; ++i) {
    const auto& id = ids[static_cast<std::size_t>(i)];
    CAPTURE(i);
    json t(staff.get(path_of(id)).body);
    long expected = 1;
    for (int round = 0; round < rounds; ++round) expected += is_poisoner(i, round) ? 0 : 2;
    CHECK(t.number("/version") == expected);
    CHECK(database->count("select version from usher.support_tickets where id = $1", {id}) == expected);
    CHECK(database->count("select count(*) from usher.audit_log where ticket_id = $1", {id}) == expected);
    CHECK(database->value("select subject from usher.support_tickets where id = $1", {id}) == t.text("/subject"));
    CHECK(t.text("/subject").find("POISON") == std::string::npos);
  }
}
