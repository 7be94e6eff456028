// Who may do what to a ticket in which state: the whole table, forbidden ones too.
#include <array>
#include <functional>

#include "tests/unit/ticket_fixture.hpp"

using namespace usher::test;

namespace {

constexpr std::array roles{role::requester, role::agent, role::supervisor, role::manager, role::executive, role::admin};

enum class state : std::uint8_t { open, pending, on_hold, resolved, closed, deleted };
constexpr std::array states{state::open,     state::pending, state::on_hold,
                            state::resolved, state::closed,  state::deleted};

ticket_fixture in(state s) {
  ticket_fixture f;
  f.create();
  f.now += 1min;
  switch (s) {
    case state::open:
      break;
    case state::pending:
      f.set_status(ticket_status::pending);
      break;
    case state::on_hold:
      f.set_status(ticket_status::on_hold);
      break;
    case state::resolved:
      f.set_status(ticket_status::resolved);
      break;
    case state::closed:
      f.set_status(ticket_status::closed);
      break;
    case state::deleted:
      f.must(delete_ticket{}, role::manager);
      break;
  }
  f.now += 1min;
  return f;
}

update_ticket to_status(ticket_status s) {
  update_ticket command;
  command.status = s;
  return command;
}

template <class Set>
update_ticket with(Set set) {
  update_ticket command;
  set(command);
  return command;
}

using members = std::vector<std::pair<std::string, std::string>>;

/// One command, and for each state what becomes of it for each role in rank order: `+` done, `=` nothing to change,
/// `f` forbidden, `c` conflict, `n` not found.
struct row {
  const char* name;
  std::function<ticket_command(const caller&)> command;
  std::array<const char*, states.size()> expected;
};

std::function<ticket_command(const caller&)> always(ticket_command command) {
  return [command](const caller&) { return command; };
}

std::vector<row> update_rows() {
  auto staff_only = std::array{"f+++++", "f+++++", "f+++++", "f+++++", "fccccc", "nnnnnn"};
  auto anybody = std::array{"++++++", "++++++", "++++++", "++++++", "cccccc", "nnnnnn"};
  return {
      {"subject", always(with([](auto& c) { c.subject = "Another"; })), anybody},
      {"wedding", always(with([](auto& c) {
         c.wedding = wedding{morning + 240h, "UTC", "Barn"};
       })),
       anybody},
      {"body", always(with([](auto& c) { c.body = "Another"; })), staff_only},
      {"priority", always(with([](auto& c) { c.priority = priority::low; })), staff_only},
      {"category", always(with([](auto& c) { c.category = "rsvp"; })), staff_only},
      {"tags", always(with([](auto& c) { c.tags = std::vector<std::string>{"vip"}; })), staff_only},
      {"custom_fields", always(with([](auto& c) {
         c.custom_fields = members{{"table", "7"}};
       })),
       staff_only},
      // open, pending, on_hold, resolved, closed, deleted
      {"to open", always(to_status(ticket_status::open)), {"======", "++++++", "c+++++", "++++++", "c+++++", "nnnnnn"}},
      {"to pending",
       always(to_status(ticket_status::pending)),
       {"f+++++", "======", "f+++++", "fccccc", "fccccc", "nnnnnn"}},
      {"to on_hold",
       always(to_status(ticket_status::on_hold)),
       {"f+++++", "f+++++", "======", "fccccc", "fccccc", "nnnnnn"}},
      {"to resolved",
       always(to_status(ticket_status::resolved)),
       {"f+++++", "f+++++", "f+++++", "======", "fccccc", "nnnnnn"}},
      {"to closed",
       always(to_status(ticket_status::closed)),
       {"++++++", "++++++", "++++++", "++++++", "======", "nnnnnn"}},
  };
}

std::vector<row> other_rows() {
  auto self = [](const caller& by) { return ticket_command{assign_ticket{by.sub}}; };
  auto self_by_update = [](const caller& by) { return ticket_command{with([&](auto& c) { c.assignee_id = by.sub; })}; };
  return {
      {"public message",
       always(ticket_fixture::message(visibility::public_)),
       {"++++++", "++++++", "++++++", "++++++", "cccccc", "nnnnnn"}},
      {"internal message",
       always(ticket_fixture::message(visibility::internal)),
       {"f+++++", "f+++++", "f+++++", "f+++++", "fccccc", "nnnnnn"}},
      {"take it", self, {"f+++++", "f+++++", "f+++++", "f+++++", "fccccc", "nnnnnn"}},
      {"take it by update", self_by_update, {"f+++++", "f+++++", "f+++++", "f+++++", "fccccc", "nnnnnn"}},
      {"give it to another",
       always(assign_ticket{"somebody"}),
       {"ff++++", "ff++++", "ff++++", "ff++++", "ffcccc", "nnnnnn"}},
      {"delete", always(delete_ticket{}), {"fff+f+", "fff+f+", "fff+f+", "fff+f+", "fff+f+", "nnnnnn"}},
      {"restore", always(restore_ticket{}), {"fffcfc", "fffcfc", "fffcfc", "fffcfc", "fffcfc", "fff+f+"}},
  };
}

char letter(const result<change>& done) {
  if (done) return done->events.empty() ? '=' : '+';
  switch (done.error().code) {
    case errc::forbidden:
      return 'f';
    case errc::conflict:
      return 'c';
    case errc::not_found:
      return 'n';
    default:
      return '?';
  }
}

void check_rows(const std::vector<row>& rows) {
  for (const auto& row : rows) {
    for (std::size_t s = 0; s < states.size(); ++s) {
      std::string got;
      for (auto r : roles) {
        auto f = in(states[s]);
        auto by = f.as(r);
        auto before = f.ticket;
        auto done = f.run(row.command(by), by);
        got += letter(done);
        // What was refused or changed nothing leaves the very same value; what was done is the next version of it.
        bool changed = done && !done->events.empty();
        CHECK((f.ticket == before) == !changed);
        if (changed) CHECK(f.ticket->version == before->version + 1);
      }
      CAPTURE(row.name, s);
      CHECK(got == row.expected[s]);
    }
  }
}

}  // namespace

TEST_CASE("ticket: every update in every state by every role", "[ticket]") { check_rows(update_rows()); }

TEST_CASE("ticket: every other command in every state by every role", "[ticket]") { check_rows(other_rows()); }

TEST_CASE("ticket: a foreign organization's ticket does not exist, whatever is asked of it", "[ticket]") {
  for (auto s : states) {
    auto f = in(s);
    caller foreign{"customer", role::requester, organization_id::generate()};
    caller nowhere{"customer", role::requester, std::nullopt};
    caller narrowed{"boss", role::admin, organization_id::generate()};
    for (const auto& by : {foreign, nowhere, narrowed}) {
      for (const auto& rows : {update_rows(), other_rows()}) {
        for (const auto& row : rows) {
          CAPTURE(row.name, by.sub);
          CHECK(letter(f.run(row.command(by), by)) == 'n');
        }
      }
    }
  }
}

TEST_CASE("ticket: the table of status changes", "[ticket]") {
  using enum ticket_status;
  constexpr std::array all{open, pending, on_hold, resolved, closed};
  // Rows are from, columns to: `s` staff only, `b` both, `.` nobody.
  constexpr std::array<const char*, 5> table{".sssb",   // open
                                             "b.ssb",   // pending
                                             "ss.sb",   // on_hold
                                             "b...b",   // resolved
                                             "s...."};  // closed
  for (std::size_t from = 0; from < all.size(); ++from) {
    for (std::size_t to = 0; to < all.size(); ++to) {
      CAPTURE(to_word(all[from]), to_word(all[to]));
      CHECK(may_change_status(all[from], all[to], true) == (table[from][to] != '.'));
      CHECK(may_change_status(all[from], all[to], false) == (table[from][to] == 'b'));
    }
  }
}

TEST_CASE("ticket: creation", "[ticket]") {
  ticket_fixture f;
  auto done = f.create(tier::professional, priority::critical);
  CHECK(done.is_creation());
  const auto& t = *f.ticket;
  CHECK(t.version == 1);
  CHECK(t.number == 1042);
  CHECK(t.status == ticket_status::open);
  CHECK(t.priority == priority::critical);
  CHECK(t.tier == tier::professional);
  CHECK(t.requester_id == "customer");
  CHECK(t.organization == f.organization);
  CHECK(t.created_at == morning);
  CHECK(t.updated_at == morning);
  CHECK(t.category == general_question);
  REQUIRE(t.classification);
  CHECK(t.classification->method == "default");
  CHECK(audit_action(done) == "ticket.created");
  CHECK(letter(f.run(create_ticket{}, f.as(role::agent))) == 'c');
}

TEST_CASE("ticket: a category brings its priority, unless the caller gives one", "[ticket]") {
  for (const auto& category : default_categories()) {
    ticket_fixture f;
    create_ticket command;
    command.id = ticket_id::generate();
    command.organization = f.organization;
    command.category = std::string(category.code);
    CHECK(f.must(command, role::agent).after->priority == category.default_priority);
    CHECK(f.ticket->classification->method == "caller");
    f.ticket = nullptr;
    command.priority = priority::low;
    CHECK(f.must(command, role::agent).after->priority == priority::low);
  }
}

TEST_CASE("ticket: creation is refused for a foreign organization and an unknown category", "[ticket]") {
  ticket_fixture f;
  create_ticket command;
  command.id = ticket_id::generate();
  command.organization = organization_id::generate();
  CHECK(letter(f.run(command, f.as(role::requester))) == 'n');
  command.organization = f.organization;
  command.category = "catering";
  auto refused = f.run(command, f.as(role::requester));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::invalid);
  REQUIRE(refused.error().fields.size() == 1);
  CHECK(refused.error().fields[0].pointer == "/category");
  CHECK(f.ticket == nullptr);
}

TEST_CASE("ticket: a stale version is refused, the current one is not", "[ticket]") {
  for (const ticket_command& command :
       {ticket_command{to_status(ticket_status::pending)}, ticket_command{ticket_fixture::message(std::nullopt)},
        ticket_command{assign_ticket{"staff-manager"}}, ticket_command{delete_ticket{}}}) {
    auto f = in(state::open);
    f.set_priority(priority::low);
    auto context = f.context(f.as(role::manager));
    context.expected_version = 1;
    auto stale = perform(f.ticket, command, context);
    REQUIRE_FALSE(stale);
    CHECK(stale.error().code == errc::version_mismatch);
    context.expected_version = 2;
    CHECK(perform(f.ticket, command, context));
  }
}

TEST_CASE("ticket: a requester's forbidden field is named by its pointer", "[ticket]") {
  auto f = in(state::open);
  auto refused = f.run(with([](auto& c) { c.priority = priority::critical; }), f.as(role::requester));
  REQUIRE_FALSE(refused);
  REQUIRE(refused.error().fields.size() == 1);
  CHECK(refused.error().fields[0].pointer == "/priority");
}

TEST_CASE("ticket: a merge changes what is named and nothing else", "[ticket]") {
  auto f = in(state::open);
  auto done = f.must(with([](auto& c) {
                       c.tags = std::vector<std::string>{"vip", "saturday"};
                       c.custom_fields = members{{"table", "7"}, {"guests", "120"}};
                       c.wedding = wedding{morning + 240h, "Europe/Paris", "Barn"};
                     }),
                     role::agent);
  CHECK(audit_action(done) == "ticket.updated");
  CHECK(*f.ticket->tags == std::vector<std::string>{"vip", "saturday"});
  CHECK(f.ticket->wedding->venue == "Barn");
  CHECK(f.ticket->subject == "The seating chart is gone");
  CHECK(f.ticket->priority == priority::high);

  f.must(with([](auto& c) {
           c.tags = std::vector<std::string>{};
           c.custom_fields = members{{"table", "null"}};
           c.wedding = std::optional<wedding>{};
         }),
         role::agent);
  CHECK(f.ticket->tags == nullptr);
  CHECK(f.ticket->wedding == nullptr);
  CHECK(*f.ticket->custom_fields == R"({"guests":120})");

  CHECK(f.must(with([](auto& c) { c.custom_fields = members{{"absent", "null"}}; }), role::agent).events.empty());
  CHECK(f.must(with([](auto& c) { c.subject = "The seating chart is gone"; }), role::agent).events.empty());
}

TEST_CASE("ticket: custom fields stay within 2 KiB after the merge", "[ticket]") {
  auto f = in(state::open);
  auto refused = f.run(with([](auto& c) {
                         c.custom_fields = members{{"k", '"' + std::string(2048, 'x') + '"'}};
                       }),
                       f.as(role::agent));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::invalid);
  CHECK(refused.error().fields.at(0).pointer == "/custom_fields");
}

TEST_CASE("ticket: assignment", "[ticket]") {
  auto f = in(state::open);
  caller agent = f.as(role::agent);
  caller other{"another-agent", role::agent, std::nullopt};
  CHECK(letter(f.run(assign_ticket{agent.sub}, agent)) == '+');
  CHECK(f.ticket->assignee_id == agent.sub);
  CHECK(letter(f.run(assign_ticket{agent.sub}, agent)) == '=');
  CHECK(letter(f.run(assign_ticket{""}, other)) == 'f');
  CHECK(letter(f.run(assign_ticket{""}, agent)) == '+');
  CHECK(f.ticket->assignee_id.empty());
  CHECK(audit_action(f.must(assign_ticket{"somebody"}, role::supervisor)) == "ticket.assigned");
  CHECK(letter(f.run(assign_ticket{""}, f.as(role::supervisor))) == '+');
}

TEST_CASE("ticket: messages are internal by default for staff, public for requesters", "[ticket]") {
  auto f = in(state::open);
  CHECK(f.must(ticket_fixture::message(std::nullopt), role::agent).added_message()->visible == visibility::internal);
  auto done = f.must(ticket_fixture::message(std::nullopt), role::requester);
  REQUIRE(done.added_message() != nullptr);
  CHECK(done.added_message()->visible == visibility::public_);
  CHECK(done.added_message()->author_id == "customer");
  CHECK(done.added_message()->author_role == role::requester);
  CHECK(done.added_message()->created_at == f.now);
  CHECK(audit_action(done) == "message.added");
}

TEST_CASE("ticket: closed is reopened by staff together with other changes", "[ticket]") {
  auto f = in(state::closed);
  f.must(with([](auto& c) {
           c.status = ticket_status::open;
           c.priority = priority::critical;
         }),
         role::agent);
  CHECK(f.ticket->status == ticket_status::open);
  CHECK(f.ticket->priority == priority::critical);
  CHECK(f.ticket->reopened == 1);
}

TEST_CASE("ticket: live, counted as open, resolved_at", "[ticket]") {
  CHECK(in(state::open).ticket->is_live());
  CHECK(in(state::resolved).ticket->is_live());
  CHECK_FALSE(in(state::closed).ticket->is_live());
  CHECK_FALSE(in(state::deleted).ticket->is_live());
  for (auto s : {state::open, state::pending, state::on_hold}) CHECK(in(s).ticket->counts_as_open());
  for (auto s : {state::resolved, state::closed, state::deleted}) CHECK_FALSE(in(s).ticket->counts_as_open());
  auto f = in(state::resolved);
  CHECK(f.ticket->resolved_at == morning + 1min);
  f.set_status(ticket_status::closed);
  CHECK(f.ticket->resolved_at == morning + 1min);
  f.set_status(ticket_status::open);
  CHECK_FALSE(f.ticket->resolved_at);
}

TEST_CASE("ticket: nothing can be asked of a ticket that is not there", "[ticket]") {
  ticket_fixture f;
  CHECK(letter(f.run(to_status(ticket_status::closed), f.as(role::admin))) == 'n');
  CHECK(letter(f.run(check_clocks{}, caller::system())) == 'n');
}
