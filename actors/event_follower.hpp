// One follower of the events: what he missed, from the store; then what happens, from the hub.
#pragma once

#include <unordered_set>

#include "actors/desk_parts.hpp"
#include "actors/event_hub.hpp"

namespace usher::actors {

/// In the first stretch it reads the audit trail, from a little before the follower's last place up to the moment at
/// which it began to listen to the hub: entries become visible in another order than their ids have. What is told twice
/// by that has the same id, and is left out where this follower has had it.
class event_follower final : public event_source, public std::enable_shared_from_this<event_follower> {
 public:
  /// How far back a stretch begins before the place from which it is to go on.
  static constexpr domain::milliseconds overlap{30'000};
  /// How far back a follower may go on from; further back he gets what there is from then on.
  static constexpr domain::milliseconds reach = std::chrono::hours{24};

  /// Nothing when there are too many followers, or the desk ends.
  [[nodiscard]] static std::shared_ptr<event_follower> make(desk_parts& desk, domain::caller by, event_filter filter,
                                                            std::optional<event_position> after);
  ~event_follower() override;

  [[nodiscard]] const std::string& start() const noexcept override { return start_; }
  void next(domain::completion<std::vector<event_line>> done) override;

 private:
  event_follower(desk_parts& desk, domain::caller by, event_filter filter);

  void begin(const std::optional<event_position>& after);
  [[nodiscard]] bool takes(const domain::feed_event& e) const;
  void read_past(domain::completion<std::vector<event_line>> done);
  void look_up_tickets(std::vector<domain::trail_entry> entries, domain::completion<std::vector<event_line>> done);
  void tell_past(const std::vector<domain::trail_entry>& entries, const std::vector<domain::ticket_ptr>& tickets,
                 domain::completion<std::vector<event_line>> done);
  void read_live(domain::completion<std::vector<event_line>> done);

  desk_parts& desk_;
  domain::caller by_;
  event_filter filter_;
  std::string start_;
  std::int64_t after_ms_ = 0;  ///< the follower's last place
  std::uint64_t number_ = 0;   ///< the next of the hub's
  bool in_past_ = false;
  domain::uuid past_from_;
  std::int64_t past_until_ms_ = 0;
  std::int64_t doubtful_from_ms_ = 0;  ///< entries from here on may come from the hub as well
  domain::milliseconds stretch_{60'000};
  std::unordered_set<domain::uuid> told_;  ///< from the store, and may come from the hub as well
};

}  // namespace usher::actors
