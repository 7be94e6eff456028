#include "loadtest/scenario.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>
#include <sstream>
#include <stdexcept>

#include "loadtest/shipped.hpp"

namespace usher::load {

nanoseconds scenario::duration() const {
  return std::accumulate(stages.begin(), stages.end(), nanoseconds{0},
                         [](nanoseconds sum, const stage& s) { return sum + s.duration; });
}

void scale_rates(scenario& what, double factor) {
  for (auto& s : what.stages) {
    s.from *= factor;
    s.to *= factor;
  }
  for (auto& b : what.bursts) b.count = static_cast<std::uint64_t>(std::llround(static_cast<double>(b.count) * factor));
}

void fit_duration(scenario& what, nanoseconds total) {
  double factor = in_seconds(total) / in_seconds(what.duration());
  auto fit = [&](nanoseconds& d) { d = from_seconds(in_seconds(d) * factor); };
  for (auto& s : what.stages) fit(s.duration);
  for (auto& b : what.bursts) {
    fit(b.at);
    fit(b.within);
  }
}

std::string_view to_word(action kind) noexcept {
  constexpr std::array<std::string_view, actions> words{
      "create",      "read",   "thread",    "sla",        "history",  "message",     "reply", "note",
      "list",        "search", "assign",    "status",     "escalate", "acknowledge", "csat",  "analytics",
      "escalations", "alerts", "snapshots", "categorize", "events",   "request"};
  return words[static_cast<std::size_t>(kind)];
}

std::string_view to_word(role who) noexcept {
  constexpr std::array<std::string_view, 4> words{"customer", "agent", "supervisor", "manager"};
  return words[static_cast<std::size_t>(who)];
}

const shipped_file* find_shipped(std::string_view name) noexcept {
  auto all = shipped_files();
  auto found = std::find_if(all.begin(), all.end(), [&](const auto& f) { return f.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> shipped_scenarios() {
  std::vector<std::string> out;
  for (const auto& file : shipped_files()) {
    if (file.name.ends_with(".toml")) out.emplace_back(file.name.substr(0, file.name.size() - 5));
  }
  return out;
}

scenario load_scenario(const std::string& name_or_path) {
  if (const auto* file = find_shipped(name_or_path + ".toml")) return parse_scenario(file->text, name_or_path);
  std::ifstream in(name_or_path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in) {
    std::string names;
    for (const auto& name : shipped_scenarios()) names += (names.empty() ? "" : ", ") + name;
    throw std::runtime_error("'" + name_or_path +
                             "' is no file that can be read, and none of the shipped scenarios: " + names);
  }
  auto stem = name_or_path.substr(name_or_path.rfind('/') + 1);
  if (stem.ends_with(".toml")) stem.resize(stem.size() - 5);
  return parse_scenario(text.str(), stem);
}

}  // namespace usher::load
