#include "loadtest/table_reader.hpp"

namespace usher::load {

void table_reader::fail(std::string_view key, const std::string& why) const {
  throw std::runtime_error(where_ + (where_.empty() ? "" : ".") + std::string(key) + " " + why);
}

const toml::node* table_reader::node(std::string_view key) {
  read_.emplace(key);
  return from_.get(key);
}

nanoseconds table_reader::duration(std::string_view key, const toml::node& from) const {
  auto text = from.value_exact<std::string>();
  auto read = text ? parse_duration(*text) : std::nullopt;
  if (!read) fail(key, "is not a duration such as \"1.5s\", \"2m\" or \"1h\"");
  return *read;
}

double table_reader::number(std::string_view key, const toml::node& from, double least, double most) const {
  auto value = from.value<double>();
  if (!value || !(*value >= least && *value <= most))
    fail(key, "is not a number from " + show_number(least, 0) + " to " + show_number(most, 0));
  return *value;
}

void table_reader::read(std::string_view key, std::string& out) {
  const auto* found = node(key);
  if (found == nullptr) return;
  auto text = found->value_exact<std::string>();
  if (!text) fail(key, "is not a text");
  out = *text;
}

void table_reader::read(std::string_view key, bool& out) {
  const auto* found = node(key);
  if (found == nullptr) return;
  auto value = found->value_exact<bool>();
  if (!value) fail(key, "is not true or false");
  out = *value;
}

void table_reader::read(std::string_view key, double& out, double least, double most) {
  if (const auto* found = node(key)) out = number(key, *found, least, most);
}

void table_reader::read(std::string_view key, std::size_t& out, std::size_t least, std::size_t most) {
  const auto* found = node(key);
  if (found == nullptr) return;
  if (!found->is_integer()) fail(key, "is not a whole number");
  out = static_cast<std::size_t>(number(key, *found, static_cast<double>(least), static_cast<double>(most)));
}

void table_reader::read(std::string_view key, nanoseconds& out) {
  if (const auto* found = node(key)) out = duration(key, *found);
}

void table_reader::read(std::string_view key, std::vector<std::string>& out) {
  const auto* found = node(key);
  if (found == nullptr) return;
  out.clear();
  if (auto one = found->value_exact<std::string>()) {
    out.push_back(*one);
    return;
  }
  const auto* list = found->as_array();
  if (list == nullptr) fail(key, "is neither a text nor a list of texts");
  for (const auto& entry : *list) {
    auto text = entry.value_exact<std::string>();
    if (!text) fail(key, "holds something that is not a text");
    out.push_back(*text);
  }
}

void table_reader::read(std::string_view key, std::vector<int>& out) {
  const auto* found = node(key);
  if (found == nullptr) return;
  const auto* list = found->as_array();
  if (list == nullptr) fail(key, "is not a list of statuses");
  out.clear();
  for (const auto& entry : *list) out.push_back(static_cast<int>(number(key, entry, 100, 599)));
}

void table_reader::read(std::string_view key, pause& out) {
  const auto* found = node(key);
  if (found == nullptr) return;
  const auto* list = found->as_array();
  if (list == nullptr) {
    out.least = out.most = duration(key, *found);
    return;
  }
  if (list->size() != 2) fail(key, "is not a pair of durations");
  out = {duration(key, *list->get(0)), duration(key, *list->get(1))};
  if (out.least > out.most) fail(key, "begins with the longer duration");
}

void table_reader::read_rates(double& from, double& to) {
  must_have("rate");
  const auto& found = *node("rate");
  const auto* list = found.as_array();
  if (list == nullptr) {
    from = to = number("rate", found, 0, rate_max);
    return;
  }
  if (list->size() != 2) fail("rate", "is neither a number nor a pair of them");
  from = number("rate", *list->get(0), 0, rate_max);
  to = number("rate", *list->get(1), 0, rate_max);
}

void table_reader::read(std::string_view key, std::vector<threshold>& out) {
  std::vector<std::string> texts;
  read(key, texts);
  for (const auto& text : texts) {
    auto parsed = parse_threshold(text);
    if (!parsed) fail(key, "holds a mistake: " + parsed.error());
    out.push_back(std::move(*parsed));
  }
}

table_reader table_reader::table(std::string_view key) {
  static const toml::table none;
  const auto* found = node(key);
  if (found == nullptr) return {none, where_ + std::string(key)};
  if (!found->is_table()) fail(key, "is not a table");
  return {*found->as_table(), where_ + std::string(key)};
}

std::vector<table_reader> table_reader::tables(std::string_view key, std::size_t most) {
  std::vector<table_reader> out;
  const auto* found = node(key);
  if (found == nullptr) return out;
  const auto* list = found->as_array();
  if (list == nullptr) fail(key, "is not a list of tables");
  if (list->size() > most) fail(key, "has more than " + std::to_string(most) + " entries");
  for (const auto& entry : *list) {
    if (!entry.is_table()) fail(key, "holds something that is not a table");
    auto place = where_ + (where_.empty() ? "" : ".") + std::string(key) + "[" + std::to_string(out.size() + 1) + "]";
    out.emplace_back(*entry.as_table(), std::move(place));
  }
  return out;
}

void table_reader::done() const {
  for (const auto& [key, value] : from_) {
    if (!read_.contains(std::string_view(key.str()))) fail(key.str(), "is no key that is known here");
  }
}

}  // namespace usher::load
