// What is written comes back as it was: values, clocks, threads, keys.
#include <catch2/catch_test_macros.hpp>

#include "fixture.hpp"

using namespace usher;
using namespace usher::test;

namespace {

/// Every optional part set, with all that a text may hold.
domain::change full_ticket(domain::organization_id organization) {
  return created({organization, 41, noon(), [](domain::create_ticket& c) {
                    c.subject = "\\N \"quoted\"\tand\nbroken, {braces} 💐 ü";
                    c.body = std::string(20'000, 'x') + "\\.\n\r\t\x01 end";
                    c.via = domain::channel::phone;
                    c.category = "vendor_no_show";
                    c.priority = domain::priority::critical;
                    c.tags = {"a,b", "{c}", "\"d\"", "", "NULL", "ñ\\"};
                    c.custom_fields = R"({"a":" x : \" y","list":[1,2.50,null,{"k":true}]})";
                    c.wedding = domain::wedding{noon(86'400'000), "America/New_York", "The \\ Barn"};
                    c.requester = domain::contact{"Zoë", "zoe@example.com"};
                  }});
}

}  // namespace

TEST_CASE("store: a full ticket reads back equal, live or replayed", "[store]") {
  scratch_server pg;
  store::writer_lanes lanes(pg.lanes());
  store::read_pool reads(pg.reads());
  auto organization = add_organization(lanes);
  auto change = full_ticket(organization);
  auto live = change.after;
  REQUIRE(commit(lanes, change));
  CHECK(same(*load(reads, live->id), *live));

  // Through a life: answered, paused, breached late, resolved, reopened, deleted, restored.
  std::int64_t minute = 60'000;
  auto step = [&](const domain::ticket_command& command, std::int64_t at) {
    auto next = changed(live, command, noon(at));
    live = next.after;
    REQUIRE(commit(lanes, std::move(next)));
    CAPTURE(live->version);
    CHECK(same(*load(reads, live->id), *live));
  };
  step(domain::check_clocks{}, 130 * minute);
  step(domain::add_message{domain::message_id::generate(), "On it.", domain::visibility::public_, domain::channel::web,
                           false},
       131 * minute);
  step(update([](auto& u) { u.status = domain::ticket_status::on_hold; }), 140 * minute);
  step(update([](auto& u) {
         u.subject = "New";
         u.priority = domain::priority::low;
         u.tags = std::vector<std::string>{};
       }),
       150 * minute);
  step(update([](auto& u) {
         u.body = "Short now";
         u.custom_fields.emplace().emplace_back("a", "null");
         u.wedding.emplace();
       }),
       160 * minute);
  step(domain::assign_ticket{"ines"}, 170 * minute);
  step(update([](auto& u) { u.status = domain::ticket_status::open; }), 180 * minute);
  step(update([](auto& u) { u.status = domain::ticket_status::resolved; }), 190 * minute);
  step(update([](auto& u) { u.status = domain::ticket_status::open; }), 200 * minute);
  step(domain::delete_ticket{}, 210 * minute);
  step(domain::restore_ticket{}, 220 * minute);
  step(update([](auto& u) { u.status = domain::ticket_status::closed; }), 230 * minute);

  // One audit entry a version, in the order of the versions; clock events without a gap.
  CHECK(pg.number("SELECT count(*) FROM usher.audit_log WHERE ticket_id IS NOT NULL") == live->version);
  CHECK(pg.number("SELECT count(*) FROM (SELECT version, row_number() OVER (ORDER BY id) AS n FROM usher.audit_log "
                  "WHERE ticket_id IS NOT NULL) a WHERE version <> n") == 0);
  CHECK(pg.number("SELECT max(seq)::int8 - count(*) FROM usher.support_sla_events") == 0);
  CHECK(pg.number("SELECT count(*) FROM usher.ticket_classifications") == 1);
  CHECK(pg.ask("SELECT sla_breached FROM usher.support_tickets").boolean(0, 0));
}

TEST_CASE("store: messages come back oldest first, internal ones for staff only", "[store]") {
  scratch_server pg;
  store::writer_lanes lanes(pg.lanes());
  store::read_pool reads(pg.reads());
  auto organization = add_organization(lanes);
  auto change = created({organization});
  auto live = change.after;
  REQUIRE(commit(lanes, change));
  for (int i = 0; i < 5; ++i) {
    auto visible = i % 2 == 0 ? domain::visibility::public_ : domain::visibility::internal;
    auto next = changed(live,
                        domain::add_message{domain::message_id::generate(), "m" + std::to_string(i), visible,
                                            domain::channel::web, false},
                        noon(1000 + i));
    live = next.after;
    REQUIRE(commit(lanes, std::move(next)));
  }
  auto ask = [&](bool internal, int limit, std::string cursor) {
    return answer_of<domain::page<domain::message>>([&](auto done) {
      reads.list_messages(live->id, {organization}, internal, limit, cursor, soon(), std::move(done));
    });
  };
  auto first = ask(true, 3, "").value();
  auto rest = ask(true, 3, first.next_cursor).value();
  REQUIRE(first.data.size() == 3);
  REQUIRE(rest.data.size() == 2);
  CHECK(first.data[0].body == "m0");
  CHECK(rest.data[1].body == "m4");
  CHECK(rest.next_cursor.empty());
  CHECK(ask(false, 10, "").value().data.size() == 3);
  CHECK(ask(false, 10, first.next_cursor).error().code == domain::errc::bad_cursor);
  CHECK(first.data[1].visible == domain::visibility::internal);
  CHECK(first.data[1].author_role == domain::role::manager);
  CHECK(first.data[1].created_at == noon(1001));
}

TEST_CASE("store: organizations are made once and replaced by version", "[store]") {
  scratch_server pg;
  store::writer_lanes lanes(pg.lanes());
  store::read_pool reads(pg.reads());
  auto made = an_organization();
  auto put = [&](domain::organization what, std::int64_t expected) {
    return commit(
        lanes,
        store::write{store::organization_write{std::move(what), expected, staff()}, store::steady_time::max(), {}});
  };
  REQUIRE(put(made, 0));
  CHECK(put(made, 0).error().code == domain::errc::version_mismatch);
  auto next = made;
  next.name = "Peony";
  next.tier = domain::tier::enterprise;
  next.version = 2;
  CHECK(put(next, 7).error().code == domain::errc::version_mismatch);
  REQUIRE(put(next, 1));
  auto all = answer_of<domain::page<domain::organization>>([&](auto done) {
               reads.list_organizations({}, 10, "", soon(), std::move(done));
             }).value();
  REQUIRE(all.data.size() == 1);
  CHECK(all.data[0].name == "Peony");
  CHECK(all.data[0].tier == domain::tier::enterprise);
  CHECK(all.data[0].version == 2);
  CHECK(all.data[0].time_zone == "Europe/Paris");
  CHECK(pg.number("SELECT count(*) FROM usher.audit_log") == 2);
}

TEST_CASE("store: an answer is kept under its key for 24 hours, then the key is free", "[store]") {
  scratch_server pg;
  store::writer_lanes lanes(pg.lanes());
  store::read_pool reads(pg.reads());
  auto organization = add_organization(lanes);
  std::int64_t number = 0;
  auto with_key = [&](instant at) {
    auto change = created({organization, ++number, at});
    store::idempotency_record record{organization,
                                     "zoe",
                                     "/api/support/tickets",
                                     "k1",
                                     std::string(32, '\0'),
                                     201,
                                     R"({"n":)" + std::to_string(number) + "}",
                                     change.after->id,
                                     1,
                                     at};
    return commit(lanes, store::write{store::ticket_write{change, record}, store::steady_time::max(), {}});
  };
  auto find = [&](instant at) {
    return answer_of<store::idempotency_record>([&](auto done) {
      reads.find_idempotent(organization, "zoe", "/api/support/tickets", "k1", at, soon(), std::move(done));
    });
  };
  CHECK(find(noon()).error().code == domain::errc::not_found);
  REQUIRE(with_key(noon()));
  CHECK(find(noon(1)).value().body == R"({"n":1})");
  CHECK(find(noon(1)).value().fingerprint == std::string(32, '\0'));
  CHECK(with_key(noon(1000)).error().code == domain::errc::idempotency_in_flight);
  CHECK(pg.number("SELECT count(*) FROM usher.support_tickets") == 1);
  std::int64_t day = 86'400'000;
  CHECK(find(noon(day)).error().code == domain::errc::not_found);
  REQUIRE(with_key(noon(day)));
  CHECK(find(noon(day + 1)).value().body == R"({"n":3})");
}

TEST_CASE("store: recovery reads every live ticket once, in parts, equal to what was written", "[store]") {
  scratch_server pg;
  store::writer_lanes lanes(pg.lanes());
  auto organization = add_organization(lanes);
  std::map<domain::ticket_id, domain::ticket_ptr> expected;
  for (int i = 1; i <= 60; ++i) {
    auto change = created({organization, i, noon(i)});
    REQUIRE(commit(lanes, change));
    auto live = change.after;
    if (i % 3 == 0) {
      auto closed = changed(live, update([](auto& u) { u.status = domain::ticket_status::closed; }), noon(5000));
      REQUIRE(commit(lanes, std::move(closed)));
    } else {
      expected[live->id] = live;
    }
  }
  store::recovery_source source(pg.as("usher_staff_reader"));
  CHECK(source.highest_ticket_number() == 60);
  CHECK(source.count_live_tickets() == 40);
  CHECK(source.all_organizations().size() == 1);
  auto settings = source.settings();
  CHECK(settings.policies == domain::default_policies());
  CHECK(settings.rules == domain::default_escalation_rules());
  CHECK(settings.categories.size() == domain::default_categories().size());
  CHECK(settings.policy(domain::tier::free, domain::priority::low)->id ==
        domain::desk_settings::defaults().policy(domain::tier::free, domain::priority::low)->id);
  std::size_t seen = 0;
  domain::ticket_id after{};
  auto bounds = source.split_live_tickets(4);
  REQUIRE(bounds.size() == 4);
  for (const auto& up_to : bounds) {
    while (true) {
      auto page = source.load_live_tickets(after, up_to, 7);
      for (const auto& t : page) CHECK(same(*t, *expected.at(t->id)));
      seen += page.size();
      if (page.size() < 7) break;
      after = page.back()->id;
    }
    after = up_to;
  }
  CHECK(seen == expected.size());
}
