// Following what happens: live, after a gap, and too slowly.
#include <catch2/catch_test_macros.hpp>
#include <future>
#include <set>

#include "actors/desk.hpp"
#include "actors/event_hub.hpp"
#include "domain/json_members.hpp"
#include "fakes.hpp"

namespace {

using namespace usher;
using namespace std::chrono_literals;
using lines = std::vector<event_line>;

const domain::instant noon = std::chrono::floor<domain::milliseconds>(std::chrono::system_clock::now());
const domain::caller agent{"sam", domain::role::agent, std::nullopt};

struct followed_desk {
  explicit followed_desk(tests::memory_store& s) : store(s) { desk.recover(store); }

  std::shared_ptr<event_source> follow(std::string_view after = "", event_filter filter = {},
                                       const domain::caller& by = agent) {
    auto made = desk.door().follow(std::move(filter), by, after);
    REQUIRE(made.has_value());
    return *made;
  }

  domain::ticket_ptr make(domain::organization_id owner) {
    domain::create_ticket command;
    command.organization = owner;
    command.subject = "The florist";
    command.body = "has not come";
    command.priority = domain::priority::high;
    return ask({std::nullopt, command, {"rosa", domain::role::requester, owner}, std::nullopt, std::nullopt, {}});
  }
  domain::ticket_ptr rename(const domain::ticket_ptr& t, std::string subject) {
    domain::update_ticket command;
    command.subject = std::move(subject);
    return ask({t->id, command, agent, std::nullopt, std::nullopt, {}});
  }
  domain::ticket_ptr ask(submission what) {
    what.deadline = clock.steady_now() + 10s;
    std::promise<domain::result<outcome>> promise;
    desk.door().submit(std::move(what),
                       domain::completion<outcome>([&](auto result) { promise.set_value(std::move(result)); }));
    auto answer = promise.get_future().get();
    REQUIRE(answer.has_value());
    return answer->what.after;
  }

  tests::memory_store& store;
  domain::organization_id a = domain::organization_id::generate();
  domain::organization_id b = domain::organization_id::generate();
  tests::manual_clock clock{noon};
  metrics::desk_metrics metrics{"test", "none"};
  actors::desk desk{clock, store, store, metrics, {{}, 2, 1, false, nullptr}};
};

domain::result<lines> next(event_source& from) {
  auto promise = std::make_shared<std::promise<domain::result<lines>>>();
  auto answer = promise->get_future();
  from.next(domain::completion<lines>([promise](auto news) { promise->set_value(std::move(news)); }));
  REQUIRE(answer.wait_for(10s) == std::future_status::ready);
  return answer.get();
}

/// Events until there are so many.
lines take(event_source& from, std::size_t count) {
  lines all;
  while (all.size() < count) {
    auto news = next(from);
    REQUIRE(news.has_value());
    std::ranges::move(*news, std::back_inserter(all));
  }
  return all;
}

std::vector<std::string> told(const lines& all) {
  std::vector<std::string> out;
  for (const auto& line : all) out.push_back(std::string(to_word(line.event->type)) + " " + to_string(line.event->id));
  return out;
}

}  // namespace

TEST_CASE("followers hear of changes in their order, each once, filtered by type, ticket and organization") {
  tests::memory_store store;
  followed_desk d(store);
  auto all = d.follow();
  auto first = d.make(d.a);
  auto second = d.make(d.b);
  event_filter mine;
  mine.ticket = second->id;
  auto one = d.follow("", mine);
  event_filter updates;
  updates.types = {domain::event_type::ticket_updated};
  auto changed = d.follow("", updates);
  auto narrow = d.follow("", {}, {"nora", domain::role::agent, d.b});
  d.rename(first, "One");
  d.rename(second, "Two");
  auto heard = take(*all, 4);
  REQUIRE(heard.size() == 4);
  CHECK(heard[0].event->type == domain::event_type::ticket_created);
  CHECK(heard[0].event->ticket == first->id);
  CHECK(heard[3].event->ticket == second->id);
  CHECK(take(*one, 1).front().event->id == heard[3].event->id);
  CHECK(take(*changed, 2).back().event->id == heard[3].event->id);
  CHECK(take(*narrow, 1).front().event->id == heard[3].event->id);
}

TEST_CASE("a stream goes on after the place where it was lost, from memory, exactly") {
  tests::memory_store store;
  followed_desk d(store);
  auto one = d.follow();
  auto t = d.make(d.a);
  auto heard = take(*one, 1);
  one.reset();
  for (int i = 0; i < 3; ++i) t = d.rename(t, "subject " + std::to_string(i));
  auto again = d.follow(heard.front().position);
  CHECK(again->start() == heard.front().position);
  auto rest = take(*again, 3);
  CHECK(rest.size() == 3);
  CHECK(rest.front().event->payload.find("\"version\":2") != std::string::npos);
}

TEST_CASE("a stream goes on over a restart, from the audit trail, with the same ids and no gap") {
  tests::memory_store store;
  std::string place;
  std::vector<std::string> before;
  domain::ticket_ptr t;
  {
    followed_desk d(store);
    auto one = d.follow();
    t = d.make(d.a);
    auto heard = take(*one, 1);
    place = heard.front().position;
    before = told(heard);
    auto all = d.follow();
    t = d.rename(t, "While nobody followed");
    domain::add_message note;
    note.id = domain::message_id::generate();
    note.body = "psst";
    note.visible = domain::visibility::internal;
    d.ask({t->id, note, agent, std::nullopt, std::nullopt, {}});
    std::ranges::copy(told(take(*all, 2)), std::back_inserter(before));
  }
  followed_desk d(store);
  auto again = d.follow(place);
  lines past;
  while (past.size() < 3) std::ranges::move(next(*again).value(), std::back_inserter(past));
  CHECK(told(past) == before);  // the first one once more: it is within the overlap
  CHECK(past.back().event->payload.find("\"message\":{") != std::string::npos);
  CHECK(past.front().event->payload.find("\"version\":3") != std::string::npos);  // the ticket as it is now
  d.rename(t, "And live again");
  auto live = take(*again, 1);
  CHECK(live.back().event->payload.find("\"version\":4") != std::string::npos);
  std::set<std::string> ids;
  for (const auto& each : told(past)) ids.insert(each);
  for (const auto& each : told(live)) CHECK(ids.insert(each).second);
}

TEST_CASE("what happens between a look at the trail and the hub is told once") {
  tests::memory_store store;
  followed_desk d(store);
  auto t = d.make(d.a);
  auto again = d.follow(std::to_string(noon.time_since_epoch().count()) + "-0");
  t = d.rename(t, "In both");  // in the hub for this follower, and in the trail when it is read
  lines all;
  while (all.size() < 2) std::ranges::move(next(*again).value(), std::back_inserter(all));
  d.rename(t, "Last");
  while (all.size() < 3) std::ranges::move(next(*again).value(), std::back_inserter(all));
  auto words = told(all);
  CHECK(std::set(words.begin(), words.end()).size() == 3);
  CHECK(all.back().event->payload.find("\"version\":3") != std::string::npos);
}

TEST_CASE("the hub tells who is too far behind, and bounds how many follow") {
  tests::manual_clock clock{noon};
  actors::event_hub hub(clock);
  REQUIRE(hub.enter());
  auto [place, number] = hub.head();
  domain::alert_event alert;
  alert.kind = "test";
  for (std::size_t i = 0; i < actors::event_hub::kept_max + 1; ++i) {
    alert.alert = domain::new_uuid_v7();
    hub.publish(alert);
  }
  lines out;
  auto any = [](const domain::feed_event&) { return true; };
  CHECK(hub.take(nullptr, number, 10, any, out, [] {}) == actors::event_hub::reading::behind);
  ++number;
  CHECK(hub.take(nullptr, number, 10, any, out, [] {}) == actors::event_hub::reading::some);
  CHECK(out.size() == 10);
  CHECK(hub.number_after(actors::event_position::parse(out.back().position).value()) == number);
  CHECK_FALSE(hub.number_after({0, number}));  // of another process
  for (std::int64_t i = 1; i < actors::event_hub::followers_max; ++i) CHECK(hub.enter());
  CHECK_FALSE(hub.enter());
  for (std::int64_t i = 0; i < actors::event_hub::followers_max; ++i) hub.leave(nullptr);
  // Kept up for a while, then dropped.
  auto last = hub.head().first;
  clock.step(actors::event_hub::kept_for);
  hub.publish(alert);
  CHECK(hub.number_after(last));
  clock.step(1ms);
  hub.publish(alert);
  CHECK_FALSE(hub.number_after(last));
  bool woken = false;
  REQUIRE(hub.enter());
  number = hub.head().second;
  out.clear();
  CHECK(hub.take(nullptr, number, 10, any, out, [&] { woken = true; }) == actors::event_hub::reading::waiting);
  hub.close();
  CHECK(woken);
  CHECK(hub.take(nullptr, number, 10, any, out, [] {}) == actors::event_hub::reading::closed);
  CHECK_FALSE(hub.enter());
}

TEST_CASE("places in the stream are read back, and nothing else is one") {
  using actors::event_position;
  auto at = event_position::parse("1781000000000-42");
  REQUIRE(at);
  CHECK(at->text() == "1781000000000-42");
  for (auto bad : {"", "-", "1-", "-1", "1", "1-2-3", "1-2 ", "a-b", "1--2", "99999999999999999999-1"})
    CHECK_FALSE(event_position::parse(bad));
}
