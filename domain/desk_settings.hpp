// What people have set for the desk, as one immutable value: whoever decides is handed the one that holds at that
// moment.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/api_key.hpp"
#include "domain/caller.hpp"
#include "domain/clock_policy.hpp"
#include "domain/pattern_library.hpp"

namespace usher::domain {

/// The targets of a tier and a priority, and when they count.
struct sla_policy {
  sla_targets targets;
  std::optional<calendar_id> calendar;  ///< nothing is round the clock
  std::int64_t version = 1;

  bool operator==(const sla_policy&) const = default;
};
using sla_policy_table = std::array<std::array<sla_policy, priority_count>, tier_count>;

/// The contract's default targets.
[[nodiscard]] const sla_policy_table& default_policies();

/// What a ticket may be about. A retired category keeps its tickets and takes no new ones.
struct desk_category {
  std::string code;
  priority default_priority = priority::low;
  bool threatens_day = false;
  std::vector<std::string> skills;
  bool retired = false;
  std::int64_t version = 1;
};

enum class presence : std::uint8_t { online, away, offline };
[[nodiscard]] std::string_view to_word(presence p) noexcept;
[[nodiscard]] std::optional<presence> parse_presence(std::string_view word) noexcept;

struct agent_skill {
  std::string skill;
  int level = 1;  ///< 1 to 5
  bool operator==(const agent_skill&) const = default;
};

/// A person of the desk. `id` is the `sub` of the person's token.
struct agent {
  std::string id;
  std::string name;
  std::string email;
  std::string phone;
  domain::role role = domain::role::agent;
  std::vector<agent_skill> skills;
  std::vector<std::string> languages;
  int capacity = 10;
  std::optional<calendar_id> calendar;
  std::vector<organization_id> organizations;  ///< limited to these; empty is all
  bool wedding_specialist = false;
  domain::presence presence = domain::presence::offline;
  std::int64_t version = 1;
};

using macro_id = id<struct macro_tag>;

/// A named set of changes with a reply.
struct macro {
  macro_id id;
  std::string name;
  std::string changes = "{}";        ///< the text of a JSON object, as in an update of a ticket
  std::optional<std::string> reply;  ///< a public answer, with placeholders
  std::int64_t version = 1;
};

using webhook_id = id<struct webhook_tag>;

/// Where events are sent to. Its secrets stay in the store.
struct webhook_endpoint {
  webhook_id id;
  std::optional<organization_id> organization;  ///< nothing: the desk itself, which is told of all
  std::string url;
  std::vector<std::string> events;  ///< empty is all
  bool disabled = false;
  std::optional<instant> disabled_at{};
  std::string disabled_reason{};
  instant created_at{};
  std::string created_by{};
  int secrets = 1;  ///< how many sign
  std::int64_t version = 1;
};

/// Where the emergency channel is reached, besides the webhooks: the operator's setting, not stored.
struct emergency_contact {
  std::string channel;  ///< `email` or `sms`
  std::string address;
};

struct desk_settings {
  sla_policy_table policies = default_policies();
  std::map<calendar_id, calendar_ptr> calendars;
  escalation_rules rules = default_escalation_rules();
  std::map<std::string, desk_category, std::less<>> categories;
  std::map<std::string, agent, std::less<>> agents;
  std::map<macro_id, macro> macros;
  std::vector<webhook_endpoint> webhooks;
  api_key_table_ptr api_keys = std::make_shared<const api_key_table>();
  pattern_library_ptr patterns = std::make_shared<const pattern_library>();
  std::vector<emergency_contact> emergency_contacts;

  /// The contract's defaults.
  [[nodiscard]] static desk_settings defaults();
  /// Makes the policies that clocks go by from the rest; to be called after every change of it.
  void compile();

  [[nodiscard]] const clock_policy_ptr& policy(tier t, priority p, bool wedding_day = false) const {
    return compiled_[static_cast<std::size_t>(t)][static_cast<std::size_t>(p)][wedding_day ? 1 : 0];
  }
  /// Every policy that a clock may be given now.
  [[nodiscard]] std::vector<clock_policy_ptr> all_policies() const;
  [[nodiscard]] const webhook_endpoint* find_webhook(const webhook_id& id) const;
  /// A category that new tickets may have; null when there is none.
  [[nodiscard]] const desk_category* find_category(std::string_view code) const;

 private:
  std::array<std::array<std::array<clock_policy_ptr, 2>, priority_count>, tier_count> compiled_;
};

using settings_ptr = std::shared_ptr<const desk_settings>;

}  // namespace usher::domain
