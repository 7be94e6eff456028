#include "actors/desk_parts.hpp"

#include <algorithm>
#include <iterator>

#include "metrics/log/log.hpp"

namespace usher::actors {

namespace {

constexpr std::string_view freeze_broken = "freeze_broken";
constexpr std::string_view incident_suspected = "incident_suspected";

/// Nobody waits for the alert; one that can't be stored is logged.
domain::completion<std::monostate> logged(std::string_view kind) {
  return domain::completion<std::monostate>([kind](domain::result<std::monostate> stored) {
    if (!stored) log::error("an alert can't be stored", {{"kind", kind}, {"why", stored.error().detail}});
  });
}

}  // namespace

domain::alert_event desk_parts::address(store::alert_write& alert) const {
  domain::alert_event event{domain::event_type::alert_raised,
                            alert.id,
                            alert.organization.value_or(domain::organization_id{}),
                            alert.ticket,
                            alert.at,
                            alert.kind,
                            alert.level,
                            {}};
  const auto now = settings.get();
  alert.notifications = domain::notifications_of(event, *now);
  if (alert.kind == freeze_broken)
    std::ranges::move(domain::tell_executives(event, alert.detail, *now), std::back_inserter(alert.notifications));
  return event;
}

void desk_parts::raise(store::alert_write alert, domain::completion<std::monostate> done) {
  auto stored = [this, event = address(alert), done = std::move(done)](domain::result<std::monostate> result) mutable {
    if (result) events.publish(event);
    done(std::move(result));
  };
  writer.submit({std::move(alert), store::steady_time::max(), domain::completion<std::monostate>(std::move(stored))});
}

store::alert_write desk_parts::alert_of_broken_glass(const domain::caller& by, const std::string& action,
                                                     const std::string& reason) const {
  return {std::string(freeze_broken),
          "critical",
          by.sub + " (" + std::string(domain::to_word(by.role)) + ") broke the glass for " + action + ": " + reason,
          std::nullopt,
          std::nullopt,
          clock.now()};
}

void desk_parts::watch_for_incidents(const domain::change& what) {
  const auto found = incidents->note(what);
  if (!found) return;
  store::alert_write alert{
      std::string(incident_suspected), "critical", domain::describe(*found), std::nullopt, std::nullopt, clock.now()};
  log::warn("many organizations write about the same", {{"category", found->category}, {"tickets", found->tickets}});
  raise(std::move(alert), logged(incident_suspected));
}

}  // namespace usher::actors
