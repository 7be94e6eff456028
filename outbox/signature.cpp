#include "outbox/signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace usher::outbox {

namespace {

constexpr std::string_view secret_prefix = "whsec_";

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string to_base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(bytes), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

/// False for anything but the one spelling that `to_base64` gives.
bool from_base64(std::string_view text, std::string& out) {
  if (text.empty() || text.size() % 4 != 0) return false;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), bytes_of(text), static_cast<int>(text.size()));
  if (length < 0) return false;
  const auto padding = static_cast<std::size_t>(std::ranges::count(text, '='));
  if (padding > 2) return false;
  bytes.resize(static_cast<std::size_t>(length) - padding);
  if (to_base64(bytes) != text) return false;
  out = std::move(bytes);
  return true;
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::array<unsigned char, 32> mac{};
  unsigned int length = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(), mac.data(), &length) ==
      nullptr) {
    throw std::runtime_error("HMAC-SHA256 is not available");
  }
  return {reinterpret_cast<const char*>(mac.data()), length};
}

}  // namespace

std::string new_secret() {
  std::string bytes(32, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("no random bytes for a webhook secret");
  }
  return bytes;
}

std::string format_secret(std::string_view bytes) { return std::string(secret_prefix) + to_base64(bytes); }

domain::result<std::string> parse_secret(std::string_view text) {
  std::string bytes;
  if (!text.starts_with(secret_prefix) || text.size() > 128 || !from_base64(text.substr(secret_prefix.size()), bytes) ||
      bytes.size() < secret_bytes_min || bytes.size() > secret_bytes_max) {
    return domain::fail(domain::errc::invalid, "A secret is whsec_ and the Base64 of 24 to 64 bytes.");
  }
  return bytes;
}

std::string sign(const std::vector<std::string>& secrets, std::string_view id, std::int64_t timestamp,
                 std::string_view payload) {
  std::string content(id);
  content += '.';
  content += std::to_string(timestamp);
  content += '.';
  content += payload;
  std::string out;
  for (const auto& secret : secrets) {
    if (!out.empty()) out += ' ';
    out += "v1," + to_base64(hmac_sha256(secret, content));
  }
  return out;
}

}  // namespace usher::outbox
