#include "store/password_hash.hpp"

#include <sodium.h>

#include <stdexcept>

namespace usher::store {

namespace {

constexpr auto cost = crypto_pwhash_OPSLIMIT_INTERACTIVE;
constexpr auto memory = crypto_pwhash_MEMLIMIT_INTERACTIVE;

void prepare() {
  // Harmless to repeat, from any thread.
  if (sodium_init() < 0) throw std::runtime_error("libsodium can't be used");
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

std::string hash_password(std::string_view password) {
  prepare();
  std::string out(crypto_pwhash_STRBYTES, '\0');
  if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), cost, memory, crypto_pwhash_ALG_ARGON2ID13) !=
      0)
    throw std::runtime_error("there is not enough memory to hash a password");
  out.resize(out.find('\0'));
  return out;
}

bool verify_password(const std::string& hash, std::string_view password) {
  prepare();
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

std::string random_token_bytes() {
  prepare();
  std::string out(32, '\0');
  randombytes_buf(out.data(), out.size());
  return out;
}

std::string sha256_of(std::string_view text) {
  std::string out(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(out.data()), bytes_of(text), text.size());
  return out;
}

std::string csrf_bytes_of(std::string_view token) {
  // So that no other hash of a token is one of these.
  std::string text = "usher csrf 1 ";
  text += token;
  auto out = sha256_of(text);
  forget(text);
  return out;
}

void forget(std::string& secret) noexcept {
  sodium_memzero(secret.data(), secret.size());
  secret.clear();
}

}  // namespace usher::store
