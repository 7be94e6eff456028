// Macros: placeholders, and one change of a reply and what goes with it.
#include <catch2/catch_test_macros.hpp>

#include "domain/macro.hpp"
#include "ticket_fixture.hpp"

using namespace usher::domain;

TEST_CASE("macro: what is filled in is never read for placeholders itself") {
  ticket t;
  t.number = 7;
  t.subject = "{{ticket.number}} }} {{";
  t.requester = std::make_shared<const contact>(contact{"Ada", ""});
  const auto settings = desk_settings::defaults();
  caller by;
  by.sub = "agent-7";
  CHECK(fill_in("{{ticket.subject}}|{{ ticket.number }}|{{requester.name}}", t, by, settings) ==
        "{{ticket.number}} }} {{|7|Ada");
  CHECK(fill_in("{{agent.name}} {{wedding.date}}{{wedding.venue}}", t, by, settings) == "agent-7 ");
  CHECK(fill_in("open {{ticket.number", t, by, settings) == "open {{ticket.number");
  CHECK(unknown_placeholders("{{ticket.number}} {{secret}} {{}}") == std::vector<std::string>{"secret", ""});
}

TEST_CASE("macro: reply and changes are one version, all or nothing") {
  usher::test::ticket_fixture desk;
  desk.create();
  const auto before = desk.ticket->version;
  run_macro both;
  both.id = message_id::generate();
  both.reply = "No. {{ticket.number}}";
  both.set.status = ticket_status::resolved;
  const auto done = desk.must(both, role::agent);
  CHECK(desk.ticket->version == before + 1);
  CHECK(desk.ticket->status == ticket_status::resolved);
  REQUIRE(done.added_message() != nullptr);
  CHECK(done.added_message()->body == "No. 1042");
  CHECK(desk.clock(clock_kind::first_response).state(desk.now) == clock_state::met);

  run_macro refused;
  refused.id = message_id::generate();
  refused.reply = "Again";
  refused.set.category = "no_such_category";
  const auto no = desk.run(refused, desk.as(role::agent));
  REQUIRE_FALSE(no);
  CHECK(no.error().code == errc::invalid);
  CHECK(desk.ticket->version == before + 1);
  CHECK(desk.run(both, desk.as(role::requester)).error().code == errc::forbidden);
}
