#include "net/json_locate.hpp"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "net/json_reader.hpp"

namespace usher::net {

namespace {

/// Recursive descent after RFC 8259; its depth is bounded by `depth_max`.
class walker {
 public:
  walker(std::string_view text, std::size_t depth_max) : text_(text), depth_max_(depth_max) {}

  json_fault run() {
    skip_space();
    if (value(0)) {
      skip_space();
      if (at_ != text_.size()) fault(json_fault::kind::grammar);
    }
    return std::move(fault_);
  }

 private:
  /// Ends the walk. Broken grammar counts before a value that merely can't be taken.
  bool fault(json_fault::kind what) {
    fault_ = {what, at_, path_};
    return false;
  }
  /// Notes the first value that can't be taken, and walks on.
  bool note(json_fault::kind what, std::size_t offset) {
    if (fault_.what == json_fault::kind::none) fault_ = {what, offset, path_};
    return true;
  }
  [[nodiscard]] bool more() const { return at_ < text_.size(); }
  [[nodiscard]] char peek() const { return more() ? text_[at_] : '\0'; }
  void skip_space() {
    while (more() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) ++at_;
  }

  bool value(std::size_t depth) {
    if (!more()) return fault(json_fault::kind::grammar);
    switch (peek()) {
      case '{':
        return container(depth, '}', true);
      case '[':
        return container(depth, ']', false);
      case '"': {
        std::string ignored;
        return string(ignored);
      }
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }

  bool word(std::string_view expected) {
    for (char c : expected) {
      if (peek() != c) return fault(json_fault::kind::grammar);
      ++at_;
    }
    return true;
  }

  bool container(std::size_t depth, char closing, bool object) {
    if (depth == depth_max_) return fault(json_fault::kind::too_deep);
    ++at_;
    skip_space();
    if (peek() == closing) {
      ++at_;
      return true;
    }
    for (std::size_t index = 0;; ++index) {
      if (!entry(depth, object, index)) return false;
      skip_space();
      const char next = peek();
      if (next != ',' && next != closing) return fault(json_fault::kind::grammar);
      ++at_;
      if (next == closing) return true;
      skip_space();
    }
  }

  bool entry(std::size_t depth, bool object, std::size_t index) {
    std::string name;
    if (object) {
      if (peek() != '"') return fault(json_fault::kind::grammar);
      if (!string(name)) return false;
      skip_space();
      if (peek() != ':') return fault(json_fault::kind::grammar);
      ++at_;
      skip_space();
    } else {
      name = std::to_string(index);
    }
    const auto before = path_.size();
    append_pointer(path_, name);
    if (!value(depth + 1)) return false;
    path_.resize(before);
    return true;
  }

  bool string(std::string& out) {
    ++at_;
    while (more()) {
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c < 0x20) return fault(json_fault::kind::grammar);
      if (c == '\\') {
        if (!escape()) return false;
        out += '?';
        continue;
      }
      out += text_[at_++];
    }
    return fault(json_fault::kind::grammar);
  }

  bool escape() {
    ++at_;
    const char c = peek();
    if (c != 'u') {
      if (std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos || c == '\0')
        return fault(json_fault::kind::grammar);
      ++at_;
      return true;
    }
    const auto first = unit();
    if (first < 0) return fault(json_fault::kind::grammar);
    if (first >= 0xDC00 && first <= 0xDFFF) return note(json_fault::kind::lone_surrogate, at_);
    if (first < 0xD800 || first > 0xDBFF) return true;
    if (peek() != '\\' || at_ + 1 >= text_.size() || text_[at_ + 1] != 'u')
      return note(json_fault::kind::lone_surrogate, at_);
    ++at_;
    const auto second = unit();
    if (second < 0) return fault(json_fault::kind::grammar);
    return (second >= 0xDC00 && second <= 0xDFFF) || note(json_fault::kind::lone_surrogate, at_);
  }

  /// The four digits after `u`; negative when they are not there.
  int unit() {
    int out = 0;
    for (int i = 0; i < 4; ++i) {
      ++at_;
      const char c = peek();
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return -1;
      out = out * 16 + digit;
    }
    ++at_;
    return out;
  }

  bool digits() {
    const auto from = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > from || fault(json_fault::kind::grammar);
  }

  bool number() {
    const auto from = at_;
    if (peek() == '-') ++at_;
    if (peek() == '0') {
      ++at_;
    } else if (!digits()) {
      return false;
    }
    if (peek() == '.') {
      ++at_;
      if (!digits()) return false;
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return false;
    }
    const std::string copy(text_.substr(from, at_ - from));
    if (std::abs(std::strtod(copy.c_str(), nullptr)) <= static_cast<double>(json_integer_max)) return true;
    return note(json_fault::kind::number_range, from);
  }

  std::string_view text_;
  std::size_t depth_max_;
  std::size_t at_ = 0;
  std::string path_;
  json_fault fault_;
};

}  // namespace

json_fault locate_json_fault(std::string_view text, std::size_t depth_max) { return walker(text, depth_max).run(); }

}  // namespace usher::net
