#include "net/body_fields.hpp"

#include <algorithm>

#include "net/ticket_json.hpp"

namespace usher::net {

namespace {

/// So many wrong members are named; more would only echo a caller's nonsense.
constexpr std::size_t errors_max = 20;

}  // namespace

body_fields::body_fields(const json_value& object, std::string pointer, std::vector<domain::field_error>& errors)
    : object_(object), pointer_(std::move(pointer)), errors_(errors) {
  if (object.type != json_type::object) errors_.push_back({pointer_, "has to be an object"});
}

const json_value* body_fields::take(std::string_view name) {
  taken_.push_back(name);
  return object_.find(name);
}

std::optional<std::string> body_fields::take_text(std::string_view name, std::size_t least, std::size_t most,
                                                  bool required) {
  const auto* member = take(name);
  if (member == nullptr) {
    if (required && object_.type == json_type::object) missing(name);
    return std::nullopt;
  }
  if (member->type != json_type::string) {
    add(name, "has to be a string");
    return std::nullopt;
  }
  const auto size = count_characters(member->text);
  if (size < least || size > most) {
    add(name, "has to have " + std::to_string(least) + " to " + std::to_string(most) + " characters");
    return std::nullopt;
  }
  return std::string(member->text);
}

void body_fields::add(std::string_view name, std::string_view detail) {
  if (errors_.size() < errors_max) errors_.push_back({pointer_to(name), std::string(detail)});
}

void body_fields::add_at(std::string_view name, std::size_t index, std::string_view detail) {
  if (errors_.size() < errors_max)
    errors_.push_back({pointer_to(name) + "/" + std::to_string(index), std::string(detail)});
}

std::string body_fields::pointer_to(std::string_view name) const {
  std::string out = pointer_;
  append_pointer(out, name);
  return out;
}

void body_fields::refuse_the_rest() {
  if (object_.type != json_type::object) return;
  for (const auto& member : object_)
    if (std::ranges::find(taken_, member.key) == taken_.end()) add(member.key, "is unknown here");
}

domain::error invalid_body(std::vector<domain::field_error> errors) {
  std::string detail = "The body is not valid";
  if (!errors.empty()) detail += ": " + errors.front().pointer + " " + errors.front().detail;
  return {domain::errc::invalid, detail + ".", std::move(errors)};
}

}  // namespace usher::net
