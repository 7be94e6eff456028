// Lists: every filter, every sort, every cursor.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <map>
#include <set>

#include "fixture.hpp"
#include "store/cursor.hpp"

using namespace usher;
using namespace usher::test;
using domain::ticket_query;
using domain::ticket_sort;

namespace {

struct shelf {
  scratch_server pg;
  store::writer_lanes lanes{pg.lanes()};
  store::read_pool reads{pg.reads()};
  domain::organization_id a = add_organization(lanes);
  domain::organization_id b = add_organization(lanes);
  std::map<domain::ticket_id, domain::ticket_ptr> all;

  // Forty tickets of every kind; several were made in the same millisecond.
  shelf() {
    for (int i = 0; i < 40; ++i) {
      auto change = created({i % 2 == 0 ? a : b, i + 1, noon(i / 4), [i](domain::create_ticket& c) {
                               c.priority = domain::priority(i % 4);
                               c.category = i % 3 == 0 ? "rsvp" : "registry_gifts";
                               if (i % 5 == 0) c.tags = {"vip", "t" + std::to_string(i)};
                               if (i % 4 != 1) c.wedding = domain::wedding{noon(1'000'000 + i / 8), "", ""};
                             }});
      auto live = change.after;
      commit(lanes, change).value();
      auto then = [&](const domain::ticket_command& command) {
        auto next = changed(live, command, noon(100 + i));
        live = next.after;
        commit(lanes, std::move(next)).value();
      };
      if (i % 6 == 0) then(domain::assign_ticket{i % 12 == 0 ? "ines" : "juan"});
      if (i % 7 == 0) then(update([](auto& u) { u.status = domain::ticket_status::resolved; }));
      if (i == 39) then(domain::delete_ticket{});
      if (i != 39) all[live->id] = live;
    }
  }

  domain::result<store::ticket_id_page> page(const ticket_query& query, store::scope who = {}) {
    return answer_of<store::ticket_id_page>(
        [&](auto done) { reads.list_tickets(query, who, soon(), std::move(done)); });
  }

  std::vector<domain::ticket_ptr> walk(ticket_query query, store::scope who = {}) {
    std::vector<domain::ticket_ptr> seen;
    do {
      auto next = page(query, who).value();
      for (const auto& id : next.ids) seen.push_back(all.at(id));
      query.cursor = next.next_cursor;
    } while (!query.cursor.empty() && seen.size() < 1000);
    return seen;
  }

  std::size_t count(const std::function<void(ticket_query&)>& set) {
    ticket_query query;
    query.limit = 100;
    set(query);
    return walk(query).size();
  }
  std::size_t expected(const std::function<bool(const domain::ticket&)>& holds) {
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](const auto& t) { return holds(*t.second); }));
  }
};

std::optional<std::int64_t> key_of(const domain::ticket& t, ticket_sort sort) {
  auto ms = [](const std::optional<instant>& at) -> std::optional<std::int64_t> {
    if (!at) return std::nullopt;
    return at->time_since_epoch().count();
  };
  switch (sort) {
    case ticket_sort::created_at:
      return ms(t.created_at);
    case ticket_sort::due_at:
      return ms(t.due_at());
    case ticket_sort::priority:
      return -static_cast<std::int64_t>(t.priority);
    case ticket_sort::wedding:
      return t.wedding ? ms(t.wedding->at) : std::nullopt;
    case ticket_sort::relevance:
      break;  // the database's own
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("store: a walk by cursor sees every ticket once, in order, nulls last", "[store][lists]") {
  shelf s;
  for (auto sort : {ticket_sort::created_at, ticket_sort::due_at, ticket_sort::priority, ticket_sort::wedding}) {
    for (bool descending : {true, false}) {
      for (int limit : {1, 3, 7, 100}) {
        CAPTURE(static_cast<int>(sort), descending, limit);
        ticket_query query;
        query.sort = sort;
        query.descending = descending;
        query.limit = limit;
        auto seen = s.walk(query);
        REQUIRE(seen.size() == s.all.size());
        std::set<domain::ticket_id> ids;
        for (const auto& t : seen) ids.insert(t->id);
        CHECK(ids.size() == s.all.size());
        CHECK(std::is_sorted(seen.begin(), seen.end(), [&](const auto& x, const auto& y) {
          auto left = key_of(*x, sort);
          auto right = key_of(*y, sort);
          if (!left || !right) return left && !right;
          return descending ? *left > *right : *left < *right;
        }));
      }
    }
  }
}

TEST_CASE("store: each filter takes what it says and nothing else", "[store][lists]") {
  shelf s;
  using ticket = domain::ticket;
  CHECK(s.count([](auto& q) { q.status = {domain::ticket_status::resolved}; }) ==
        s.expected([](const ticket& t) { return t.status == domain::ticket_status::resolved; }));
  CHECK(s.count([](auto& q) {
    q.status = {domain::ticket_status::resolved, domain::ticket_status::open};
  }) == s.all.size());
  CHECK(s.count([](auto& q) { q.priorities = {domain::priority::critical}; }) ==
        s.expected([](const ticket& t) { return t.priority == domain::priority::critical; }));
  CHECK(s.count([](auto& q) {
    q.priorities = {domain::priority::critical, domain::priority::low};
  }) == s.expected([](const ticket& t) {
    return t.priority == domain::priority::critical || t.priority == domain::priority::low;
  }));
  CHECK(s.count([](auto& q) { q.categories = {"rsvp"}; }) ==
        s.expected([](const ticket& t) { return t.category == "rsvp"; }));
  for (auto urgency : {domain::urgency::emergency, domain::urgency::none})
    CHECK(s.count([urgency](auto& q) { q.urgencies = {urgency}; }) ==
          s.expected([urgency](const ticket& t) { return t.urgency == urgency; }));
  CHECK(s.count([](auto& q) { q.tiers = {domain::tier::professional}; }) == s.all.size());
  CHECK(s.count([](auto& q) { q.tiers = {domain::tier::free, domain::tier::starter}; }) == 0);
  CHECK(s.count([](auto& q) { q.assignee_ids = {"ines"}; }) ==
        s.expected([](const ticket& t) { return t.assignee_id == "ines"; }));
  CHECK(s.count([](auto& q) { q.assignee_ids = {""}; }) ==
        s.expected([](const ticket& t) { return t.assignee_id.empty(); }));
  CHECK(s.count([](auto& q) {
    q.assignee_ids = {"", "juan"};
  }) == s.expected([](const ticket& t) { return t.assignee_id.empty() || t.assignee_id == "juan"; }));
  CHECK(s.count([&](auto& q) { q.organizations = {s.a}; }) ==
        s.expected([&](const ticket& t) { return t.organization == s.a; }));
  CHECK(s.count([&](auto& q) { q.organizations = {s.a, s.b}; }) == s.all.size());
  CHECK(s.count([](auto& q) { q.escalation_levels = {0}; }) == s.all.size());
  CHECK(s.count([](auto& q) { q.escalation_levels = {1, 999}; }) == 0);
  CHECK(s.count([](auto& q) { q.tags = {"vip"}; }) == s.expected([](const ticket& t) { return t.tags != nullptr; }));
  CHECK(s.count([](auto& q) { q.tags = {"t5", "t10", "no"}; }) == 2);
  CHECK(s.count([](auto& q) { q.created_after = noon(4); }) ==
        s.expected([](const ticket& t) { return t.created_at > noon(4); }));
  CHECK(s.count([](auto& q) { q.created_before = noon(4); }) ==
        s.expected([](const ticket& t) { return t.created_at < noon(4); }));
  CHECK(s.count([](auto& q) { q.wedding_after = noon(1'000'002), q.wedding_before = noon(1'000'004); }) ==
        s.expected([](const ticket& t) { return t.wedding && t.wedding->at == noon(1'000'003); }));
  CHECK(s.walk({}, {s.a}).size() == s.expected([&](const ticket& t) { return t.organization == s.a; }));
  CHECK(s.count([](auto& q) { q.categories = {"' OR 1 = 1 --"}; }) == 0);
}

TEST_CASE("store: what is breached and what is at risk", "[store][lists]") {
  scratch_server pg;
  store::writer_lanes lanes{pg.lanes()};
  store::read_pool reads{pg.reads()};
  auto a = add_organization(lanes);
  auto ids = [&](std::vector<domain::sla_filter> which, instant now) {
    ticket_query query;
    query.sla = std::move(which);
    query.now = now;
    return answer_of<store::ticket_id_page>([&](auto done) { reads.list_tickets(query, {}, soon(), std::move(done)); })
        .value()
        .ids;
  };
  auto change = created({a, 1, noon(), [](auto& c) { c.priority = domain::priority::critical; }});
  auto target = change.after->latest(domain::clock_kind::first_response)->target();
  commit(lanes, change).value();
  using enum domain::sla_filter;
  CHECK(ids({at_risk}, noon() + target * 3 / 4 - 1ms).empty());
  CHECK(ids({at_risk}, noon() + target * 3 / 4).size() == 1);
  CHECK(ids({breached}, noon() + target * 3 / 4).empty());
  auto late = changed(change.after, domain::check_clocks{}, noon() + target + 1ms);
  commit(lanes, late).value();
  CHECK(ids({breached}, noon() + target + 1ms).size() == 1);
  CHECK(ids({at_risk}, noon() + target + 1ms).empty());
  CHECK(ids({breached, at_risk}, noon() + target + 1ms).size() == 1);
}

TEST_CASE("store: a cursor of another list, or of nobody, is refused", "[store][lists]") {
  shelf s;
  ticket_query query;
  query.limit = 3;
  query.cursor = s.page(query).value().next_cursor;
  REQUIRE_FALSE(query.cursor.empty());
  auto refused = [&](const ticket_query& q, store::scope who = {}) {
    auto answer = s.page(q, who);
    return !answer && answer.error().code == domain::errc::bad_cursor;
  };
  CHECK_FALSE(refused(query));
  auto other = query;
  other.limit = 50;
  CHECK_FALSE(refused(other));
  other.descending = false;
  CHECK(refused(other));
  other = query;
  other.sort = ticket_sort::priority;
  CHECK(refused(other));
  other = query;
  other.tags = {"vip"};
  CHECK(refused(other));
  CHECK(refused(query, {s.a}));
  for (std::string text : {"x", "AAAA", "not base64 at all, but as long as a cursor would be, abcd", "' OR 1=1 --"}) {
    other = query;
    other.cursor = text;
    CHECK(refused(other));
  }
  other = query;
  other.cursor[3] = other.cursor[3] == 'A' ? 'B' : 'A';
  CHECK(refused(other));
}

TEST_CASE("store: a cursor reads back as the place that it was made of", "[store][lists]") {
  store::list_fingerprint list;
  list.add("x").add(7);
  for (auto key : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 62}) {
    store::place where{key < 0, key, key / 3, domain::new_uuid_v7()};
    CHECK(store::parse_cursor(store::to_cursor(where, list), list) == where);
    CHECK_FALSE(store::parse_cursor(store::to_cursor(where, list), store::list_fingerprint()).has_value());
  }
}
