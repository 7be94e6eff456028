// A ticket, a clock that the test moves, and everybody who may have something to say.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "domain/ticket_decide.hpp"

namespace usher::test {

using namespace usher::domain;
using namespace std::chrono_literals;

inline const instant morning = std::chrono::sys_days{std::chrono::year{2026} / 6 / 13} + 8h;

/// Drives one ticket through `perform`, and keeps every event for a replay.
class ticket_fixture {
 public:
  instant now = morning;
  desk_settings settings = desk_settings::defaults();
  const judge* reads = nullptr;
  organization_id organization = organization_id::generate();
  ticket_ptr ticket;
  std::vector<std::pair<ticket_event, instant>> history;

  [[nodiscard]] caller as(role r) const {
    if (r == role::requester) return {"customer", r, organization};
    if (r == role::system) return caller::system();
    return {"staff-" + std::string(to_word(r)), r, std::nullopt};
  }

  void set_targets(tier of, priority at, const sla_targets& targets) {
    settings.policies[static_cast<std::size_t>(of)][static_cast<std::size_t>(at)].targets = targets;
    settings.compile();
  }

  [[nodiscard]] decision_context context(const caller& by) const { return {by, now, &settings, std::nullopt, reads}; }

  /// Decides and, when that went well, keeps the result.
  result<change> run(const ticket_command& command, const caller& by) {
    auto done = perform(ticket, command, context(by));
    if (done) {
      ticket = done->after;
      for (const auto& event : done->events) history.emplace_back(event, now);
    }
    return done;
  }

  change must(const ticket_command& command, role by) {
    if (std::holds_alternative<create_ticket>(command)) ticket = nullptr;  // the next one
    auto done = run(command, as(by));
    if (!done) FAIL("refused: " << to_word(done.error().code) << ": " << done.error().detail);
    return *done;
  }

  change create(tier of = tier::enterprise, priority at = priority::high) {
    create_ticket command;
    command.id = ticket_id::generate();
    command.number = 1042;
    command.organization = organization;
    command.tier = of;
    command.subject = "The seating chart is gone";
    command.body = "It was there yesterday.";
    command.priority = at;
    return must(command, role::requester);
  }

  change set_status(ticket_status to, role by = role::agent) {
    update_ticket command;
    command.status = to;
    return must(command, by);
  }

  change set_priority(priority to) {
    update_ticket command;
    command.priority = to;
    return must(command, role::agent);
  }

  change customer_writes(bool automatic = false) {
    return must(message(visibility::public_, automatic), role::requester);
  }
  change staff_answers(bool automatic = false) { return must(message(visibility::public_, automatic), role::agent); }
  change staff_notes() { return must(message(visibility::internal), role::agent); }

  [[nodiscard]] static add_message message(std::optional<visibility> visible, bool automatic = false) {
    add_message command;
    command.id = message_id::generate();
    command.body = "Is anybody there?";
    command.visible = visible;
    command.automatic = automatic;
    return command;
  }

  [[nodiscard]] const sla_clock& clock(clock_kind kind) const {
    const auto* found = ticket->latest(kind);
    REQUIRE(found != nullptr);
    return *found;
  }

  [[nodiscard]] static std::vector<clock_changed> clock_events(const change& what) {
    std::vector<clock_changed> all;
    for (const auto& event : what.events) {
      if (const auto* clock = std::get_if<clock_changed>(&event)) all.push_back(*clock);
    }
    return all;
  }
};

}  // namespace usher::test
