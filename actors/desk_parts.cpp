#include "actors/desk_parts.hpp"

namespace usher::actors {

void desk_parts::raise(store::alert_write alert, domain::completion<std::monostate> done) {
  domain::alert_event event{domain::event_type::alert_raised,
                            alert.id,
                            alert.organization.value_or(domain::organization_id{}),
                            alert.ticket,
                            alert.at,
                            alert.kind,
                            alert.level,
                            {}};
  alert.notifications = domain::notifications_of(event, *settings.get());
  auto stored = [this, event = std::move(event),
                 done = std::move(done)](domain::result<std::monostate> result) mutable {
    if (result) events.publish(event);
    done(std::move(result));
  };
  writer.submit({std::move(alert), store::steady_time::max(), domain::completion<std::monostate>(std::move(stored))});
}

}  // namespace usher::actors
