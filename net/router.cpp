#include "net/router.hpp"

namespace usher::net {

namespace {

bool is_parameter(std::string_view segment) noexcept { return segment.starts_with('{'); }

/// Cuts the first segment off a path that begins with a slash.
std::string_view next_segment(std::string_view& path) noexcept {
  path.remove_prefix(1);
  const auto slash = path.find('/');
  const auto out = path.substr(0, slash);
  path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash);
  return out;
}

}  // namespace

router::router(std::span<const route> table) : table_(table) {
  nodes_.emplace_back();
  for (std::size_t i = 0; i < table.size(); ++i) {
    traits_.push_back(traits_of(table[i]));
    std::size_t at = 0;
    for (std::string_view rest = table[i].path; !rest.empty();) at = child_for(at, next_segment(rest));
    auto& slots = nodes_[at].routes;
    slots[static_cast<std::size_t>(table[i].how)] = static_cast<std::int16_t>(i);
    if (table[i].how == method::get) slots[static_cast<std::size_t>(method::head)] = static_cast<std::int16_t>(i);
  }
}

std::size_t router::child_for(std::size_t at, std::string_view segment) {
  if (is_parameter(segment)) {
    if (nodes_[at].parameter == 0) {
      nodes_[at].parameter = nodes_.size();
      nodes_.emplace_back();
    }
    return nodes_[at].parameter;
  }
  for (const auto& [literal, child] : nodes_[at].literals)
    if (literal == segment) return child;
  const auto made = nodes_.size();
  nodes_[at].literals.emplace_back(segment, made);
  nodes_.emplace_back();
  return made;
}

std::string router::allowed(const node& at) const {
  std::string out;
  for (std::size_t i = 0; i < methods; ++i) {
    if (at.routes[i] == none) continue;
    out += to_word(static_cast<method>(i));
    out += ", ";
  }
  if (!out.empty()) out += "OPTIONS";
  return out;
}

router::match router::find(method how, std::string_view path) const {
  match out;
  out.index = table_.size();
  std::size_t at = 0;
  std::size_t taken = 0;
  for (auto rest = path; !rest.empty();) {
    const auto segment = next_segment(rest);
    std::size_t next = 0;
    for (const auto& [literal, child] : nodes_[at].literals)
      if (literal == segment) next = child;
    if (next == 0 && !segment.empty() && taken < out.parameters.size()) {
      next = nodes_[at].parameter;
      if (next != 0) out.parameters[taken++] = segment;
    }
    if (next == 0) return out;
    at = next;
  }
  const auto& end = nodes_[at];
  const auto slot = static_cast<std::size_t>(how);
  if (slot < methods && end.routes[slot] != none) {
    out.index = static_cast<std::size_t>(end.routes[slot]);
    out.found = &table_[out.index];
  } else {
    out.allow = allowed(end);
  }
  return out;
}

std::vector<std::string_view> route_labels() {
  std::vector<std::string_view> out;
  for (const auto& r : all_routes()) out.push_back(r.path);
  out.push_back("unmatched");
  return out;
}

}  // namespace usher::net
