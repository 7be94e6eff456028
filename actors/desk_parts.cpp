#include "actors/desk_parts.hpp"

#include "metrics/log/log.hpp"

namespace usher::actors {

void desk_parts::raise_alert(store::alert_write what) {
  auto told = [kind = what.kind](domain::result<std::monostate> stored) {
    if (!stored) log::error("an alert was not stored", {{"kind", kind}});
  };
  writer.submit({std::move(what), store::steady_time::max(), domain::completion<std::monostate>(std::move(told))});
}

}  // namespace usher::actors
