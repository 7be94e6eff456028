// `GET /api/support/escalation`: what the ladder has told, and then what it will tell.
#pragma once

#include "store/policy_shelf.hpp"
#include "store/read_pool.hpp"

namespace usher::store {

/// What was told or skipped, newest first; after it the levels that are armed, by the tickets whose timers go off next.
/// Armed levels are not stored: they follow from the clocks of the tickets that the index of timers gives, so that a
/// page costs as many tickets as it shows. A page of a rare level may hold less than its limit before the list's end.
[[nodiscard]] domain::result<domain::page<std::string>> list_escalations(read_session& session, policy_shelf& shelf,
                                                                         const domain::record_query& query,
                                                                         const scope& who, steady_time deadline);

}  // namespace usher::store
