// Erasing a guest's name from other people's tickets, on a real PostgreSQL: what is found, what a confirmation takes,
// what is forgotten, and how it goes on after a crash.
#include <atomic>
#include <catch2/catch_test_macros.hpp>

#include "domain/erasure.hpp"
#include "fixture.hpp"
#include "store/privacy_office.hpp"
#include "store/privacy_phrase.hpp"

using namespace usher;
using namespace usher::test;

namespace {

constexpr std::string_view guest = "Rósa Bellini";
const domain::caller admin{"admin-1", domain::role::admin, std::nullopt};

/// A clock that a test turns on.
struct movable_clock final : domain::clock_port {
  std::atomic<std::int64_t> ahead{0};
  domain::instant now() const override { return real.now() + domain::milliseconds(ahead.load()); }
  std::chrono::steady_clock::time_point steady_now() const override { return real.steady_now(); }
  domain::system_clock_port real;
};

struct phrase_world {
  scratch_server pg;
  store::writer_lanes lanes{pg.lanes()};
  store::read_pool reads{pg.reads()};
  movable_clock clock;
  domain::organization_id a = add_organization(lanes);
  domain::organization_id b = add_organization(lanes);
  std::atomic<int> refuse_after{1'000'000};
  std::unique_ptr<store::privacy_office> office;

  phrase_world() { open(); }

  void open() {
    store::privacy_settings settings;
    settings.eraser = pg.as("usher_eraser");
    settings.key = "a key of this test";
    settings.change_ticket = [this](domain::ticket_id id, domain::ticket_command what, domain::caller by,
                                    domain::completion<std::monostate> done) {
      if (refuse_after.fetch_sub(1) <= 0) return done(domain::fail(domain::errc::unavailable));
      auto now = domain::desk_settings::defaults();
      auto next = domain::perform(load(reads, id), what, {by, clock.now(), &now, std::nullopt, nullptr});
      if (!next) return done(std::unexpected(next.error()));
      if (next->events.empty()) return done(std::monostate{});
      done(commit(lanes, std::move(*next)));
    };
    office = std::make_unique<store::privacy_office>(std::move(settings), clock, lanes);
    office->start();
  }

  /// A ticket of somebody else's that says the guest's name where `where` puts it.
  domain::ticket_ptr put(domain::organization_id owner, std::int64_t number,
                         const std::function<void(domain::create_ticket&)>& where) {
    auto change = created({owner, number, noon(), where});
    auto made = change.after;
    commit(lanes, change).value();
    return load(reads, made->id);
  }
  domain::ticket_ptr put_in_body(domain::organization_id owner, std::int64_t number) {
    return put(owner, number, [](auto& c) { c.body = "We seat " + std::string(guest) + " at table 4."; });
  }

  domain::result<domain::privacy_answer> ask(domain::privacy_question what, const domain::caller& by = admin) {
    return answer_of<domain::privacy_answer>([&](auto done) { office->ask(std::move(what), by, std::move(done)); });
  }
  domain::privacy_answer search(std::string phrase = "rosa bellini", const domain::caller& by = admin,
                                std::optional<domain::organization_id> owner = std::nullopt) {
    auto asked = ask(domain::erase_question{{domain::subject_kind::phrase, std::move(phrase)}, owner}, by).value();
    if (asked.id && asked.refused.empty())
      REQUIRE(eventually([&] { return look(*asked.id, by).find("\"state\":\"searching\"") == std::string::npos; }));
    return asked;
  }
  std::string look(const domain::uuid& id, const domain::caller& by = admin) {
    return ask(domain::erasure_question{id}, by).value().body;
  }
  void confirm(const domain::uuid& id, std::optional<std::vector<domain::uuid>> tickets = std::nullopt) {
    REQUIRE(ask(domain::confirm_question{id, std::move(tickets)}).value().refused.empty());
    REQUIRE(eventually([&] { return says(look(id), "\"state\":\"done\""); }));
  }
  static bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

  /// Rows of any table that say the name, whatever its case and accents.
  std::string tables_left() {
    const auto tables = pg.ask(
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'usher' AND "
        "table_type = 'BASE TABLE' ORDER BY 1");
    std::string out;
    for (int row = 0; row < tables.size(); ++row)
      if (pg.number("SELECT count(*) FROM usher." + tables.text(row, 0) +
                    " x WHERE usher.plain_words(x::text) LIKE '%bellini%'") > 0)
        out += tables.text(row, 0) + " ";
    return out;
  }
};

using tickets = std::vector<domain::uuid>;

}  // namespace

TEST_CASE("store: a phrase is found wherever a ticket keeps words, and is nowhere after the confirmation",
          "[store][privacy][phrase]") {
  phrase_world w;
  const std::string name(guest);
  auto t = w.put(w.a, 1, [&](domain::create_ticket& c) {
    c.subject = name + " moves";
    c.body = "Please seat\nRosa\n Bellini near the door.";
    c.tags = {"rosa-bellini", "Rosa Bellini"};
    c.custom_fields = R"({"guest":"see\nRosa Bellini","list":[{"Rosa Bellini":1}]})";
    c.requester = domain::contact{"Niece of Rosa Bellini", "niece@example.net"};
    c.wedding = domain::wedding{noon() + std::chrono::days{40}, "", "Rosa Bellini's barn"};
  });
  domain::add_message message{domain::message_id::generate(), "About " + name + ": no nuts",
                              domain::visibility::internal, domain::channel::web, false};
  commit(w.lanes, changed(t, message, noon(1))).value();
  message.id = domain::message_id::generate();
  message.visible = domain::visibility::public_;
  commit(w.lanes, changed(load(w.reads, t->id), message, noon(2))).value();
  const auto id = "'" + to_string(t->id) + "'";
  const auto org = "'" + to_string(w.a) + "'";
  const auto sql = [&](const std::string& text) { w.pg.ask(text); };
  sql("UPDATE usher.support_tickets SET classified_signals = '{\"word: Rosa Bellini\"}' WHERE id = " + id);
  sql("UPDATE usher.ticket_classifications SET signals = '{\"word: Rosa Bellini\"}'");
  sql("INSERT INTO usher.attachments (ticket_id, id, organization_id, name, media_type, bytes, sha256, created_at) "
      "VALUES "
      "(" +
      id + ", gen_random_uuid(), " + org + ", 'Menu of Rosa Bellini.pdf', 'application/pdf', 1, sha256('x'), now())");
  sql("INSERT INTO usher.csat_responses (ticket_id, cycle, organization_id, at, score, by_sub, comment) VALUES (" + id +
      ", 1, " + org + ", now(), 5, 'niece', 'Rosa Bellini is content')");
  sql("INSERT INTO usher.support_escalations (ticket_id, id, organization_id, cycle, level, clock, state, cause, "
      "scheduled_at, reason) VALUES (" +
      id + ", gen_random_uuid(), " + org + ", 1, 2, 'resolution', 'fired', 'manual', now(), 'for Rosa Bellini')");
  sql("INSERT INTO usher.outbox (id, organization_id, ticket_id, created_at, next_attempt_at, channel, event, "
      "recipient, "
      "payload) VALUES ('0197a000-0000-7000-8000-0000000000f1', " +
      org + ", " + id +
      ", now(), now(), 'email', 'csat.requested', 'niece@example.net', '{\"text\":\"Dear niece of Rosa Bellini\"}')");
  sql("INSERT INTO usher.outbox_attempts (outbox_id, attempt, organization_id, at, duration_ms, outcome, detail) "
      "VALUES "
      "('0197a000-0000-7000-8000-0000000000f1', 1, " +
      org + ", now(), 1, 'refused', 'no mailbox for Rosa Bellini')");
  for (const std::string& about : {id, std::string("NULL")})
    sql("INSERT INTO usher.idempotency_keys (organization_id, caller_sub, route, key, fingerprint, status, body, "
        "ticket_id, version, created_at) VALUES (" +
        org + ", 'niece', '/x', 'k" + std::to_string(about.size()) + "', sha256('x'), 201, '{\"id\":\"" +
        to_string(t->id) + "\",\"subject\":\"Rosa Bellini\"}', " + about + ", 1, now())");
  sql("INSERT INTO usher.idempotency_keys (organization_id, caller_sub, route, key, fingerprint, status, body, "
      "version, "
      "created_at) VALUES (" +
      org + ", 'niece', '/x', 'in flight', sha256('x'), 0 + 100, '', 1, now())");
  for (const std::string& route : {to_string(t->id) + "/messages", std::string("1/messages"), std::string("1")})
    sql("INSERT INTO usher.idempotency_keys (organization_id, caller_sub, route, key, fingerprint, status, body, "
        "version, created_at) VALUES (" +
        org + ", 'niece', '/api/support/tickets/" + route +
        "', 'by path', sha256('x'), 201, '{\"body\":\"Rosa Bellini\"}', 0, now())");
  sql("INSERT INTO usher.system_alerts (id, organization_id, ticket_id, at, kind, level, detail) VALUES "
      "(gen_random_uuid(), " +
      org + ", " + id + ", now(), 'x', 'info', 'Rosa Bellini waits')");
  sql("INSERT INTO usher.audit_log (id, organization_id, ticket_id, at, actor_sub, actor_role, action, details) VALUES "
      "(gen_random_uuid(), " +
      org + ", " + id + ", now(), 'x', 'agent', 'x', '{\"said\":[\"to Rosa Bellini\"]}')");
  auto foreign = w.put(w.a, 2, [](auto& c) { c.body = "Rosalia Bellinis, Bellini, Rosa."; });
  const auto later = w.ask(domain::export_question{{domain::subject_kind::email, "niece@example.net"}, true}).value();
  REQUIRE(
      eventually([&] { return phrase_world::says(w.ask(domain::export_state_question{*later.id})->body, "barn"); }));

  const auto asked = w.search();
  const auto preview = w.look(*asked.id);
  INFO(preview);
  CHECK(phrase_world::says(preview, "\"state\":\"preview\""));
  CHECK(phrase_world::says(preview, "\"found\":1"));
  CHECK_FALSE(phrase_world::says(asked.body, "Bellini"));
  CHECK_FALSE(phrase_world::says(preview, to_string(foreign->id)));
  // Each place is found, and so none is left out of what the confirmation does.
  CHECK(w.pg.number("SELECT hit_count::int8 FROM usher.erasure_tickets") == 19);
  CHECK(same(*load(w.reads, t->id), *load(w.reads, t->id)));

  w.confirm(*asked.id);
  const auto done = w.look(*asked.id);
  INFO(done);
  CHECK(phrase_world::says(done, to_string(t->id)));
  CHECK(phrase_world::says(done, "\"confirmed_by\":\"admin-1\""));
  for (const auto& place : store::phrase_places()) {
    if (place.table == "erasure_tickets") continue;
    CAPTURE(place.table);
    CHECK(phrase_world::says(done, "\"" + std::string(place.table) + "\":"));
  }
  CHECK(phrase_world::says(done, "\"ticket_search\":1"));
  const auto now = load(w.reads, t->id);
  CHECK(now->subject == "[erased] moves");
  CHECK(now->body == "Please seat\n[erased] near the door.");
  CHECK(now->custom_fields->find("see\\n[erased]") != std::string::npos);
  CHECK(now->requester->email == "niece@example.net");
  CHECK(w.ask(domain::export_state_question{*later.id}).error().code == domain::errc::not_found);
  CHECK(w.pg.number("SELECT count(*) FROM usher.outbox WHERE next_attempt_at IS NOT NULL AND payload->>'text' = 'Dear "
                    "niece of [erased]'") == 1);
  w.pg.ask("UPDATE usher.support_tickets SET body = 'x' WHERE id = '" + to_string(foreign->id) + "'");
  w.pg.ask("UPDATE usher.ticket_search SET document = '' WHERE ticket_id = '" + to_string(foreign->id) + "'");
  w.pg.ask("UPDATE usher.support_tickets SET tags = '{}' WHERE id = " + id);
  CHECK(w.tables_left().empty());
}

TEST_CASE("store: only the tickets that were named lose the phrase, and the certificate comes once",
          "[store][privacy][phrase]") {
  phrase_world w;
  auto first = w.put_in_body(w.a, 1);
  auto second = w.put_in_body(w.a, 2);
  const auto asked = w.search();
  const auto unknown = domain::new_uuid_v7();
  const auto wrong = w.ask(domain::confirm_question{*asked.id, tickets{first->id.value, unknown}});
  CHECK(wrong.error().code == domain::errc::invalid);
  REQUIRE(wrong.error().fields.size() == 1);
  CHECK(wrong.error().fields[0].pointer == "/tickets/1");
  w.confirm(*asked.id, tickets{second->id.value});
  CHECK(same(*load(w.reads, first->id), *first));
  CHECK(load(w.reads, second->id)->body == "We seat [erased] at table 4.");
  const auto done = w.look(*asked.id);
  CHECK(phrase_world::says(done, "\"left\":1"));
  CHECK(phrase_world::says(done, "\"found\":[]"));
  CHECK(w.ask(domain::confirm_question{*asked.id, std::nullopt}).error().code == domain::errc::conflict);
  CHECK(w.pg.number("SELECT count(*) FROM usher.erasures WHERE subject IS NOT NULL") == 0);
  CHECK(w.pg.number("SELECT count(*) FROM usher.erasure_tickets WHERE hits <> '[]'") == 0);
}

TEST_CASE("store: the certificate counts what something was taken out of", "[store][privacy][phrase]") {
  phrase_world w;
  auto t = w.put(w.a, 1, [](auto& c) { c.body = "Nothing of her."; });
  domain::add_message message{domain::message_id::generate(), "Rosa Bellini is here", std::nullopt,
                              domain::channel::web, false};
  commit(w.lanes, changed(t, message, noon(1))).value();
  const auto asked = w.search();
  w.confirm(*asked.id);
  const auto done = w.look(*asked.id);
  CAPTURE(done);
  CHECK(phrase_world::says(done, "\"rows\":{\"ticket_messages\":1}"));
}

TEST_CASE("store: an admin of one organization finds, sees and confirms what is of that one",
          "[store][privacy][phrase]") {
  phrase_world w;
  auto mine = w.put_in_body(w.a, 1);
  auto other = w.put_in_body(w.b, 2);
  const domain::caller narrowed{"their-admin", domain::role::admin, w.a};
  const domain::caller stranger{"x", domain::role::admin, w.b};
  const auto asked = w.search("rosa bellini", narrowed);
  const auto preview = w.look(*asked.id, narrowed);
  CHECK(phrase_world::says(preview, to_string(mine->id)));
  CHECK_FALSE(phrase_world::says(preview, to_string(other->id)));
  CHECK(w.ask(domain::erasure_question{*asked.id}, stranger).error().code == domain::errc::not_found);
  CHECK(w.ask(domain::confirm_question{*asked.id, std::nullopt}, stranger).error().code == domain::errc::not_found);
  w.confirm(*asked.id);
  CHECK(same(*load(w.reads, other->id), *other));
  const auto wide = w.search("rosa bellini", admin, w.b);
  CHECK(phrase_world::says(w.look(*wide.id), to_string(other->id)));
  CHECK(phrase_world::says(w.look(*wide.id), "\"organization_id\":\"" + to_string(w.b)));
}

TEST_CASE("store: a confirmed phrase that was cut off goes on at the next start", "[store][privacy][phrase]") {
  phrase_world w;
  for (int n = 1; n <= 3; ++n) w.put_in_body(w.a, n);
  const auto asked = w.search();
  w.refuse_after = 1;
  CHECK(phrase_world::says(w.ask(domain::confirm_question{*asked.id, std::nullopt})->body, "\"state\":\"running\""));
  w.office.reset();
  CHECK(w.tables_left() != "");
  w.refuse_after = 1'000'000;
  w.open();
  REQUIRE(eventually([&] { return phrase_world::says(w.look(*asked.id), "\"state\":\"done\""); }));
  CHECK(w.tables_left().empty());
  CHECK(phrase_world::says(w.look(*asked.id), "\"erased\":3"));
}

TEST_CASE("store: a search that was cut off goes on where it was", "[store][privacy][phrase]") {
  phrase_world w;
  auto first = w.put_in_body(w.a, 1);
  auto second = w.put_in_body(w.a, 2);
  const auto asked = w.search();
  w.office.reset();
  w.pg.ask("DELETE FROM usher.erasure_tickets");
  w.pg.ask("UPDATE usher.erasures SET state = 'searching', searched_to = '" + to_string(first->id) + "'");
  w.open();
  REQUIRE(eventually([&] { return phrase_world::says(w.look(*asked.id), "\"state\":\"preview\""); }));
  CHECK(phrase_world::says(w.look(*asked.id), to_string(second->id)));
  CHECK_FALSE(phrase_world::says(w.look(*asked.id), to_string(first->id)));
}

TEST_CASE("store: a preview that nobody confirms is forgotten after a day", "[store][privacy][phrase]") {
  phrase_world w;
  w.put_in_body(w.a, 1);
  const auto asked = w.search();
  w.clock.ahead = domain::milliseconds(std::chrono::hours(23)).count();
  CHECK(phrase_world::says(w.look(*asked.id), "\"state\":\"preview\""));
  w.clock.ahead = domain::milliseconds(std::chrono::hours(24)).count();
  CHECK(w.ask(domain::confirm_question{*asked.id, std::nullopt}).error().code == domain::errc::conflict);
  CHECK(phrase_world::says(w.look(*asked.id), "\"state\":\"expired\""));
  CHECK_FALSE(phrase_world::says(w.look(*asked.id), "Bellini"));
  CHECK(w.pg.number("SELECT count(*) FROM usher.erasures WHERE subject IS NOT NULL") == 0);
  // By itself, too, at the office's own rounds.
  const auto other = w.search();
  w.office.reset();
  w.clock.ahead = domain::milliseconds(std::chrono::hours(49)).count();
  w.open();
  CHECK(eventually([&] { return w.pg.number("SELECT count(*) FROM usher.erasures WHERE state = 'expired'") == 2; }));
  CHECK(w.pg.number("SELECT count(*) FROM usher.erasure_tickets WHERE hits <> '[]'") == 0);
}

TEST_CASE("store: a phrase that too many tickets say is refused, and forgotten", "[store][privacy][phrase]") {
  phrase_world w;
  const auto one = w.put_in_body(w.a, 1);
  for (int n = 0; n < store::tickets_found_max; ++n) w.put_in_body(w.a, n + 2);
  const auto asked = w.search();
  CHECK(asked.refused == "too_many_found");
  CHECK(phrase_world::says(w.look(*asked.id), "\"refused\":\"too_many_found\""));
  CHECK(w.pg.number("SELECT count(*) FROM usher.erasures WHERE subject IS NOT NULL") == 0);
  CHECK(w.pg.number("SELECT count(*) FROM usher.erasure_tickets WHERE hits <> '[]'") == 0);
  CHECK(same(*load(w.reads, one->id), *one));
}

TEST_CASE("store: what the law holds is shown, and left; when that is all, nothing is erased",
          "[store][privacy][phrase]") {
  phrase_world w;
  auto held = w.put_in_body(w.a, 1);
  auto free = w.put_in_body(w.a, 2);
  domain::retention_change change;
  change.holds.push_back({"ticket", held->id.value, "Court case 12/26"});
  REQUIRE(w.ask(change).has_value());
  const auto asked = w.search();
  CHECK(phrase_world::says(w.look(*asked.id), "\"held\":true"));
  const auto refused = w.ask(domain::confirm_question{*asked.id, tickets{held->id.value}}).value();
  CHECK(refused.refused == "legal_hold");
  CHECK(phrase_world::says(refused.body, "Court case 12/26"));
  CHECK(phrase_world::says(w.look(*asked.id), "\"state\":\"preview\""));
  w.confirm(*asked.id);
  CHECK(phrase_world::says(w.look(*asked.id), "\"held\":[\"" + to_string(held->id)));
  CHECK(same(*load(w.reads, held->id), *held));
  CHECK(load(w.reads, free->id)->body == "We seat [erased] at table 4.");
}
