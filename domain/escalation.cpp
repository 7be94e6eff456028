#include "domain/escalation.hpp"

#include <algorithm>

#include "domain/json_writer.hpp"

namespace usher::domain {

namespace {

constexpr std::array<std::string_view, 4> state_words{"armed", "fired", "skipped", "cancelled"};
constexpr std::array<std::string_view, 4> cause_words{"clock", "handed_up", "manual", "emergency"};

template <class Enum, std::size_t N>
std::optional<Enum> find_word(const std::array<std::string_view, N>& words, std::string_view word) {
  const auto* found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<Enum>(found - words.begin());
}

}  // namespace

const escalation_rules& default_escalation_rules() {
  using namespace std::chrono_literals;
  static const escalation_rules rules{{
      {1, 75, {"assignee"}, 10min, false, {"log"}, 1},
      {2, 90, {"supervisors"}, 10min, true, {"log"}, 1},
      {3, 100, {"managers"}, 10min, false, {"log"}, 1},
      {4, 125, {"executives"}, 10min, false, {"log"}, 1},
      {emergency_level, std::nullopt, {"emergency_channel", "specialists"}, 2min, true, {"log"}, 1},
  }};
  return rules;
}

std::string to_json(const ticket_id& ticket, const escalation& e) {
  std::string out;
  json_writer w(out);
  auto or_null = [&w](std::string_view name, const std::string& text) {
    w.key(name);
    text.empty() ? w.value(nullptr) : w.value(text);
  };
  w.begin_object();
  w.member("id", e.id);
  w.member("ticket_id", ticket);
  w.member("clock", to_word(e.clock));
  w.member("cycle", e.cycle);
  w.member("level", e.level);
  w.member("state", to_word(e.state));
  w.member("cause", to_word(e.cause));
  w.member("scheduled_at", e.scheduled_at);
  w.member("fired_at", std::optional<instant>(e.fired_at));
  w.key("recipients");
  w.begin_array();
  for (const auto& each : e.recipients) w.value(each);
  w.end_array();
  w.member("acknowledged_at", std::optional<instant>(e.acknowledged_at));
  or_null("acknowledged_by", e.acknowledged_by);
  or_null("reason", e.reason);
  w.end_object();
  return out;
}

std::string_view to_word(escalation_state s) noexcept { return state_words[static_cast<std::size_t>(s)]; }
std::string_view to_word(escalation_cause c) noexcept { return cause_words[static_cast<std::size_t>(c)]; }

std::optional<escalation_state> parse_escalation_state(std::string_view word) noexcept {
  return find_word<escalation_state>(state_words, word);
}
std::optional<escalation_cause> parse_escalation_cause(std::string_view word) noexcept {
  return find_word<escalation_cause>(cause_words, word);
}

}  // namespace usher::domain
