#include "loadtest/tokens.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "domain/json_writer.hpp"

namespace usher::load {

namespace {

std::string base64url(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  auto length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  while (out.ends_with('=')) out.pop_back();
  for (auto& c : out) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return out;
}

std::string hmac_sha256(std::string_view secret, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size) == nullptr)
    throw std::runtime_error("OpenSSL can't make an HMAC");
  return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace

token_maker token_maker::from_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("can't read the key " + path);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  auto secret = bytes.str();
  auto start = secret.find_first_not_of(" \t\r\n");
  bool is_public = start != std::string::npos && (secret[start] == '{' || secret.compare(start, 10, "-----BEGIN") == 0);
  if (is_public) throw std::runtime_error(path + " holds public keys; an HS256 secret is needed");
  if (secret.ends_with('\n')) secret.pop_back();
  if (secret.ends_with('\r')) secret.pop_back();
  if (secret.empty()) throw std::runtime_error(path + " is empty");
  return token_maker(std::move(secret));
}

std::string token_maker::make(const person& who, std::chrono::seconds ttl) const {
  auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch();
  std::string claims;
  domain::json_writer w(claims);
  w.begin_object();
  w.member("iss", "usher");
  w.member("sub", who.sub);
  w.member("role", who.role);
  if (!who.organization.empty()) w.member("org", who.organization);
  w.member("iat", now.count());
  w.member("exp", (now + ttl).count());
  w.end_object();
  auto signed_text = base64url(R"({"alg":"HS256","typ":"JWT"})") + '.' + base64url(claims);
  return signed_text + '.' + base64url(hmac_sha256(secret_, signed_text));
}

}  // namespace usher::load
