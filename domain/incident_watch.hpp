// Whether something is broken for many at once: tickets of one category out of many organizations within minutes.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace usher::domain {

/// When many tickets are one incident.
struct incident_rules {
  int organizations = 10;        ///< different ones that write about the same; 0: nobody watches
  milliseconds within{600'000};  ///< of each other; and for how long it has to be less for the next one to be another
};

/// A new ticket, as far as it says that something is broken.
struct incident_sign {
  std::string_view category;
  organization_id organization;
  std::int64_t number = 0;
  instant at;  ///< when it was opened
};

/// What many customers seem to have in common.
struct incident {
  static constexpr std::size_t numbers_max = 20;

  std::string category;
  std::size_t tickets = 0;
  std::size_t organizations = 0;
  instant since;
  std::vector<std::int64_t> numbers;  ///< of the first tickets
};

/// In words, for the alert.
[[nodiscard]] std::string describe(const incident& what);

/// Takes in the new tickets of a desk and tells of each burst once: when the rules' number of organizations is reached,
/// and again only after it has not been reached for the rules' time. General questions are no burst. Not thread-safe.
class incident_watch {
 public:
  /// Tickets of one category that are remembered; in a burst of more the oldest are forgotten first.
  static constexpr std::size_t kept_max = 2048;

  explicit incident_watch(incident_rules rules) : rules_(rules) {}

  [[nodiscard]] std::optional<incident> note(const incident_sign& sign);

 private:
  struct entry {
    instant at;
    organization_id organization;
    std::int64_t number;
  };
  struct category_window {
    std::deque<entry> entries;               ///< as they came
    std::map<organization_id, int> tickets;  ///< of those entries
    std::optional<instant> last_reached;     ///< the rules' number, during the burst that was told
    instant latest{};                        ///< commits of two tickets may come in either order
  };

  static void drop_oldest(category_window& from);

  incident_rules rules_;
  std::map<std::string, category_window, std::less<>> windows_;  ///< as many as the desk has categories
};

}  // namespace usher::domain
