// The write path: order, refusals, bounds, and what a poison write does to its neighbours.
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <csignal>

#include "fixture.hpp"

using namespace usher;
using namespace usher::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using domain::errc;

namespace {

constexpr auto forever = store::steady_time::max();

/// Answers that come in some time.
class answers {
 public:
  domain::completion<std::monostate> next() {
    auto slot = std::make_shared<std::promise<domain::result<std::monostate>>>();
    futures_.push_back(slot->get_future());
    return domain::completion<std::monostate>([slot](auto result) { slot->set_value(std::move(result)); });
  }
  /// The code of each: nothing for a success.
  std::vector<std::optional<errc>> codes() {
    std::vector<std::optional<errc>> all;
    for (auto& each : futures_) {
      if (each.wait_for(patience) != std::future_status::ready) throw std::runtime_error("no answer");
      auto result = each.get();
      all.push_back(result ? std::nullopt : std::optional(result.error().code));
    }
    return all;
  }

 private:
  std::vector<std::future<domain::result<std::monostate>>> futures_;
};

/// Keeps every batch from going on while it lives.
class held_lane {
 public:
  explicit held_lane(scratch_server& pg) {
    auto opened = store::connection::open(pg.as("postgres"), soon());
    connection_.emplace(std::move(opened.value()));
    connection_->script("BEGIN; SELECT * FROM usher.writer_lanes FOR UPDATE", soon()).value();
  }
  /// Whether a batch has come to wait.
  static bool is_waited_for(scratch_server& pg) {
    return pg.number(
               "SELECT count(*) FROM pg_stat_activity WHERE usename = 'usher_writer' AND wait_event_type = 'Lock'") > 0;
  }

 private:
  std::optional<store::connection> connection_;
};

store::write as_write(domain::change change, store::steady_time give_up_at = forever) {
  return {store::ticket_write{std::move(change), std::nullopt}, give_up_at, {}};
}

std::int64_t backend_of_lane(scratch_server& pg) {
  return pg.number("SELECT pid::int8 FROM pg_stat_activity WHERE usename = 'usher_writer'");
}

}  // namespace

TEST_CASE("store: a poison write gets its error, and its neighbours commit", "[store][writer]") {
  scratch_server pg;
  auto settings = pg.lanes();
  std::atomic<std::size_t> largest{0};
  settings.observer.on_commit = [&](double, std::size_t size) { largest = std::max(largest.load(), size); };
  store::writer_lanes lanes(settings);
  auto organization = add_organization(lanes);
  answers all;
  std::int64_t number = 0;
  auto submit = [&](const std::function<void(domain::create_ticket&)>& also) {
    auto write = as_write(created({organization, ++number, noon(), also}));
    write.done = all.next();
    lanes.submit(std::move(write));
  };
  {
    held_lane held(pg);
    submit([](auto&) {});
    REQUIRE(eventually([&] { return held_lane::is_waited_for(pg); }));
    for (int i = 0; i < 40; ++i) {
      submit([i](domain::create_ticket& c) {
        if (i == 3) c.custom_fields = R"({"a":"\u0000"})";
        if (i == 17) c.body = std::string("zero\0byte", 9);
        if (i == 18) c.subject = "\xC3(";
        if (i == 30) c.organization = domain::organization_id::generate();
      });
    }
  }
  auto codes = all.codes();
  for (int i = 0; i < 40; ++i) {
    CAPTURE(i);
    bool poison = i == 3 || i == 17 || i == 18 || i == 30;
    CHECK(codes[static_cast<std::size_t>(i + 1)] == (poison ? std::optional(errc::rejected_by_store) : std::nullopt));
  }
  CHECK(pg.number("SELECT count(*) FROM usher.support_tickets") == 37);
  CHECK(pg.number("SELECT count(*) FROM usher.audit_log WHERE ticket_id IS NOT NULL") == 37);
  CHECK(pg.number("SELECT count(*) FROM usher.support_sla_events") == 74);
  CHECK(largest > 4);
}

TEST_CASE("store: a write on a stale version is told so, and its neighbours commit", "[store][writer]") {
  scratch_server pg;
  store::writer_lanes lanes(pg.lanes());
  store::read_pool reads(pg.reads());
  auto organization = add_organization(lanes);
  auto first = created({organization, 1});
  auto other = created({organization, 2});
  REQUIRE(commit(lanes, first));
  auto to_high = changed(first.after, update([](auto& u) { u.priority = domain::priority::high; }), noon(1));
  auto to_low = changed(first.after, update([](auto& u) { u.subject = "stale"; }), noon(2));
  REQUIRE(commit(lanes, to_high));
  answers all;
  {
    held_lane held(pg);
    for (auto change : {created({organization, 3}), other, to_low, created({organization, 4})}) {
      auto write = as_write(std::move(change));
      write.done = all.next();
      lanes.submit(std::move(write));
    }
  }
  CHECK(all.codes() == std::vector<std::optional<errc>>{{}, {}, errc::version_mismatch, {}});
  CHECK(same(*load(reads, first.after->id), *to_high.after));
  CHECK(pg.number("SELECT count(*) FROM usher.audit_log WHERE ticket_id = '" + to_string(first.after->id) + "'") == 2);
}

TEST_CASE("store: changes of one ticket that come without waiting commit in their order", "[store][writer]") {
  scratch_server pg;
  store::writer_lanes lanes(pg.lanes());
  store::read_pool reads(pg.reads());
  auto organization = add_organization(lanes);
  answers all;
  auto next = created({organization, 1});
  auto live = next.after;
  for (int i = 0; i < 20; ++i) {
    auto write = as_write(next);
    write.done = all.next();
    lanes.submit(std::move(write));
    live = next.after;
    next = changed(live, update([i](auto& u) { u.subject = "v" + std::to_string(i); }), noon(i));
  }
  for (const auto& code : all.codes()) CHECK_FALSE(code.has_value());
  CHECK(same(*load(reads, live->id), *live));
}

TEST_CASE("store: the same idempotency key many times at once commits one write", "[store][writer]") {
  scratch_server pg;
  store::writer_lanes lanes(pg.lanes(2));
  auto organization = add_organization(lanes);
  answers all;
  for (int i = 0; i < 50; ++i) {
    auto change = created({organization, i + 1});
    store::idempotency_record record{{}, "zoe", "/r", "k", std::string(32, 'f'), 201, "{}", change.after->id,
                                     1,  noon()};
    store::write write{store::ticket_write{change, record}, forever, all.next()};
    lanes.submit(std::move(write));
  }
  auto codes = all.codes();
  CHECK(std::count(codes.begin(), codes.end(), std::nullopt) == 1);
  CHECK(std::count(codes.begin(), codes.end(), std::optional(errc::idempotency_in_flight)) == 49);
  CHECK(pg.number("SELECT count(*) FROM usher.support_tickets") == 1);
}

TEST_CASE("store: an alert is kept", "[store][writer]") {
  scratch_server pg;
  store::writer_lanes lanes(pg.lanes());
  REQUIRE(commit(
      lanes,
      store::write{store::alert_write{"ticket_quarantined", "critical", std::string(3999, 'x') + "ééé", {}, {}, noon()},
                   forever,
                   {}}));
  CHECK(pg.ask("SELECT kind FROM usher.system_alerts").text(0, 0) == "ticket_quarantined");
}

TEST_CASE("store: an alert of a changed setting is stored with it or not at all", "[store][writer]") {
  scratch_server pg;
  store::writer_lanes lanes(pg.lanes());
  const auto change = [&](const char* code, const char* priority) {
    store::settings_write row{domain::settings_table::categories,
                              code,
                              std::string(R"({"code":")") + code + R"(","default_priority":")" + priority +
                                  R"(","threatens_day":false,"skills":[],"retired_at":null,"version":1})",
                              "category.added",
                              staff(),
                              noon(),
                              {},
                              std::nullopt};
    row.break_glass = "the florists ask for it today";
    row.alert = store::alert_write{"freeze_broken", "critical", code, {}, {}, noon()};
    return commit(lanes, store::write{std::move(row), forever, {}});
  };
  CHECK_FALSE(change("no_such_priority", "highest"));
  CHECK(pg.number("SELECT count(*) FROM usher.system_alerts") == 0);
  REQUIRE(change("fireworks", "high"));
  CHECK(pg.number("SELECT count(*) FROM usher.system_alerts a JOIN usher.support_categories c ON a.xmin = c.xmin "
                  "WHERE c.code = 'fireworks' AND a.detail = c.code") == 1);
}

TEST_CASE("store: a server process that stands still costs its writes their time and no more", "[store][writer]") {
  scratch_server pg;
  auto settings = pg.lanes();
  settings.answer_max = 400ms;
  settings.queue_max = 4;
  store::writer_lanes lanes(settings);
  auto organization = add_organization(lanes);
  auto backend = static_cast<pid_t>(backend_of_lane(pg));
  REQUIRE(::kill(backend, SIGSTOP) == 0);
  auto begun = std::chrono::steady_clock::now();
  auto late = commit(lanes, as_write(created({organization, 1}), begun + 1s));
  CHECK(late.error().code == errc::unavailable);
  CHECK(std::chrono::steady_clock::now() - begun < 3s);
  CHECK_FALSE(lanes.reachable());
  answers all;
  for (int i = 0; i < 10; ++i) {
    auto write = as_write(created({organization, 10 + i}));
    write.done = all.next();
    lanes.submit(std::move(write));
  }
  CHECK(lanes.queue_depth() <= 4);
  ::kill(backend, SIGCONT);
  auto codes = all.codes();
  auto refused = std::count(codes.begin(), codes.end(), std::optional(errc::overloaded));
  CHECK(refused >= 4);
  CHECK(std::count(codes.begin(), codes.end(), std::nullopt) == 10 - refused);
  CHECK(pg.number("SELECT count(*) FROM usher.support_tickets") == 10 - refused);
  CHECK(eventually([&] { return lanes.reachable(); }));
}

TEST_CASE("store: draining commits what is queued and takes nothing new", "[store][writer]") {
  scratch_server pg;
  store::writer_lanes lanes(pg.lanes());
  auto organization = add_organization(lanes);
  answers all;
  for (int i = 0; i < 1500; ++i) {
    auto write = as_write(created({organization, i + 1}));
    write.done = all.next();
    lanes.submit(std::move(write));
  }
  lanes.drain(soon());
  for (const auto& code : all.codes()) REQUIRE_FALSE(code.has_value());
  CHECK(commit(lanes, created({organization, 9999})).error().code == errc::shutting_down);
  CHECK(pg.number("SELECT count(*) FROM usher.support_tickets") == 1500);
}

TEST_CASE("store: draining without a database ends in time, with an answer for everyone", "[store][writer]") {
  scratch_server pg;
  store::writer_lanes lanes(pg.lanes());
  auto organization = add_organization(lanes);
  pg.server().stop();
  answers all;
  for (int i = 0; i < 10; ++i) {
    auto write = as_write(created({organization, i + 1}));
    write.done = all.next();
    lanes.submit(std::move(write));
  }
  auto begun = std::chrono::steady_clock::now();
  lanes.drain(begun + 300ms);
  CHECK(std::chrono::steady_clock::now() - begun < 3s);
  for (const auto& code : all.codes()) CHECK(code == errc::unavailable);
}

TEST_CASE("store: two servers can't write to one database", "[store][writer]") {
  scratch_server pg;
  auto settings = pg.lanes();
  settings.claim_max = 200ms;
  store::writer_lanes first(settings);
  CHECK_THROWS_MATCHES(store::writer_lanes(settings), store::unavailable_error,
                       MessageMatches(ContainsSubstring("another server holds writer lane 0")));
}

TEST_CASE("store: a database that may forget is refused", "[store][writer]") {
  scratch_server pg;
  pg.ask("ALTER ROLE usher_writer SET synchronous_commit = off");
  CHECK_THROWS_MATCHES(store::writer_lanes(pg.lanes()), store::unavailable_error,
                       MessageMatches(ContainsSubstring("synchronous_commit is off")));
}

TEST_CASE("store: a role that row-level security doesn't bind is refused", "[store][writer]") {
  scratch_server pg;
  auto settings = pg.lanes();
  settings.target = pg.as("postgres");
  CHECK_THROWS_MATCHES(store::writer_lanes(settings), store::unavailable_error,
                       MessageMatches(ContainsSubstring("bypasses row-level security")));
}

TEST_CASE("store: tables of another shape are refused", "[store][writer]") {
  scratch_server pg;
  pg.ask("ALTER TABLE usher.audit_log ADD COLUMN more int");
  CHECK_THROWS_MATCHES(store::writer_lanes(pg.lanes()), store::unavailable_error,
                       MessageMatches(ContainsSubstring("usher.audit_log is not the one")));
}
