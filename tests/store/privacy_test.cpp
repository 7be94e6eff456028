// The office of personal data on a real PostgreSQL: what it exports, what it erases, and how it goes on after a crash.
#include <atomic>
#include <catch2/catch_test_macros.hpp>

#include "domain/erasure.hpp"
#include "fixture.hpp"
#include "store/privacy_office.hpp"

using namespace usher;
using namespace usher::test;

namespace {

constexpr std::string_view email = "Eva.Blum@example.net";
constexpr std::string_view canary = "anaphylaxis-to-lupin";

/// A desk without actors: a ticket is changed by whoever asks, over the version that is stored.
struct office_world {
  scratch_server pg;
  store::writer_lanes lanes{pg.lanes()};
  store::read_pool reads{pg.reads()};
  domain::system_clock_port clock;
  domain::organization_id a = add_organization(lanes);
  domain::organization_id b = add_organization(lanes);
  std::atomic<int> refuse_after{1'000'000};
  std::optional<store::known_agent> agent;  ///< whoever is asked about
  std::atomic<int> agents_erased{0};
  std::unique_ptr<store::privacy_office> office;

  office_world() { open(); }

  void open() {
    office = std::make_unique<store::privacy_office>(settings(), clock, lanes);
    office->start();
  }

  store::privacy_settings settings() {
    store::privacy_settings out;
    out.eraser = pg.as("usher_eraser");
    out.key = "a key of this test";
    out.change_ticket = [this](domain::ticket_id id, domain::ticket_command what, domain::caller by,
                               domain::completion<std::monostate> done) {
      if (refuse_after.fetch_sub(1) <= 0) return done(domain::fail(domain::errc::unavailable));
      auto settings = domain::desk_settings::defaults();
      auto next = domain::perform(load(reads, id), what, {by, clock.now(), &settings, std::nullopt, nullptr});
      if (!next) return done(std::unexpected(next.error()));
      if (next->events.empty()) return done(std::monostate{});
      done(commit(lanes, std::move(*next)));
    };
    out.find_agent = [this](const domain::personal_subject&) { return agent; };
    out.erase_agent = [this](const std::string& id, const domain::uuid&, domain::completion<std::monostate> done) {
      if (refuse_after.fetch_sub(1) <= 0) return done(domain::fail(domain::errc::unavailable));
      pg.ask("UPDATE usher.support_agents SET name = '', email = NULL, phone = NULL WHERE id = '" + id + "'");
      ++agents_erased;
      done(std::monostate{});
    };
    return out;
  }

  domain::ticket_ptr put(domain::organization_id owner, std::int64_t number, std::string_view address = email) {
    auto change = created({owner, number, noon(), [&](domain::create_ticket& c) {
                             c.subject = "Eva and " + std::string(canary);
                             c.body = "Tell Eva: " + std::string(canary);
                             c.tags = {std::string(canary)};
                             c.requester = domain::contact{"Eva Blum", std::string(address)};
                           }});
    auto made = change.after;
    commit(lanes, change).value();
    domain::add_message message{domain::message_id::generate(), std::string(canary), domain::visibility::public_,
                                domain::channel::web, false};
    commit(lanes, changed(made, message, noon(1))).value();
    return load(reads, made->id);
  }

  domain::result<domain::privacy_answer> ask(domain::privacy_question what,
                                             const domain::caller& by = {"admin-1", domain::role::admin,
                                                                         std::nullopt}) {
    return answer_of<domain::privacy_answer>([&](auto done) { office->ask(std::move(what), by, std::move(done)); });
  }

  domain::privacy_answer erase(const domain::caller& by = {"admin-1", domain::role::admin, std::nullopt}) {
    return ask(domain::erase_question{{domain::subject_kind::email, std::string(email)}}, by).value();
  }

  bool all_done() { return pg.number("SELECT count(*) FROM usher.erasures WHERE state <> 'done'") == 0; }

  /// How many rows of a table say the canary or the name.
  std::int64_t left_in(const std::string& table) {
    return pg.number("SELECT count(*) FROM usher." + table +
                     " x WHERE x::text ILIKE '%lupin%' OR x::text ILIKE '%eva%'");
  }
};

constexpr const char* personal_tables[] = {
    "support_tickets", "ticket_messages",  "ticket_search", "ticket_classifications",
    "csat_responses",  "idempotency_keys", "audit_log",     "outbox",
    "erasures",        "privacy_exports"};

bool says(const domain::privacy_answer& answer, std::string_view text) {
  return answer.body.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("store: an erasure leaves nothing of a person, and figures and other organizations as they were",
          "[store][privacy]") {
  office_world w;
  auto mine = w.put(w.a, 1);
  auto theirs = w.put(w.b, 2, "somebody@example.net");
  auto sql = [&](const std::string& text) { w.pg.ask(text); };
  const auto id = "'" + to_string(mine->id) + "'";
  const auto org = "'" + to_string(w.a) + "'";
  sql("insert into usher.csat_responses (ticket_id, cycle, organization_id, at, score, by_sub, comment) values (" + id +
      ", 1, " + org + ", now(), 5, 'rosa', 'Eva is content')");
  sql("insert into usher.idempotency_keys (organization_id, caller_sub, route, key, fingerprint, status, body, "
      "ticket_id, "
      "version, created_at) values (" +
      org + ", 'rosa', '/x', 'k', sha256('x'), 201, '{\"subject\":\"Eva\",\"number\":1}', " + id + ", 1, now())");
  sql("insert into usher.outbox (id, organization_id, ticket_id, created_at, next_attempt_at, channel, event, "
      "recipient, "
      "payload) values (gen_random_uuid(), " +
      org + ", " + id +
      ", now(), now(), 'email', 'csat.requested', 'eva.blum@example.net', '{\"text\":\"Dear Eva\"}')");
  const auto clocks = w.pg.number("SELECT count(*) FROM usher.support_sla_events");

  const auto done = w.erase();
  CHECK(says(done, "\"state\":\"done\""));
  CHECK(says(done, to_string(mine->id)));
  CHECK_FALSE(says(done, "example.net"));
  const auto now = load(w.reads, mine->id);
  CHECK(now->subject == domain::erased_text);
  CHECK(now->version == mine->version + 1);
  CHECK(now->number == mine->number);
  CHECK(same(*load(w.reads, theirs->id), *theirs));
  CHECK(w.pg.number("SELECT count(*) FROM usher.support_sla_events") == clocks);
  CHECK(w.pg.number("SELECT count(*) FROM usher.outbox WHERE next_attempt_at IS NOT NULL") == 0);
  CHECK(w.pg.number("SELECT (body::jsonb -> 'number')::int8 FROM usher.idempotency_keys") == 1);
  for (const char* table : personal_tables) {
    CAPTURE(table);
    const bool of_others = std::string(table).starts_with("support") || std::string(table).starts_with("ticket_");
    CHECK(w.left_in(table) == (of_others && std::string(table) != "ticket_classifications" ? 1 : 0));
  }
  const auto again = w.erase();
  CHECK(says(again, "\"tickets\":[]"));
  CHECK(load(w.reads, mine->id)->version == now->version);
}

TEST_CASE("store: an erasure that was cut off goes on at the next start", "[store][privacy]") {
  office_world w;
  for (int n = 1; n <= 3; ++n) w.put(w.a, n);
  w.refuse_after = 1;
  CHECK(says(w.erase(), "\"state\":\"running\""));
  CHECK_FALSE(w.all_done());
  w.office.reset();
  w.refuse_after = 1'000'000;
  w.open();
  CHECK(eventually([&] { return w.all_done(); }));
  for (const char* table : personal_tables) {
    CAPTURE(table);
    CHECK(w.left_in(table) == 0);
  }
}

TEST_CASE("store: an admin of one organization exports and erases what is of that one", "[store][privacy]") {
  office_world w;
  w.put(w.a, 1);
  auto other = w.put(w.b, 2);
  const domain::caller narrowed{"their-admin", domain::role::admin, w.a};
  const domain::export_question about{{domain::subject_kind::email, std::string(email)}, false};
  CHECK(says(w.ask(about).value(), to_string(other->id)));
  CHECK_FALSE(says(w.ask(about, narrowed).value(), to_string(other->id)));
  const auto erased = w.erase(narrowed);
  CHECK(same(*load(w.reads, other->id), *other));
  CHECK(w.ask(domain::erasure_question{*erased.id}, {"x", domain::role::admin, w.b}).error().code ==
        domain::errc::not_found);
  CHECK(w.ask(domain::retention_change{}, narrowed).error().code == domain::errc::forbidden);
}

TEST_CASE("store: an export that is made later can be fetched, and goes with an erasure", "[store][privacy]") {
  office_world w;
  w.put(w.a, 1);
  const auto asked = w.ask(domain::export_question{{domain::subject_kind::email, std::string(email)}, true}).value();
  CHECK(asked.later);
  CHECK(eventually([&] { return says(w.ask(domain::export_state_question{*asked.id}).value(), std::string(canary)); }));
  w.erase();
  CHECK(w.ask(domain::export_state_question{*asked.id}).error().code == domain::errc::not_found);
}

TEST_CASE("store: what the law holds is neither erased nor purged", "[store][privacy]") {
  office_world w;
  auto mine = w.put(w.a, 1);
  domain::retention_change change;
  change.holds.push_back({"ticket", mine->id.value, "a court case"});
  CHECK(says(w.ask(change).value(), "a court case"));
  const auto refused = w.erase();
  CHECK(refused.refused == "legal_hold");
  CHECK(refused.body == "its only ticket is under legal hold: a court case");
  const auto kept = w.ask(domain::erasure_question{*refused.id}).value();
  CHECK(says(kept, "\"state\":\"refused\""));
  CHECK(says(kept, "\"held\":1"));
  CHECK(w.pg.number("SELECT count(*) FROM usher.erasures WHERE subject IS NOT NULL") == 0);
  CHECK(same(*load(w.reads, mine->id), *mine));
  auto other = w.put(w.a, 2);
  CHECK(says(w.erase(), "\"held\":[\"" + to_string(mine->id)));
  CHECK(same(*load(w.reads, mine->id), *mine));
  CHECK(load(w.reads, other->id)->subject == domain::erased_text);
  commit(w.lanes, changed(mine, domain::delete_ticket{}, noon(2))).value();
  const store::expiry limits{noon(9), noon(9), noon(9)};
  auto expired = [&] {
    return answer_of<store::expired_rows>([&](auto done) { w.reads.list_expired(limits, soon(), std::move(done)); })
        .value();
  };
  CHECK(expired().tickets.empty());
  CHECK(commit(w.lanes, {store::purge_write{limits, {{}, {w.a}, {mine->id}, false}}, store::steady_time::max(), {}})
            .has_value());
  CHECK(w.pg.number("SELECT count(*) FROM usher.support_tickets") == 2);
  CHECK(w.ask(domain::retention_change{}).has_value());
  CHECK(expired().tickets.size() == 1);
}

TEST_CASE("store: an agent's record goes when the agent has left, with password and sessions", "[store][privacy]") {
  office_world w;
  w.pg.ask(
      "INSERT INTO usher.support_agents (id, name, email, phone, role) VALUES ('eva', 'Eva Blum', "
      "'eva.blum@example.net', '+49 151 555', 'agent')");
  w.pg.ask("INSERT INTO usher.staff_passwords VALUES ('eva', '$argon2id$x', now()), ('other', '$argon2id$x', now())");
  w.pg.ask(
      "INSERT INTO usher.staff_sessions VALUES (sha256('x'), 'eva', now(), now(), now()), (sha256('y'), 'other', "
      "now(), now(), now())");
  w.pg.ask(
      "INSERT INTO usher.outbox (id, organization_id, created_at, next_attempt_at, channel, event, recipient, "
      "payload) SELECT gen_random_uuid(), '" +
      to_string(w.a) +
      "', now(), now(), c, 'ticket.escalated', r, '{}' FROM (VALUES ('email', 'EVA.blum@example.net'), ('sms', "
      "'+49 151 555'), ('sms', '+49 151 556'), ('log', 'eva')) v (c, r)");
  const domain::erase_question question{{domain::subject_kind::user_id, "eva"}, std::nullopt};
  w.agent = store::known_agent{"eva", false, 0};
  CHECK(w.ask(question).error().code == domain::errc::conflict);
  w.agent = store::known_agent{"eva", true, 2};
  CHECK(w.ask(question).error().code == domain::errc::conflict);
  CHECK(w.pg.number("SELECT count(*) FROM usher.erasures") == 0);
  w.agent = store::known_agent{"eva", true, 0};
  // Whoever is narrowed to an organization has nothing to do with the desk's people.
  CHECK(w.ask(question, {"their-admin", domain::role::admin, w.a}).has_value());
  CHECK(w.agents_erased == 0);
  w.refuse_after = 0;
  CHECK(says(w.ask(question).value(), "\"state\":\"running\""));
  w.office.reset();
  w.refuse_after = 1'000'000;
  w.open();
  CHECK(eventually([&] { return w.all_done(); }));
  CHECK(w.agents_erased == 1);
  CHECK(w.pg.number("SELECT count(*) FROM usher.erasures WHERE agent_id IS NOT NULL") == 0);
  for (const char* table : {"staff_passwords", "staff_sessions"}) {
    CAPTURE(table);
    CHECK(w.pg.number(std::string("SELECT count(*) FROM usher.") + table + " WHERE agent_id = 'eva'") == 0);
    CHECK(w.pg.number(std::string("SELECT count(*) FROM usher.") + table) == 1);
  }
  CHECK(w.pg.number("SELECT count(*) FROM usher.outbox WHERE recipient = '[erased]' AND next_attempt_at IS NULL") == 2);
  CHECK(w.pg.number("SELECT count(*) FROM usher.outbox WHERE next_attempt_at IS NOT NULL") == 2);
  CHECK(w.pg.number("SELECT count(*) FROM usher.erasures WHERE certificate->'rows'->>'support_agents' = '1'") == 1);
}

TEST_CASE("store: the retention anonymises and deletes what has been closed for long", "[store][privacy]") {
  office_world w;
  std::vector<domain::ticket_ptr> all;
  for (int n = 1; n <= 3; ++n) {
    auto t = w.put(w.a, n);
    if (n < 3)
      commit(w.lanes, changed(t, update([](auto& u) { u.status = domain::ticket_status::closed; }), noon(2))).value();
    all.push_back(load(w.reads, t->id));
  }
  domain::retention_change change;
  change.rules.push_back({"*", 1, "anonymise"});
  change.dry_run = true;
  w.pg.ask("UPDATE usher.support_tickets SET resolved_at = now() - interval '2 days' WHERE status = 'closed'");
  CHECK(says(w.ask(change).value(), "\"anonymise\":2"));
  CHECK(w.pg.number("SELECT count(*) FROM usher.retention_rules WHERE keep_days IS NOT NULL") == 0);
  change.dry_run = false;
  CHECK(w.ask(change).has_value());
  auto erased = [&] { return w.pg.number("SELECT count(*) FROM usher.support_tickets WHERE body = '[erased]'"); };
  CHECK(eventually([&] { return erased() == 2 && w.all_done(); }));
  CHECK(same(*load(w.reads, all[2]->id), *all[2]));
  change.rules = {{"*", 1, "delete"}};
  CHECK(w.ask(change).has_value());
  CHECK(eventually(
      [&] { return w.pg.number("SELECT count(*) FROM usher.support_tickets WHERE deleted_at IS NOT NULL") == 2; }));
}

TEST_CASE("store: the eraser changes what can hold something of a person, and nothing else", "[store][privacy]") {
  scratch_server pg;
  CHECK(
      pg.number("SELECT count(*) FROM information_schema.role_table_grants WHERE grantee = 'usher_eraser' AND "
                "privilege_type NOT IN ('SELECT') AND table_name NOT IN ('erasures', 'erasure_tickets', 'legal_holds', "
                "'privacy_exports', 'retention_rules') AND NOT (privilege_type = 'DELETE' AND table_name IN "
                "('staff_passwords', 'staff_sessions'))") == 0);
  CHECK(pg.number(
            "SELECT count(*) FROM information_schema.column_privileges WHERE grantee = 'usher_eraser' AND "
            "privilege_type = 'UPDATE' AND table_name = 'audit_log' AND column_name NOT IN ('actor_sub', 'details', "
            "'erased_by')") == 0);
}
