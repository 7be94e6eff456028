#include "domain/escalation.hpp"

#include <algorithm>

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

std::string_view to_word(escalation_state s) noexcept { return state_words[static_cast<std::size_t>(s)]; }
std::string_view to_word(escalation_cause c) noexcept { return cause_words[static_cast<std::size_t>(c)]; }

std::optional<escalation_state> parse_escalation_state(std::string_view word) noexcept {
  return find_word<escalation_state>(state_words, word);
}
std::optional<escalation_cause> parse_escalation_cause(std::string_view word) noexcept {
  return find_word<escalation_cause>(cause_words, word);
}

}  // namespace usher::domain
