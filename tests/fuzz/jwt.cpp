// Any bytes as a token, and as a file of keys. What is accepted was signed by the key and says who it is for.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/base64url.hpp"
#include "net/jwt.hpp"
#include "tests/fuzz/hold.hpp"

using namespace usher;
using test::hold;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto key = net::jwt_key::from_secret("0123456789abcdef0123456789abcdef").value();
  static const net::token_verifier verifier{{key}};
  static net::json_reader json;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const domain::instant now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 13}};
  if (const auto found = verifier.verify(bytes, now, json)) {
    hold(!found->caller.sub.empty() && found->expires > now);
    hold(found->caller.is_staff() || found->caller.organization);
  }
  // As header and payload, line by line, with a right signature: so that what is behind it is reached.
  const auto line = bytes.find('\n');
  if (line != std::string_view::npos) {
    auto token = net::encode_base64url(bytes.substr(0, line)) + "." + net::encode_base64url(bytes.substr(line + 1));
    token += "." + net::encode_base64url(key.sign(token));
    if (const auto found = verifier.verify(token, now, json)) {
      hold(found->caller.sub.size() <= domain::user_id_bytes_max);
      hold(found->caller.role != domain::role::system && found->expires > now);
    }
  }
  (void)net::parse_key_file(bytes);
  return 0;
}
