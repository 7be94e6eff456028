// Where CAF 0.18 and 1.x differ, or ask for ceremony. The rest of this folder uses what both have.
#pragma once

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/init_global_meta_objects.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/type_id.hpp>

#include "actors/messages.hpp"

CAF_BEGIN_TYPE_ID_BLOCK(usher, caf::first_custom_type_id)

CAF_ADD_TYPE_ID(usher, (usher::actors::perform_request))
CAF_ADD_TYPE_ID(usher, (usher::actors::commit_done))
CAF_ADD_TYPE_ID(usher, (usher::actors::ticket_lent))
CAF_ADD_TYPE_ID(usher, (usher::actors::loan_settled))
CAF_ADD_TYPE_ID(usher, (usher::actors::deadline_due))
CAF_ADD_TYPE_ID(usher, (usher::actors::timers_due))
CAF_ADD_TYPE_ID(usher, (usher::actors::adopt_tickets))
CAF_ADD_TYPE_ID(usher, (usher::actors::ticket_loaded))
CAF_ADD_TYPE_ID(usher, (usher::actors::retry_load))
CAF_ADD_TYPE_ID(usher, (usher::actors::wants_to_leave))
CAF_ADD_TYPE_ID(usher, (usher::actors::may_leave))
CAF_ADD_TYPE_ID(usher, (usher::actors::stays))
CAF_ADD_TYPE_ID(usher, (usher::actors::ticket_down))
CAF_ADD_TYPE_ID(usher, (usher::actors::shard_down))
CAF_ADD_TYPE_ID(usher, (usher::actors::escalation_waits))
CAF_ADD_TYPE_ID(usher, (usher::actors::level_down))
CAF_ADD_TYPE_ID(usher, (usher::actors::roster_begins))
CAF_ADD_TYPE_ID(usher, (usher::actors::agents_changed))
CAF_ADD_TYPE_ID(usher, (usher::actors::news_of_board))
CAF_ADD_TYPE_ID(usher, (usher::actors::staff_timers_due))
CAF_ADD_TYPE_ID(usher, (usher::actors::agent_changed))
CAF_ADD_TYPE_ID(usher, (usher::actors::agent_wakes))
CAF_ADD_TYPE_ID(usher, (usher::actors::agent_timer))
CAF_ADD_TYPE_ID(usher, (usher::actors::sign_owed))
CAF_ADD_TYPE_ID(usher, (usher::actors::silence_due))
CAF_ADD_TYPE_ID(usher, (usher::actors::hand_on))
CAF_ADD_TYPE_ID(usher, (usher::actors::agent_down))
CAF_ADD_TYPE_ID(usher, (usher::actors::roster_down))
CAF_ADD_TYPE_ID(usher, (usher::actors::monitor_round))
CAF_ADD_TYPE_ID(usher, (usher::actors::monitor_part_done))
CAF_ADD_TYPE_ID(usher, (usher::actors::monitor_down))
CAF_ADD_TYPE_ID(usher, (usher::actors::stop_desk))

CAF_END_TYPE_ID_BLOCK(usher)

// Nothing here crosses a process: ids do, and they are in the store.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::perform_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::commit_done)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::ticket_lent)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::loan_settled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::deadline_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::timers_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::adopt_tickets)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::ticket_loaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::retry_load)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::wants_to_leave)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::may_leave)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::stays)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::ticket_down)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::shard_down)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::escalation_waits)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::level_down)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::roster_begins)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::agents_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::news_of_board)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::staff_timers_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::agent_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::agent_wakes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::agent_timer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::sign_owed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::silence_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::hand_on)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::agent_down)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::roster_down)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::monitor_round)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::monitor_part_done)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::monitor_down)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::actors::stop_desk)

namespace usher::actors {

/// Why an actor that threw ends, without CAF's own line on stderr: its supervisor logs.
inline caf::error to_exit_reason(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return caf::make_error(caf::sec::runtime_error, e.what());
  } catch (...) {
    return caf::make_error(caf::sec::runtime_error, "an exception of no known type");
  }
}

/// Lets `self` end with `to_exit_reason` when a handler throws.
template <class Actor>
void end_quietly_on_exception(Actor* self) {
  self->set_exception_handler([](std::exception_ptr& thrown) { return to_exit_reason(thrown); });
}

}  // namespace usher::actors
