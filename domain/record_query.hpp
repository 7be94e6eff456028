// Records that are only shown: the store gives each as the text of a JSON object, as the contract spells it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace usher::domain {

enum class record_kind : std::uint8_t {
  ticket_history,        ///< the audit trail of the ticket `parent`, oldest first
  escalations,           ///< what the ladder has told, newest first; filters `state`, `level`, and the ticket `parent`
  alerts,                ///< newest first; filters `kind`, `level`, `acknowledged`, and the alert `parent`
  kb_articles,           ///< newest first; filters `published`, `category`, `language`, and the article `parent`
  kb_search,             ///< the best matches of the filter `q`, one page; filter `published`
  deliveries,            ///< of the endpoint `parent`, newest first; filters `state`, `event`, `id`
  analytics,             ///< one record, a list: the sums of tickets; filters `from`, `to`, `group_by`, `live`
  day_figures,           ///< one record, a list: the sums of the filter `day`, to be stored
  changed_days,          ///< one record, a list: the days whose stored sums are missing or out of date
  classification_stats,  ///< one record: how often the classifier was corrected
  wedding_days,          ///< one record, a list: the weddings by day and zone; filters `from` and `to`, each an instant
  snapshots,  ///< what the desk looked like, newest first; filters `from` (inclusive) and `to`, each an instant
  similar,    ///< two records, a list each: finished tickets like the filters `subject` and `body`, best first, without
              ///< the ticket `parent`, of the filter `organization`; published articles, unless the limit is 1
  audit,      ///< the trail of one organization, of the desk itself without `parent`, newest first; filters `action`,
              ///< `actor`
};
inline constexpr int record_kind_count = static_cast<int>(record_kind::audit) + 1;

/// A filter's name and the words that it takes.
struct record_filter {
  std::string name;
  std::vector<std::string> any_of;
};

struct record_query {
  record_kind kind{};
  std::optional<uuid> parent;  ///< what the records belong to
  std::vector<record_filter> filters{};
  int limit = 25;
  std::string cursor{};
};

}  // namespace usher::domain
