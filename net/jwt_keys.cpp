#include "net/jwt_keys.hpp"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <array>

#include "net/base64url.hpp"
#include "net/json_reader.hpp"
#include "net/weak_secret.hpp"

namespace usher::net {

using domain::errc;
using domain::fail;
using domain::result;

namespace {

template <class T, void (*Free)(T*)>
struct deleter {
  void operator()(T* p) const noexcept { Free(p); }
};
template <class T, void (*Free)(T*)>
using owned = std::unique_ptr<T, deleter<T, Free>>;

using bignum = owned<BIGNUM, BN_free>;
using key_context = owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using digest_context = owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using param_builder = owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using params = owned<OSSL_PARAM, OSSL_PARAM_free>;
using ecdsa_signature = owned<ECDSA_SIG, ECDSA_SIG_free>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::shared_ptr<EVP_PKEY> share(EVP_PKEY* key) { return {key, EVP_PKEY_free}; }

std::string hmac_sha256(std::string_view secret, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes_of(text), text.size(), mac.data(),
           &size) == nullptr)
    return {};
  return {reinterpret_cast<const char*>(mac.data()), size};
}

/// JWS writes an ECDSA signature as r and s of 32 bytes each (RFC 7518, section 3.4); OpenSSL reads DER.
std::string to_der(std::string_view raw) {
  if (raw.size() != 64) return {};
  ecdsa_signature pair(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(bytes_of(raw), 32, nullptr);
  BIGNUM* s = BN_bin2bn(bytes_of(raw) + 32, 32, nullptr);
  if (!pair || r == nullptr || s == nullptr || ECDSA_SIG_set0(pair.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  std::string out;
  if (size > 0) out.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

std::shared_ptr<EVP_PKEY> build_key(const char* type, OSSL_PARAM_BLD* builder) {
  params built(OSSL_PARAM_BLD_to_param(builder));
  key_context context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!built || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, built.get()) != 1)
    return nullptr;
  return share(key);
}

std::shared_ptr<EVP_PKEY> rsa_key(std::string_view n, std::string_view e) {
  if (n.empty() || e.empty() || n.size() > 1024 || e.size() > 8) return nullptr;
  bignum modulus(BN_bin2bn(bytes_of(n), static_cast<int>(n.size()), nullptr));
  bignum exponent(BN_bin2bn(bytes_of(e), static_cast<int>(e.size()), nullptr));
  param_builder builder(OSSL_PARAM_BLD_new());
  if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1)
    return nullptr;
  return build_key("RSA", builder.get());
}

std::shared_ptr<EVP_PKEY> p256_key(std::string_view x, std::string_view y) {
  if (x.size() != 32 || y.size() != 32) return nullptr;
  std::string point("\x04");
  point += x;
  point += y;
  param_builder builder(OSSL_PARAM_BLD_new());
  if (OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1)
    return nullptr;
  return build_key("EC", builder.get());
}

/// A string member; empty when it is missing or something else.
std::string_view text_of(const json_value& object, std::string_view name) {
  const auto* member = object.find(name);
  return member != nullptr && member->type == json_type::string ? member->text : std::string_view{};
}

bool is_for_signatures(const json_value& jwk) {
  if (jwk.find("use") != nullptr && text_of(jwk, "use") != "sig") return false;
  const auto* operations = jwk.find("key_ops");
  if (operations == nullptr) return true;
  if (operations->type != json_type::array) return false;
  for (const auto& operation : *operations)
    if (operation.text == "verify") return true;
  return false;
}

std::shared_ptr<EVP_PKEY> public_key_of(const json_value& jwk) {
  std::string first;
  std::string second;
  if (text_of(jwk, "kty") == "RSA")
    return decode_base64url(text_of(jwk, "n"), first) && decode_base64url(text_of(jwk, "e"), second)
               ? rsa_key(first, second)
               : nullptr;
  return decode_base64url(text_of(jwk, "x"), first) && decode_base64url(text_of(jwk, "y"), second)
             ? p256_key(first, second)
             : nullptr;
}

}  // namespace

std::string_view to_word(jwt_algorithm a) noexcept {
  switch (a) {
    case jwt_algorithm::hs256:
      return "HS256";
    case jwt_algorithm::rs256:
      return "RS256";
    case jwt_algorithm::es256:
      return "ES256";
  }
  return "";
}

result<jwt_key> jwt_key::from_secret(std::string secret, std::string kid) {
  if (secret.size() < jwt_secret_bytes_min) return fail(errc::invalid, "An HS256 secret has at least 32 bytes.");
  jwt_key out;
  out.secret_ = std::move(secret);
  out.kid_ = std::move(kid);
  return out;
}

result<jwt_key> jwt_key::from_public(std::shared_ptr<EVP_PKEY> key, std::string kid) {
  jwt_key out;
  out.kid_ = std::move(kid);
  if (EVP_PKEY_is_a(key.get(), "RSA") == 1) {
    if (EVP_PKEY_get_bits(key.get()) < jwt_rsa_bits_min) return fail(errc::invalid, "The RSA key is under 2048 bits.");
    out.algorithm_ = jwt_algorithm::rs256;
  } else {
    std::array<char, 64> group{};
    std::size_t size = 0;
    if (EVP_PKEY_is_a(key.get(), "EC") != 1 ||
        EVP_PKEY_get_group_name(key.get(), group.data(), group.size(), &size) != 1 ||
        std::string_view(group.data(), size) != "prime256v1")
      return fail(errc::invalid, "Only RSA and P-256 public keys are taken.");
    out.algorithm_ = jwt_algorithm::es256;
  }
  out.public_ = std::move(key);
  return out;
}

result<jwt_key> jwt_key::from_pem(std::string_view pem, std::string kid) {
  owned<BIO, BIO_free_all> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  auto* key = in ? PEM_read_bio_PUBKEY(in.get(), nullptr, nullptr, nullptr) : nullptr;
  if (key == nullptr) return fail(errc::invalid, "This is not a PEM public key.");
  return from_public(share(key), std::move(kid));
}

bool jwt_key::verify(std::string_view signed_text, std::string_view signature) const {
  if (algorithm_ == jwt_algorithm::hs256) {
    const auto mine = hmac_sha256(secret_, signed_text);
    return !mine.empty() && mine.size() == signature.size() &&
           CRYPTO_memcmp(mine.data(), signature.data(), mine.size()) == 0;
  }
  const std::string der = algorithm_ == jwt_algorithm::es256 ? to_der(signature) : std::string(signature);
  digest_context context(EVP_MD_CTX_new());
  return !der.empty() && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, public_.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(der), der.size(), bytes_of(signed_text), signed_text.size()) == 1;
}

std::string jwt_key::sign(std::string_view text) const {
  return algorithm_ == jwt_algorithm::hs256 ? hmac_sha256(secret_, text) : std::string();
}

result<std::vector<jwt_key>> parse_jwks(std::string_view text) {
  json_reader reader;
  const auto document = reader.read(text);
  if (!document) return fail(errc::invalid, "The key set is not JSON.");
  const auto* keys = (*document)->find("keys");
  if (keys == nullptr || keys->type != json_type::array) return fail(errc::invalid, "The key set has no keys.");
  std::vector<jwt_key> out;
  for (const auto& jwk : *keys) {
    const auto kty = text_of(jwk, "kty");
    if ((kty != "RSA" && kty != "EC") || !is_for_signatures(jwk)) continue;
    const auto kid = text_of(jwk, "kid");
    if (kid.empty() || kid.size() > 64) return fail(errc::invalid, "Each key of a set needs a kid.");
    auto key = public_key_of(jwk);
    if (!key) return fail(errc::invalid, "A key of the set is broken.");
    auto made = jwt_key::from_public(std::move(key), std::string(kid));
    if (!made) return std::unexpected(std::move(made).error());
    const auto alg = text_of(jwk, "alg");
    if (!alg.empty() && alg != to_word(made->algorithm())) continue;
    for (const auto& other : out)
      if (other.kid() == kid) return fail(errc::invalid, "Two keys of the set have the same kid.");
    out.push_back(std::move(*made));
  }
  if (out.empty()) return fail(errc::invalid, "The key set has no key for RS256 or ES256.");
  return out;
}

namespace {

/// A key file's contents without the space before them, and as a secret.
struct key_text {
  std::string_view document;
  std::string_view secret;
  [[nodiscard]] bool is_secret() const noexcept {
    return !document.starts_with('{') && !document.starts_with("-----BEGIN");
  }
};

key_text split_key_file(std::string_view contents) noexcept {
  const auto start = contents.find_first_not_of(" \t\r\n");
  key_text out{start == std::string_view::npos ? std::string_view{} : contents.substr(start), contents};
  if (out.secret.ends_with('\n')) out.secret.remove_suffix(1);
  if (out.secret.ends_with('\r')) out.secret.remove_suffix(1);
  return out;
}

}  // namespace

std::optional<std::string_view> weakness_of_key_file(std::string_view contents) {
  const auto text = split_key_file(contents);
  return text.is_secret() ? weakness_of(text.secret) : std::nullopt;
}

result<std::vector<jwt_key>> parse_key_file(std::string_view contents) {
  const auto text = split_key_file(contents);
  const auto rest = text.document;
  if (rest.starts_with('{')) return parse_jwks(rest);
  std::vector<jwt_key> out;
  if (rest.starts_with("-----BEGIN")) {
    auto key = jwt_key::from_pem(rest);
    if (!key) return std::unexpected(std::move(key).error());
    out.push_back(std::move(*key));
    return out;
  }
  auto key = jwt_key::from_secret(std::string(text.secret));
  if (!key) return std::unexpected(std::move(key).error());
  if (is_known_example(text.secret))
    return fail(errc::invalid,
                "The HS256 secret is an example that everybody knows. Draw one: openssl rand -base64 48");
  out.push_back(std::move(*key));
  return out;
}

}  // namespace usher::net
