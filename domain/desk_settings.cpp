#include "domain/desk_settings.hpp"

#include <algorithm>

namespace usher::domain {

namespace {

using namespace std::chrono_literals;

/// One cell of the contract's table: first (and next) response, resolution.
struct cell {
  milliseconds response;
  milliseconds resolution;
};

constexpr std::array<std::array<cell, priority_count>, tier_count> default_cells{{
    // critical        high            medium           low
    {{{30min, 4h}, {1h, 8h}, {4h, 24h}, {8h, 48h}}},       // ENTERPRISE
    {{{2h, 12h}, {4h, 24h}, {8h, 48h}, {24h, 72h}}},       // PROFESSIONAL
    {{{4h, 24h}, {8h, 48h}, {24h, 72h}, {48h, 120h}}},     // STARTER
    {{{24h, 72h}, {24h, 96h}, {48h, 120h}, {72h, 168h}}},  // FREE
}};

constexpr std::array<std::string_view, 3> presence_words{"online", "away", "offline"};

sla_policy_table make_defaults() {
  sla_policy_table all;
  for (std::size_t t = 0; t < tier_count; ++t) {
    for (std::size_t p = 0; p < priority_count; ++p) {
      const auto& c = default_cells[t][p];
      all[t][p].targets = {c.response, c.response, c.resolution};
    }
  }
  return all;
}

std::vector<std::string> split(std::string_view words) {
  std::vector<std::string> out;
  while (!words.empty()) {
    auto comma = words.find(',');
    out.emplace_back(words.substr(0, comma));
    words = comma == std::string_view::npos ? std::string_view{} : words.substr(comma + 1);
  }
  return out;
}

}  // namespace

std::string_view to_word(presence p) noexcept { return presence_words[static_cast<std::size_t>(p)]; }

std::optional<presence> parse_presence(std::string_view word) noexcept {
  const auto* found = std::find(presence_words.begin(), presence_words.end(), word);
  if (found == presence_words.end()) return std::nullopt;
  return static_cast<presence>(found - presence_words.begin());
}

const sla_policy_table& default_policies() {
  static const sla_policy_table table = make_defaults();
  return table;
}

desk_settings desk_settings::defaults() {
  desk_settings out;
  for (const auto& c : default_categories())
    out.categories.emplace(
        c.code, desk_category{std::string(c.code), c.default_priority, c.threatens_day, split(c.skills), false, 1});
  out.compile();
  return out;
}

void desk_settings::compile() {
  auto shared_rules = std::make_shared<const escalation_rules>(rules);
  for (std::size_t t = 0; t < tier_count; ++t) {
    for (std::size_t p = 0; p < priority_count; ++p) {
      const auto& from = policies[t][p];
      clock_policy made{{}, tier(t), priority(p), false, from.targets, nullptr, shared_rules};
      auto found = from.calendar ? calendars.find(*from.calendar) : calendars.end();
      if (found != calendars.end()) made.calendar = found->second;
      compiled_[t][p][0] = make_clock_policy(made);
      made.calendar = nullptr;
      made.wedding_day = true;
      compiled_[t][p][1] = make_clock_policy(std::move(made));
    }
  }
}

std::vector<clock_policy_ptr> desk_settings::all_policies() const {
  std::vector<clock_policy_ptr> all;
  for (const auto& of_tier : compiled_)
    for (const auto& of_priority : of_tier) all.insert(all.end(), of_priority.begin(), of_priority.end());
  return all;
}

const webhook_endpoint* desk_settings::find_webhook(const webhook_id& id) const {
  auto found = std::ranges::find(webhooks, id, &webhook_endpoint::id);
  return found == webhooks.end() ? nullptr : &*found;
}

const desk_category* desk_settings::find_category(std::string_view code) const {
  auto found = categories.find(code);
  return found == categories.end() || found->second.retired ? nullptr : &found->second;
}

}  // namespace usher::domain
