// What a client says of content codings in `Accept-Encoding` (RFC 9110, section 12.5.3).
#pragma once

#include <cstdint>
#include <string_view>

namespace usher::net {

/// The weights of the codings that Usher can send, in thousandths; negative where the client said nothing. Without
/// allocation, because each request has one.
class accepted_codings {
 public:
  /// Takes in one field line; a header that came several times is one list. What is malformed is left out.
  void add(std::string_view line) noexcept;
  /// Whether gzip is acceptable, and not less welcome than no coding at all.
  [[nodiscard]] bool prefers_gzip() const noexcept;

 private:
  void add_one(std::string_view item) noexcept;

  std::int16_t gzip_ = -1;
  std::int16_t identity_ = -1;
  std::int16_t other_ = -1;  ///< `*`
};

}  // namespace usher::net
