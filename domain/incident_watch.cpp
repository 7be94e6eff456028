#include "domain/incident_watch.hpp"

#include <algorithm>

#include "domain/category.hpp"

namespace usher::domain {

std::string describe(const incident& what) {
  std::string out = std::to_string(what.tickets) + " tickets of " + std::to_string(what.organizations) +
                    " organizations about " + what.category + " since " + format_rfc3339(what.since) + ": ";
  for (std::size_t i = 0; i < what.numbers.size(); ++i) out += (i == 0 ? "#" : ", #") + std::to_string(what.numbers[i]);
  if (what.tickets > what.numbers.size()) out += ", …";
  return out;
}

void incident_watch::drop_oldest(category_window& from) {
  auto owner = from.tickets.find(from.entries.front().organization);
  if (--owner->second == 0) from.tickets.erase(owner);
  from.entries.pop_front();
}

std::optional<incident> incident_watch::note(const incident_sign& sign) {
  if (rules_.organizations <= 0 || sign.category == general_question) return std::nullopt;
  auto found = windows_.find(sign.category);
  if (found == windows_.end()) found = windows_.emplace(sign.category, category_window{}).first;
  auto& window = found->second;
  window.latest = std::max(window.latest, sign.at);
  window.entries.push_back({window.latest, sign.organization, sign.number});
  ++window.tickets[sign.organization];
  while (window.entries.size() > kept_max || window.latest - window.entries.front().at >= rules_.within)
    drop_oldest(window);
  if (window.tickets.size() < static_cast<std::size_t>(rules_.organizations)) return std::nullopt;
  const bool told = window.last_reached && window.latest - *window.last_reached < rules_.within;
  window.last_reached = window.latest;
  if (told) return std::nullopt;
  incident out{found->first, window.entries.size(), window.tickets.size(), window.entries.front().at, {}};
  for (const auto& each : window.entries) {
    if (out.numbers.size() == incident::numbers_max) break;
    out.numbers.push_back(each.number);
  }
  return out;
}

}  // namespace usher::domain
