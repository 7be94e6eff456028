// The agents as the choice needs them: who has which skill, and room, without looking at everybody.
#pragma once

#include <array>
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
  void served(const organization_id& customer, std::string_view id, int times = 1);
  void scored(std::string_view id, int score);
  /// Scores from before.
  void scored(std::string_view id, const running_mean& before);
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
  using skill_number = std::uint16_t;
  static constexpr skill_number no_skill = UINT16_MAX;
  static constexpr std::size_t skills_near_max = 16;
  struct group {
    skill_number number = no_skill;
    std::vector<place> members;
  };
  /// What a choice looks at of everybody whom it looks at, next to each other in memory.
  struct standing {
    agent_snapshot now;                                  ///< for no ticket in particular
    std::array<skill_number, skills_near_max> skills{};  ///< the first ones of `entry::skills`
    std::array<std::uint8_t, skills_near_max> levels{};
    std::uint8_t skill_count = 0;
    bool has_pace = false;
  };
  struct membership {
    group* in = nullptr;
    std::size_t at = 0;
  };
  struct entry {
    agent who;
    std::vector<std::pair<group*, std::uint8_t>> skills;    ///< a skill is its group
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

  [[nodiscard]] std::optional<place> place_of(std::string_view id) const;
  group& skill_group(std::string_view skill);
  void take_skills(place at, const agent& who);
  [[nodiscard]] std::uint8_t level_of(place at, skill_number skill) const;
  [[nodiscard]] std::vector<group*> groups_of(place at);
  /// Puts an agent into the groups that it belongs to now.
  void arrange(place at);
  void count(const agent_snapshot& a, int sign) noexcept;
  [[nodiscard]] agent_snapshot snapshot(place at, const ticket_needs& needs,
                                        const std::vector<const group*>& skills) const;
  /// The groups of the needed skills; null where nobody has one.
  [[nodiscard]] std::vector<const group*> needed(const ticket_needs& needs) const;
  template <class Each>
  void for_each_candidate(const ticket_needs& needs, const std::vector<const group*>& skills, Each each) const;
  [[nodiscard]] std::vector<scored_place> score_all(const ticket_needs& needs,
                                                    const std::vector<const group*>& skills) const;

  std::deque<entry> agents_;  ///< none ever moves: snapshots point into it
  std::vector<standing> standing_;
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
