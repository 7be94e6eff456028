#include "domain/json_members.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "domain/json_writer.hpp"

namespace usher::domain {

namespace {

constexpr std::string_view space = " \t\r\n";

void append_utf8(std::string& out, std::uint32_t point) {
  auto byte = [&out](std::uint32_t b) { out += static_cast<char>(b); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xC0 | (point >> 6U));
    byte(0x80 | (point & 0x3FU));
  } else if (point < 0x10000) {
    byte(0xE0 | (point >> 12U));
    byte(0x80 | ((point >> 6U) & 0x3FU));
    byte(0x80 | (point & 0x3FU));
  } else {
    byte(0xF0 | (point >> 18U));
    byte(0x80 | ((point >> 12U) & 0x3FU));
    byte(0x80 | ((point >> 6U) & 0x3FU));
    byte(0x80 | (point & 0x3FU));
  }
}

/// A cursor over text that is known to be JSON; it stops at the end whatever it meets.
class scanner {
 public:
  explicit scanner(std::string_view text) : text_(text) {}

  void skip_space() { pos_ = std::min(text_.find_first_not_of(space, pos_), text_.size()); }
  [[nodiscard]] bool at(char c) const { return pos_ < text_.size() && text_[pos_] == c; }
  bool take(char c) {
    skip_space();
    if (!at(c)) return false;
    ++pos_;
    return true;
  }

  /// The text of the next string, quotes included.
  std::string_view string() {
    std::size_t from = pos_++;
    while (pos_ < text_.size() && text_[pos_] != '"') pos_ += text_[pos_] == '\\' ? 2 : 1;
    pos_ = std::min(pos_ + 1, text_.size());
    return text_.substr(from, pos_ - from);
  }

  /// The text of the next value of any kind.
  std::string_view value() {
    skip_space();
    std::size_t from = pos_;
    int depth = 0;
    while (pos_ < text_.size()) {
      char c = text_[pos_];
      if (c == '"') {
        (void)string();
        continue;
      }
      if (depth == 0 && (c == ',' || c == '}' || c == ']')) break;
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++pos_;
    }
    auto found = text_.substr(from, pos_ - from);
    return found.substr(0, found.find_last_not_of(space) + 1);
  }

 private:
  std::string_view text_;
  std::size_t pos_ = 0;
};

std::uint32_t hex4(std::string_view digits) {
  std::uint32_t point = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), point, 16);
  return point;
}

char unescape_char(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    default:
      return c;
  }
}

std::string decode(std::string_view quoted) {
  std::string out;
  std::string_view text = quoted.substr(1, quoted.size() - 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 >= text.size()) {
      out += text[i];
    } else if (text[++i] != 'u') {
      out += unescape_char(text[i]);
    } else {
      std::uint32_t point = hex4(text.substr(i + 1, 4));
      i += 4;
      if (point >= 0xD800 && point < 0xDC00 && text.substr(i + 1, 2) == "\\u") {
        point = 0x10000 + ((point - 0xD800) << 10U) + (hex4(text.substr(i + 3, 4)) - 0xDC00);
        i += 6;
      }
      append_utf8(out, point);
    }
  }
  return out;
}

}  // namespace

std::vector<json_member> json_members(std::string_view object) {
  std::vector<json_member> members;
  scanner in(object);
  if (!in.take('{')) return members;
  while (true) {
    in.skip_space();
    if (!in.at('"')) return members;
    std::string name = decode(in.string());
    if (!in.take(':')) return members;
    members.emplace_back(std::move(name), std::string(in.value()));
    if (!in.take(',')) return members;
  }
}

std::vector<std::string_view> json_elements(std::string_view array) {
  std::vector<std::string_view> elements;
  scanner in(array);
  if (!in.take('[')) return elements;
  while (true) {
    auto element = in.value();
    if (element.empty()) return elements;
    elements.push_back(element);
    if (!in.take(',')) return elements;
  }
}

std::optional<std::string> json_string(std::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::nullopt;
  return decode(value);
}

std::string to_json_object(const std::vector<json_member>& members) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  for (const auto& [name, value] : members) {
    w.escaped_key(name);
    w.raw(value);
  }
  w.end_object();
  return out;
}

std::string merge_json_object(std::string_view object, const std::vector<json_member>& changes) {
  auto members = json_members(object);
  for (const auto& [name, value] : changes) {
    auto found = std::find_if(members.begin(), members.end(), [&](const auto& m) { return m.first == name; });
    if (value == "null") {
      if (found != members.end()) members.erase(found);
    } else if (found != members.end()) {
      found->second = value;
    } else {
      members.emplace_back(name, value);
    }
  }
  return to_json_object(members);
}

}  // namespace usher::domain
