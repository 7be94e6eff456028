#include "net/json_reader.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cmath>

#include "domain/json_writer.hpp"
#include "net/json_locate.hpp"

namespace usher::net {

namespace dom = simdjson::dom;

struct json_reader::parser {
  dom::parser dom;
};

namespace {

using kind = json_error::kind;

json_error refuse(kind what, std::string detail, std::string pointer = {}) {
  return {what, std::move(detail), std::move(pointer)};
}

std::string at_byte(std::string_view what, std::size_t offset) {
  return std::string(what) + " at byte " + std::to_string(offset) + ".";
}

/// In words, why simdjson refused a text.
json_error explain(std::string_view text, simdjson::error_code code) {
  if (text.starts_with("\xEF\xBB\xBF")) return refuse(kind::malformed, "The body begins with a byte order mark.");
  if (code == simdjson::UTF8_ERROR) return refuse(kind::malformed, "The body is not UTF-8.");
  if (code == simdjson::EMPTY) return refuse(kind::malformed, "The body is empty.");
  auto fault = locate_json_fault(text, json_depth_max);
  switch (fault.what) {
    case json_fault::kind::lone_surrogate:
      return refuse(kind::unacceptable, at_byte("Half a surrogate pair stands", fault.offset), fault.pointer);
    case json_fault::kind::number_range:
      return refuse(kind::unacceptable, "The number is out of range.", fault.pointer);
    case json_fault::kind::too_deep:
      return refuse(kind::malformed, "The body is nested too deeply.", fault.pointer);
    case json_fault::kind::grammar:
      return refuse(kind::malformed, at_byte("The body is not JSON", fault.offset));
    case json_fault::kind::none:
      break;
  }
  return refuse(kind::malformed, "The body is not JSON.");
}

/// Lays a parsed text out as a flat list, and refuses on the way what the contract refuses.
class flattener {
 public:
  explicit flattener(std::vector<json_value>& out) : out_(out) {}

  bool add(dom::element from, std::string_view key, std::size_t depth) {
    const auto index = out_.size();
    out_.emplace_back().key = key;
    switch (from.type()) {
      case dom::element_type::NULL_VALUE:
        return true;
      case dom::element_type::BOOL:
        out_[index].type = json_type::boolean;
        out_[index].truth = bool(from);
        return true;
      case dom::element_type::STRING:
        return add_string(index, std::string_view(from));
      case dom::element_type::INT64:
        return add_integer(index, std::int64_t(from));
      case dom::element_type::UINT64:
        return out_of_range();
      case dom::element_type::DOUBLE:
        return add_double(index, double(from));
      case dom::element_type::ARRAY:
        return add_array(index, dom::array(from), depth);
      case dom::element_type::OBJECT:
        return add_object(index, dom::object(from), depth);
    }
    return false;
  }

  [[nodiscard]] json_error error() && { return {what_, std::move(detail_), std::move(path_)}; }

 private:
  bool fail(kind what, std::string detail) {
    what_ = what;
    detail_ = std::move(detail);
    return false;
  }
  bool out_of_range() { return fail(kind::unacceptable, "The number is out of range."); }

  bool add_string(std::size_t index, std::string_view text) {
    if (text.find('\0') != std::string_view::npos)
      return fail(kind::unacceptable, "The character U+0000 can't be stored.");
    out_[index].type = json_type::string;
    out_[index].text = text;
    return true;
  }
  bool add_integer(std::size_t index, std::int64_t number) {
    if (number > json_integer_max || number < -json_integer_max) return out_of_range();
    auto& value = out_[index];
    value.type = json_type::number;
    value.integral = true;
    value.integer = number;
    value.number = static_cast<double>(number);
    return true;
  }
  bool add_double(std::size_t index, double number) {
    if (std::abs(number) > static_cast<double>(json_integer_max)) return out_of_range();
    out_[index].type = json_type::number;
    out_[index].number = number;
    return true;
  }
  bool add_array(std::size_t index, dom::array from, std::size_t depth) {
    if (depth == json_depth_max) return fail(kind::malformed, "The body is nested too deeply.");
    out_[index].type = json_type::array;
    std::size_t position = 0;
    for (dom::element element : from)
      if (!inside(std::to_string(position++), [&] { return add(element, {}, depth + 1); })) return false;
    return close(index);
  }
  bool add_object(std::size_t index, dom::object from, std::size_t depth) {
    if (depth == json_depth_max) return fail(kind::malformed, "The body is nested too deeply.");
    out_[index].type = json_type::object;
    for (auto member : from) {
      if (member.key.find('\0') != std::string_view::npos)
        return fail(kind::unacceptable, "The character U+0000 can't be stored.");
      if (!inside(member.key, [&] { return add(member.value, member.key, depth + 1); })) return false;
    }
    return close(index) && no_duplicates(index);
  }

  template <class F>
  bool inside(std::string_view token, F add_it) {
    const auto before = path_.size();
    append_pointer(path_, token);
    if (!add_it()) return false;
    path_.resize(before);
    return true;
  }

  bool close(std::size_t index) {
    out_[index].span = static_cast<std::uint32_t>(out_.size() - index);
    return true;
  }

  bool no_duplicates(std::size_t index) {
    keys_.clear();
    for (const auto& member : out_[index]) keys_.push_back(member.key);
    std::ranges::sort(keys_);
    const auto twice = std::ranges::adjacent_find(keys_);
    if (twice == keys_.end()) return true;
    append_pointer(path_, *twice);
    return fail(kind::malformed, "A member stands twice in one object.");
  }

  std::vector<json_value>& out_;
  std::vector<std::string_view> keys_;
  std::string path_;
  kind what_ = kind::malformed;
  std::string detail_;
};

}  // namespace

const json_value* json_value::find(std::string_view name) const noexcept {
  if (type != json_type::object) return nullptr;
  for (const auto& member : *this)
    if (member.key == name) return &member;
  return nullptr;
}

json_reader::json_reader() : parser_(std::make_unique<parser>()) {}
json_reader::~json_reader() = default;
json_reader::json_reader(json_reader&&) noexcept = default;
json_reader& json_reader::operator=(json_reader&&) noexcept = default;

std::expected<const json_value*, json_error> json_reader::read(std::string_view text) {
  // simdjson hands what it is given to memcpy, which must not be null even for nothing.
  if (text.empty()) text = "";
  // The last argument lets simdjson copy the text into its own padded buffer.
  auto parsed = parser_->dom.parse(text.data(), text.size(), true);
  if (parsed.error() != simdjson::SUCCESS) return std::unexpected(explain(text, parsed.error()));
  // simdjson decodes a lone low surrogate into bytes that are not UTF-8. Escapes are rare, so the second walk is.
  if (text.find("\\u") != std::string_view::npos) {
    auto fault = locate_json_fault(text, json_depth_max);
    if (fault.what == json_fault::kind::lone_surrogate) return std::unexpected(explain(text, simdjson::STRING_ERROR));
  }
  values_.clear();
  flattener flat(values_);
  if (!flat.add(parsed.value_unsafe(), {}, 0)) return std::unexpected(std::move(flat).error());
  return values_.data();
}

bool is_utf8(std::string_view text) noexcept { return simdjson::validate_utf8(text.data(), text.size()); }

void append_json(std::string& out, const json_value& value) {
  struct emitter {
    domain::json_writer w;

    void emit(const json_value& v) {
      switch (v.type) {
        case json_type::null:
          return w.value(nullptr);
        case json_type::boolean:
          return w.value(v.truth);
        case json_type::number:
          // A negative zero would be another number when it is read again.
          return v.integral ? w.value(v.integer) : w.value(v.number == 0 ? 0.0 : v.number);
        case json_type::string:
          return w.value(v.text);
        case json_type::array:
          w.begin_array();
          for (const auto& element : v) emit(element);
          return w.end_array();
        case json_type::object:
          w.begin_object();
          for (const auto& member : v) {
            w.escaped_key(member.key);
            emit(member);
          }
          return w.end_object();
      }
    }
  };
  emitter{domain::json_writer(out)}.emit(value);
}

void append_pointer(std::string& pointer, std::string_view token) {
  pointer += '/';
  for (char c : token) {
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
  }
}

}  // namespace usher::net
