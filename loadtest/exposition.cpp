#include "loadtest/exposition.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace usher::load {

namespace {

std::optional<double> number(std::string_view text) {
  if (text == "+Inf") return std::numeric_limits<double>::infinity();
  double value = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc() ? std::optional(value) : std::nullopt;
}

/// The end of a label block; label values may hold escaped quotes and any brace.
std::size_t end_of_labels(std::string_view line, std::size_t from) {
  bool quoted = false;
  for (auto i = from; i < line.size(); ++i) {
    if (quoted && line[i] == '\\') {
      ++i;
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == '}' && !quoted) {
      return i;
    }
  }
  return std::string_view::npos;
}

}  // namespace

exposition exposition::parse(std::string_view text) {
  exposition out;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    auto name = line.substr(0, line.find_first_of("{ "));
    auto rest = line.substr(name.size());
    std::string_view labels;
    if (rest.starts_with('{')) {
      auto end = end_of_labels(rest, 1);
      if (end == std::string_view::npos) continue;
      labels = rest.substr(1, end - 1);
      rest.remove_prefix(end + 1);
    }
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    auto value = number(rest.substr(0, rest.find(' ')));
    if (value) out.by_metric_[std::string(name)].push_back({std::string(labels), *value});
  }
  return out;
}

std::optional<double> exposition::sum(std::string_view metric, std::string_view label) const {
  auto found = by_metric_.find(metric);
  if (found == by_metric_.end()) return std::nullopt;
  std::optional<double> all;
  for (const auto& s : found->second) {
    if (s.labels.find(label) != std::string::npos) all = all.value_or(0) + s.value;
  }
  return all;
}

std::map<double, double> exposition::buckets(std::string_view histogram, std::string_view label) const {
  std::map<double, double> out;
  auto found = by_metric_.find(std::string(histogram) + "_bucket");
  if (found == by_metric_.end()) return out;
  for (const auto& s : found->second) {
    auto at = s.labels.find("le=\"");
    if (at == std::string::npos || s.labels.find(label) == std::string::npos) continue;
    auto edge = std::string_view(s.labels).substr(at + 4);
    if (auto le = number(edge.substr(0, edge.find('"')))) out[*le] += s.value;
  }
  return out;
}

std::optional<double> exposition::quantile(std::string_view histogram, double q, const exposition* before,
                                           std::string_view label) const {
  auto now = buckets(histogram, label);
  if (before != nullptr) {
    for (const auto& [edge, count] : before->buckets(histogram, label)) now[edge] -= count;
  }
  if (now.empty() || now.rbegin()->second <= 0) return std::nullopt;
  double wanted = q * now.rbegin()->second;
  double from = 0;
  double below = 0;
  for (const auto& [edge, count] : now) {
    if (count < wanted) {
      from = edge;
      below = count;
      continue;
    }
    if (edge == std::numeric_limits<double>::infinity()) return from;
    return count > below ? from + (edge - from) * (wanted - below) / (count - below) : edge;
  }
  return from;
}

}  // namespace usher::load
