#include "actors/desk_parts.hpp"

namespace usher::actors {

void desk_parts::raise(store::alert_write alert, domain::completion<std::monostate> done) {
  alert.notifications =
      domain::notifications_of(domain::alert_event{domain::event_type::alert_raised,
                                                   alert.id,
                                                   alert.organization.value_or(domain::organization_id{}),
                                                   alert.ticket,
                                                   alert.at,
                                                   alert.kind,
                                                   alert.level,
                                                   {}},
                               *settings.get());
  writer.submit({std::move(alert), store::steady_time::max(), std::move(done)});
}

}  // namespace usher::actors
