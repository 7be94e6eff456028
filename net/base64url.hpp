// Base64url without padding (RFC 4648, section 5), as strictly as JWS has it (RFC 7515, appendix C).
#pragma once

#include <string>
#include <string_view>

namespace usher::net {

/// False for padding, foreign characters, an impossible length, or bits that no encoder sets.
[[nodiscard]] bool decode_base64url(std::string_view text, std::string& out);
[[nodiscard]] std::string encode_base64url(std::string_view bytes);

}  // namespace usher::net
