// Agents as actors: what they take, what they lose, and that no race exceeds a capacity.
#include "actors/desk.hpp"

#include <catch2/catch_test_macros.hpp>
#include <future>
#include <map>
#include <optional>
#include <thread>

#include "fakes.hpp"

namespace {

using namespace usher;
using domain::milliseconds;
using domain::presence;
using namespace std::chrono_literals;

// Tuesday, 9 June 2026, 10:13:20 UTC.
const domain::instant start{milliseconds{1'781'000'000'000}};

domain::assignment_rules quick_rules() {
  domain::assignment_rules rules;
  rules.relax_after = 60s;
  rules.presence_lapses = 10min;
  return rules;
}

struct roster_fixture {
  explicit roster_fixture(domain::assignment_rules rules = quick_rules())
      : desk(clock, store, store, metrics, {actors::desk_limits{}, 2, 1, false, nullptr, nullptr, nullptr, rules}) {
    desk.recover(store);
  }

  std::future<domain::result<outcome>> send(submission what) {
    auto promise = std::make_shared<std::promise<domain::result<outcome>>>();
    auto answer = promise->get_future();
    what.deadline = clock.steady_now() + 10s;
    desk.door().submit(std::move(what), domain::completion<outcome>([promise](domain::result<outcome> result) {
                         promise->set_value(std::move(result));
                       }));
    return answer;
  }
  submission creation(domain::priority pressing = domain::priority::low) const {
    domain::create_ticket command;
    command.organization = organization;
    command.subject = "A question";
    command.body = "of a general kind";
    command.priority = pressing;
    return {std::nullopt, command, {"rosa", domain::role::requester, organization}, {}, {}, {}};
  }
  domain::ticket_id create(domain::priority pressing = domain::priority::low) {
    auto made = send(creation(pressing)).get();
    REQUIRE(made);
    return made->what.after->id;
  }
  void note(domain::ticket_id id, const std::string& by, domain::visibility visible) {
    domain::add_message command;
    command.id = domain::message_id::generate();
    command.body = "I am on it";
    command.visible = visible;
    REQUIRE(send({id, command, {by, domain::role::agent, std::nullopt}, {}, {}, {}}).get());
  }
  void set_status(domain::ticket_id id, domain::ticket_status status) {
    domain::update_ticket command;
    command.status = status;
    REQUIRE(send({id, command, {"boss", domain::role::supervisor, std::nullopt}, {}, {}, {}}).get());
  }
  std::string assignee(domain::ticket_id id) { return store.stored(id)->assignee_id; }
  bool comes_to(domain::ticket_id id, const std::string& who) {
    return tests::eventually([&] { return assignee(id) == who; });
  }

  void put(domain::agent who) {
    change([who](const domain::desk_settings& now) { return domain::put_agent(now, who); });
  }
  void put(const std::string& id, int capacity = 10, presence p = presence::online,
           std::optional<domain::calendar_id> calendar = {}) {
    domain::agent a;
    a.id = id;
    a.skills = {{"general", 3}};
    a.capacity = capacity;
    a.presence = p;
    a.calendar = calendar;
    put(std::move(a));
  }
  void set_presence(const std::string& id, presence p) {
    change([id, p](const domain::desk_settings& now) {
      auto who = now.agents.find(id)->second;
      who.presence = p;
      return domain::put_agent(now, std::move(who));
    });
  }
  void change(std::function<domain::result<domain::settings_change>(const domain::desk_settings&)> edit) {
    std::promise<domain::result<domain::settings_ptr>> done;
    settings_request what;
    what.edit = std::move(edit);
    what.by = {"boss", domain::role::supervisor, std::nullopt};
    what.done = domain::completion<domain::settings_ptr>(
        [&done](domain::result<domain::settings_ptr> result) { done.set_value(std::move(result)); });
    desk.door().change_settings(std::move(what));
    REQUIRE(done.get_future().get());
  }
  void step(milliseconds by) {
    clock.step(by);
    desk.advance_timers();
  }
  /// Time passes in steps until it is so. Between them the actors get time to do what they have to: none of them is
  /// to be left behind by a day.
  template <class Condition>
  bool in_time(milliseconds each, Condition so) {
    auto deadline = std::chrono::steady_clock::now() + 60s;
    while (std::chrono::steady_clock::now() < deadline) {
      for (int looks = 0; looks < 20; ++looks) {
        if (so()) return true;
        std::this_thread::sleep_for(1ms);
      }
      step(each);
    }
    return false;
  }
  std::int64_t load(const std::string& id) { return desk.door().load_of(id); }
  std::size_t alerts(std::string_view kind) {
    auto all = store.alerts();
    return static_cast<std::size_t>(std::ranges::count(all, kind, &store::alert_write::kind));
  }

  domain::organization_id organization = domain::organization_id::generate();
  tests::manual_clock clock{start};
  tests::memory_store store;
  metrics::desk_metrics metrics{"test", "none"};
  actors::desk desk;
};

}  // namespace

TEST_CASE("roster: a hundred tickets at once exceed nobody's capacity, and the rest is given out as room is made") {
  roster_fixture f;
  for (const auto* id : {"a", "b", "c"}) f.put(id, 10);
  std::vector<std::future<domain::result<outcome>>> answers;
  for (int i = 0; i < 100; ++i) answers.push_back(f.send(f.creation()));
  std::map<std::string, int> counts;
  std::vector<domain::ticket_id> ids;
  for (auto& answer : answers) {
    auto made = answer.get();
    REQUIRE(made);
    ++counts[made->what.after->assignee_id];
    ids.push_back(made->what.after->id);
  }
  CHECK(counts == std::map<std::string, int>{{"", 70}, {"a", 10}, {"b", 10}, {"c", 10}});
  for (const auto* id : {"a", "b", "c"}) CHECK(f.load(id) == 10);

  auto given = [&] { return std::ranges::count_if(ids, [&](auto id) { return !f.assignee(id).empty(); }); };
  int resolved = 0;
  for (auto id : ids) {
    if (f.assignee(id).empty() || resolved == 5) continue;
    f.set_status(id, domain::ticket_status::resolved);
    ++resolved;
  }
  CHECK(tests::eventually([&] { return given() == 35; }));
  for (const auto* id : {"a", "b", "c"}) CHECK(f.load(id) == 10);
}

TEST_CASE("roster: a creation that the store refuses takes nobody's room") {
  roster_fixture f;
  f.put("a", 1);
  f.store.fail_next(domain::errc::rejected_by_store);
  CHECK_FALSE(f.send(f.creation()).get());
  CHECK(tests::eventually([&] { return f.load("a") == 0; }));
  CHECK(f.assignee(f.create()) == "a");
  CHECK(f.load("a") == 1);
}

TEST_CASE("roster: whoever comes online takes what waits, the most pressing first") {
  roster_fixture f;
  f.put("a", 1, presence::offline);
  auto low = f.create(domain::priority::low);
  auto high = f.create(domain::priority::high);
  CHECK(f.assignee(high).empty());
  f.set_presence("a", presence::online);
  CHECK(f.comes_to(high, "a"));
  CHECK(f.assignee(low).empty());
  f.set_status(high, domain::ticket_status::resolved);
  CHECK(f.comes_to(low, "a"));
}

TEST_CASE("roster: whoever goes offline loses what it has not answered, and nothing else") {
  roster_fixture f;
  f.put("a");
  auto answered = f.create();
  auto open = f.create();
  f.note(answered, "a", domain::visibility::public_);
  f.put("b");
  f.set_presence("a", presence::offline);
  CHECK(f.comes_to(open, "b"));
  CHECK(f.assignee(answered) == "a");
  CHECK(*f.store.stored(open)->taken_from == std::vector<std::string>{"a"});
  CHECK(f.load("a") == 1);
  CHECK(f.load("b") == 1);
}

TEST_CASE("roster: an assignee who shows no sign loses the ticket, at most so often, then a supervisor has it") {
  auto rules = quick_rules();
  rules.take_backs_max = 1;
  rules.presence_lapses = 0ms;
  roster_fixture f(rules);
  f.put("a");
  auto id = f.create(domain::priority::critical);  // FREE: a day
  CHECK(f.assignee(id) == "a");
  f.put("b");
  domain::agent boss;
  boss.id = "chief";
  boss.role = domain::role::supervisor;
  boss.presence = presence::online;
  boss.capacity = 0;
  f.put(boss);
  f.step(19h);  // 80 % are 19 h 12 min
  CHECK(f.assignee(id) == "a");
  CHECK(f.in_time(1min, [&] { return f.assignee(id) == "b"; }));
  CHECK(f.store.stored(id)->silent_since);
  CHECK(f.in_time(10min, [&] { return f.assignee(id) == "chief"; }));
  CHECK(f.store.stored(id)->taken_from->size() == 2);
}

TEST_CASE("roster: a note is a sign") {
  auto rules = quick_rules();
  rules.presence_lapses = 0ms;
  roster_fixture f(rules);
  f.put("a");
  auto id = f.create(domain::priority::critical);
  f.put("b");
  f.note(id, "a", domain::visibility::internal);
  for (int i = 0; i < 22; ++i) f.step(1h);
  f.put("c");  // whatever the steps have brought about comes before this is answered
  CHECK(f.assignee(id) == "a");
}

TEST_CASE("roster: the end of a shift takes what is unanswered, its beginning gives what waits") {
  roster_fixture f([] {
    auto rules = quick_rules();
    rules.presence_lapses = 0ms;
    return rules;
  }());
  domain::calendar_rules hours;
  hours.id = domain::calendar_id::generate();
  hours.name = "until eleven";
  hours.time_zone = "UTC";
  for (auto& day : hours.weekly) day = {{9 * 60, 11 * 60}};
  f.change([&](const domain::desk_settings& now) { return domain::put_calendar(now, hours); });
  f.put("early", 10, presence::online, hours.id);
  auto id = f.create();
  CHECK(f.assignee(id) == "early");
  f.put("always", 10);
  CHECK(f.in_time(1min, [&] { return f.assignee(id) == "always"; }));
  f.set_presence("always", presence::offline);
  CHECK(tests::eventually([&] { return f.assignee(id).empty(); }));
  CHECK(f.in_time(10min, [&] { return f.assignee(id) == "early"; }));
  CHECK(f.clock.now() >= start + 22h);
}

TEST_CASE("roster: presence lapses without a request, to away and then to offline") {
  roster_fixture f;
  f.put("a");
  auto is = [&](presence p) { return f.desk.door().settings()->agents.find("a")->second.presence == p; };
  f.step(6min);
  auto id = f.create();
  f.note(id, "a", domain::visibility::internal);  // a request of its own
  f.step(6min);
  f.put("b", 1, presence::offline);
  CHECK(is(presence::online));
  CHECK(f.in_time(1min, [&] { return is(presence::away); }));
  CHECK(f.in_time(1min, [&] { return is(presence::offline); }));
}

TEST_CASE("roster: when nobody has the skill somebody gets it after the wait, and people hear of what waits in vain") {
  roster_fixture f;
  domain::agent other;
  other.id = "other";
  other.skills = {{"payments", 5}};
  other.presence = presence::online;
  f.put(other);
  auto id = f.create();
  CHECK(f.assignee(id).empty());
  CHECK(f.in_time(5s, [&] { return f.assignee(id) == "other"; }));
  CHECK(f.clock.now() >= start + 60s);
  CHECK(f.alerts("assignment_failed") == 0);

  f.set_presence("other", presence::offline);
  CHECK(tests::eventually([&] { return f.assignee(id).empty(); }));
  auto vain = f.create();
  CHECK(f.in_time(5s, [&] { return f.alerts("assignment_failed") > 0; }));
  auto first = f.store.alerts().front();
  CHECK((first.ticket == id || first.ticket == vain));
  f.set_presence("other", presence::online);
  CHECK(f.comes_to(vain, "other"));
}

TEST_CASE("roster: two supervisors who assign at once leave one owner and the right loads") {
  roster_fixture f;
  f.put("a", 5, presence::offline);
  f.put("b", 5, presence::offline);
  auto id = f.create();
  f.set_presence("a", presence::away);
  std::vector<std::future<domain::result<outcome>>> answers;
  for (int i = 0; i < 20; ++i)
    answers.push_back(f.send({id,
                              domain::assign_ticket{i % 2 == 0 ? "a" : "b"},
                              {"boss", domain::role::supervisor, std::nullopt},
                              {},
                              {},
                              {}}));
  for (auto& answer : answers) CHECK(answer.get());
  auto owner = f.assignee(id);
  CHECK(f.load(owner) == 1);
  CHECK(f.load(owner == "a" ? "b" : "a") == 0);
  CHECK(f.store.stored(id)->version == static_cast<std::int64_t>(f.store.changes().size()));
}

TEST_CASE("roster: an agent who goes offline while being given a ticket does not keep it") {
  roster_fixture f;
  f.put("a");
  f.put("b", 0);
  f.set_status(f.create(), domain::ticket_status::closed);  // its organization is there from now on
  f.store.hold();
  auto made = f.send(f.creation());
  REQUIRE(tests::eventually([&] { return f.store.held() == 1; }));
  CHECK(f.load("a") == 1);  // the room is taken before the commit
  // The settings go the same way: both are committed at the release, in this order.
  settings_request leaves;
  leaves.by = {"a", domain::role::agent, std::nullopt};
  leaves.edit = [](const domain::desk_settings& now) {
    auto who = now.agents.find("a")->second;
    who.presence = presence::offline;
    return domain::put_agent(now, std::move(who));
  };
  std::promise<void> left;
  leaves.done = domain::completion<domain::settings_ptr>(
      [&left](const domain::result<domain::settings_ptr>&) { left.set_value(); });
  f.desk.door().change_settings(std::move(leaves));
  f.store.release();
  left.get_future().wait();
  auto id = made.get()->what.after->id;
  CHECK(f.in_time(1min, [&] { return f.assignee(id).empty(); }));
  CHECK(tests::eventually([&] { return f.load("a") == 0; }));
}
