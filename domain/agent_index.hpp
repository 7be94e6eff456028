// The agents as the choice needs them: who has which skill, and room, without looking at everybody.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "domain/assignment.hpp"

namespace usher::domain {

/// Agents in groups, by skill, by room, by what they are. A change of one moves it between groups; a choice looks at
/// the groups that the ticket asks for. Not thread-safe.
class agent_index {
 public:
  /// Adds an agent, or takes its new values; its load and its record stay.
  void put(const agent& who, bool on_shift);
  void set_on_shift(std::string_view id, bool on_shift);
  /// What it has been given, or been relieved of.
  void add_load(std::string_view id, int weight);
  void given(std::string_view id, instant at);

  // -- its record --
  void served(const organization_id& customer, std::string_view id);
  void scored(std::string_view id, int score);
  void finished(std::string_view id, std::string_view category, double share_of_target);

  [[nodiscard]] const agent* find(std::string_view id) const;
  [[nodiscard]] bool is_on_duty(std::string_view id) const;
  [[nodiscard]] int load_of(std::string_view id) const;
  /// How it stands for a ticket; nothing when it is not known.
  [[nodiscard]] std::optional<agent_snapshot> snapshot_of(std::string_view id, const ticket_needs& needs) const;
  /// The best ones of those who suit, best first.
  [[nodiscard]] std::vector<candidate> rank(const ticket_needs& needs, std::size_t limit) const;
  [[nodiscard]] std::optional<candidate> best(const ticket_needs& needs) const;

  [[nodiscard]] std::size_t online() const noexcept { return online_; }
  /// The loads of those who are online, as a share of what they can take.
  [[nodiscard]] double load_ratio() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return agents_.size(); }

 private:
  using place = std::uint32_t;
  struct group {
    std::vector<place> members;
  };
  struct membership {
    group* in = nullptr;
    std::size_t at = 0;
  };
  struct entry {
    agent who;
    bool on_shift = true;
    int load = 0;
    instant last_given{};
    std::vector<std::pair<const group*, std::uint8_t>> skills;  ///< a skill is its group
    running_mean satisfaction;
    std::map<std::string, running_mean, std::less<>> pace;  ///< by category
    std::vector<membership> memberships;
    std::vector<const group*> wanted;  ///< the groups that it is in, to see whether they change
  };
  struct scored_place {
    int score = 0;
    instant last_given{};
    place at = 0;
  };
  static constexpr std::size_t served_by_max = 4;
  static constexpr std::size_t customers_max = 200'000;

  [[nodiscard]] entry* entry_of(std::string_view id);
  [[nodiscard]] const entry* entry_of(std::string_view id) const;
  group& skill_group(std::string_view skill);
  [[nodiscard]] std::vector<group*> groups_of(entry& e);
  /// Puts an agent into the groups that it belongs to now.
  void arrange(place at);
  void count(const entry& e, int sign) noexcept;
  [[nodiscard]] agent_snapshot snapshot(place at, const ticket_needs& needs,
                                        const std::vector<const group*>& skills) const;
  [[nodiscard]] std::vector<const group*> needed(const ticket_needs& needs) const;
  template <class Each>
  void for_each_candidate(const ticket_needs& needs, const std::vector<const group*>& skills, Each each) const;
  [[nodiscard]] std::vector<scored_place> score_all(const ticket_needs& needs,
                                                    const std::vector<const group*>& skills) const;

  std::deque<entry> agents_;
  std::map<std::string, place, std::less<>> places_;
  std::map<std::string, group, std::less<>> by_skill_;  ///< those with room
  group with_room_;
  group specialists_;  ///< on duty, with room or not
  group supervisors_;
  std::unordered_map<organization_id, std::vector<std::pair<place, int>>> served_;
  std::size_t online_ = 0;
  std::int64_t online_load_ = 0;
  std::int64_t online_capacity_ = 0;
};

}  // namespace usher::domain
