#include "net/score_links.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "net/base64url.hpp"

namespace usher::net {

namespace {

constexpr std::size_t id_bytes = 16;
constexpr std::size_t cycle_bytes = 4;
constexpr std::size_t signature_bytes = 16;
/// So that no other signature of this key is one of a link.
constexpr std::string_view purpose = "usher score link 1";

}  // namespace

std::string score_links::sign(std::string_view what) const {
  std::string content(purpose);
  content += what;
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
       reinterpret_cast<const unsigned char*>(content.data()), content.size(), mac, &length);
  return {reinterpret_cast<const char*>(mac), signature_bytes};
}

std::string score_links::link_to(const domain::ticket& t) const {
  std::string what(reinterpret_cast<const char*>(t.id.value.bytes.data()), id_bytes);
  auto cycle = static_cast<std::uint32_t>(t.reopened + 1);
  for (int shift = 24; shift >= 0; shift -= 8)
    what += static_cast<char>((cycle >> static_cast<unsigned>(shift)) & 0xFFU);
  return base_() + "/csat/" + encode_base64url(what + sign(what));
}

std::optional<score_link> score_links::read(std::string_view token) const {
  std::string bytes;
  if (!decode_base64url(token, bytes) || bytes.size() != id_bytes + cycle_bytes + signature_bytes) return std::nullopt;
  auto what = std::string_view(bytes).substr(0, id_bytes + cycle_bytes);
  auto expected = sign(what);
  if (CRYPTO_memcmp(expected.data(), bytes.data() + what.size(), signature_bytes) != 0) return std::nullopt;
  score_link out;
  std::copy_n(what.begin(), id_bytes, out.ticket.value.bytes.begin());
  std::uint32_t cycle = 0;
  for (char c : what.substr(id_bytes)) cycle = (cycle << 8U) | static_cast<unsigned char>(c);
  out.cycle = static_cast<int>(cycle);
  return out;
}

}  // namespace usher::net
