// Reads JSON bodies: simdjson parses, this file holds what it found to the contract's rules (section 2) and gives it in
// values that need no simdjson to look at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace usher::net {

enum class json_type : std::uint8_t { null, boolean, number, string, array, object };

/// One value in a flat list in which every container is followed by what it holds. Valid until the reader reads again.
struct json_value {
  json_type type = json_type::null;
  bool truth = false;
  bool integral = false;   ///< the number was written as an integer: `integer` holds
  std::uint32_t span = 1;  ///< values in this one, itself included: `this + span` comes next
  std::string_view key;    ///< of a member of an object, unescaped
  std::string_view text;   ///< of a string, unescaped UTF-8
  std::int64_t integer = 0;
  double number = 0;

  /// The members or elements, for a range `for`.
  class iterator {
   public:
    explicit iterator(const json_value* at) noexcept : at_(at) {}
    const json_value& operator*() const noexcept { return *at_; }
    iterator& operator++() noexcept {
      at_ += at_->span;
      return *this;
    }
    bool operator!=(const iterator& other) const noexcept { return at_ != other.at_; }

   private:
    const json_value* at_;
  };
  [[nodiscard]] iterator begin() const noexcept { return iterator(this + 1); }
  [[nodiscard]] iterator end() const noexcept { return iterator(this + span); }
  /// A member of an object; null when it has none of that name.
  [[nodiscard]] const json_value* find(std::string_view name) const noexcept;
};

/// Why a text is refused.
struct json_error {
  enum class kind : std::uint8_t {
    malformed,     ///< not JSON (RFC 8259), or ambiguous: 400
    unacceptable,  ///< JSON, with a value that can't be taken: 422
  };
  kind what = kind::malformed;
  std::string detail;
  std::string pointer;  ///< RFC 6901; empty is the whole text
};

/// Nesting that is taken: containers within containers.
inline constexpr std::size_t json_depth_max = 16;
/// Integers are taken where every reader agrees on their value (RFC 7493, section 2.2).
inline constexpr std::int64_t json_integer_max = (std::int64_t{1} << 53) - 1;

/// Keeps its buffers between texts. One thread at a time.
class json_reader {
 public:
  json_reader();
  ~json_reader();
  json_reader(json_reader&&) noexcept;
  json_reader& operator=(json_reader&&) noexcept;

  /// Malformed: not UTF-8, a byte order mark, anything after the value, a member twice, nesting over 16. Unacceptable:
  /// U+0000, lone surrogates, numbers beyond ±(2^53 - 1).
  [[nodiscard]] std::expected<const json_value*, json_error> read(std::string_view text);

 private:
  struct parser;
  std::unique_ptr<parser> parser_;
  std::vector<json_value> values_;
};

[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// The value as JSON text without spaces.
void append_json(std::string& out, const json_value& value);

/// One reference token of an RFC 6901 pointer, with its slash.
void append_pointer(std::string& pointer, std::string_view token);

}  // namespace usher::net
