// Tokens: Wycheproof's signatures, then each claim of the contract, good and bad.
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <fstream>
#include <random>
#include <sstream>

#include <catch2/catch_test_macros.hpp>

#include "domain/json_writer.hpp"
#include "net/base64url.hpp"
#include "net/jwt.hpp"
#include "net/token_cache.hpp"

using namespace usher;
using namespace usher::net;
using namespace std::chrono_literals;
using namespace std::string_literals;
using domain::role;

namespace {

const std::string secret = "0123456789abcdef0123456789abcdef";
constexpr domain::instant now{std::chrono::milliseconds(1'780'000'000'000)};

token_verifier verifier_of(jwt_key key) { return token_verifier({std::move(key)}); }
jwt_key hs256() { return jwt_key::from_secret(secret).value(); }

/// A token with exactly these parts, rightly signed.
std::string forge(const std::string& header, const std::string& claims) {
  const auto text = encode_base64url(header) + "." + encode_base64url(claims);
  return text + "." + encode_base64url(hs256().sign(text));
}
std::string with_claims(const std::string& claims) { return forge(R"({"alg":"HS256"})", claims); }

bool is_good(const std::string& token, domain::instant at = now) {
  json_reader json;
  return verifier_of(hs256()).verify(token, at, json).has_value();
}

const std::string org = "0190b5a0-0000-7000-8000-000000000001";
const std::string ends = "\"exp\":1780000100";

std::string text_of(const json_value& object, std::string_view name) {
  const auto* found = object.find(name);
  return found == nullptr ? "" : std::string(found->text);
}

}  // namespace

TEST_CASE("jwt: wycheproof's signatures", "[net]") {
  std::ifstream file(std::string(USHER_TEST_DATA) + "/jwt/wycheproof_jws.json");
  std::ostringstream text;
  text << file.rdbuf();
  json_reader reader;
  const auto document = reader.read(text.str());
  REQUIRE(document);
  int accepted = 0;
  int refused = 0;
  for (const auto& group : *(*document)->find("groups")) {
    const auto& jwk = *group.find("key");
    std::vector<jwt_key> keys;
    if (text_of(jwk, "kty") == "oct") {
      std::string k;
      REQUIRE(decode_base64url(text_of(jwk, "k"), k));
      keys.push_back(jwt_key::from_secret(k, text_of(jwk, "kid")).value());
    } else {
      std::string set = R"({"keys":[)";
      append_json(set, jwk);
      // A set may leave out nothing that its keys are told by.
      if (auto parsed = parse_jwks(set + "]}")) keys = std::move(*parsed);
    }
    if (keys.empty()) continue;
    const token_verifier verifier(std::move(keys));
    for (const auto& test : *group.find("tests")) {
      CAPTURE(text_of(group, "comment"), text_of(test, "comment"), text_of(test, "jws"));
      // Two of the vectors lost their padding on the way into the file: they are the valid token, letter for letter.
      if (text_of(test, "comment").starts_with("invalidBase64Padding")) continue;
      json_reader json;
      const bool opened = verifier.open(text_of(test, "jws"), json).has_value();
      // Wycheproof lets a decoder skip foreign characters; RFC 7515 does not.
      const bool lenient = text_of(test, "comment").starts_with("InvalidCharacterInserted");
      CHECK(opened == (test.find("valid")->truth && !lenient));
      ++(opened ? accepted : refused);
    }
  }
  CHECK(accepted >= 8);
  CHECK(refused >= 40);
}

TEST_CASE("jwt: what is signed is understood", "[net]") {
  json_reader json;
  const domain::caller who{"ann", role::requester, domain::organization_id::parse(org)};
  const auto token = sign_token(hs256(), who, now, 60s);
  const auto found = verifier_of(hs256()).verify(token, now, json);
  REQUIRE(found);
  CHECK(found->caller.sub == "ann");
  CHECK(found->caller.role == role::requester);
  CHECK(found->caller.organization == who.organization);
  CHECK(found->expires == now + 90s);
  CHECK(is_good(token, now + 89s));
  CHECK_FALSE(is_good(token, now + 90s));
  CHECK(is_good(token, now - 30s));
  CHECK_FALSE(is_good(token, now - 31s));
  CHECK_FALSE(is_good(token + "="));
  CHECK_FALSE(is_good(token + "."));
  CHECK_FALSE(is_good(""));
  CHECK_FALSE(verifier_of(jwt_key::from_secret(std::string(32, 'x')).value()).verify(token, now, json));
}

TEST_CASE("jwt: claims", "[net]") {
  const auto agent = [](const std::string& more) {
    return with_claims(R"({"iss":"usher","sub":"a","role":"agent",)" + more + "}");
  };
  CHECK(is_good(agent(ends)));
  CHECK(is_good(agent("\"exp\":1780000100.5")));
  CHECK(is_good(agent(ends + ",\"org\":\"" + org + "\"")));
  CHECK(is_good(agent(ends + ",\"nbf\":1780000030,\"iat\":1779999999,\"aud\":[\"x\"]")));
  for (const std::string& more :
       {std::string("\"x\":1"), std::string("\"exp\":\"1780000100\""), std::string("\"exp\":null"),
        std::string("\"exp\":1e300"), std::string("\"exp\":1779999970"), ends + ",\"nbf\":1780000031",
        ends + ",\"iat\":1780000031", ends + ",\"nbf\":\"1\"", ends + ",\"org\":7", ends + ",\"org\":null",
        ends + ",\"org\":\"x\"", ends + ",\"sub\":\"b\""}) {
    CAPTURE(more);
    CHECK_FALSE(is_good(agent(more)));
  }
  const auto whole = [](const std::string& claims) { return is_good(with_claims(claims)); };
  CHECK_FALSE(whole(R"({"sub":"a","role":"agent",)" + ends + "}"));
  CHECK_FALSE(whole(R"({"iss":"else","sub":"a","role":"agent",)" + ends + "}"));
  CHECK_FALSE(whole(R"({"iss":"usher","sub":"","role":"agent",)" + ends + "}"));
  CHECK_FALSE(whole(R"({"iss":"usher","sub":"a\nb","role":"agent",)" + ends + "}"));
  CHECK_FALSE(whole(R"({"iss":"usher","sub":1,"role":"agent",)" + ends + "}"));
  CHECK_FALSE(whole(R"({"iss":"usher","sub":"a","role":"system",)" + ends + "}"));
  CHECK_FALSE(whole(R"({"iss":"usher","sub":"a","role":"Agent",)" + ends + "}"));
  CHECK_FALSE(whole(R"({"iss":"usher","sub":"a","role":["agent"],)" + ends + "}"));
  CHECK_FALSE(whole(R"({"iss":"usher","sub":"a","role":"requester",)" + ends + "}"));
  CHECK_FALSE(whole(R"(["usher"])"));
  CHECK_FALSE(whole(R"({"iss":"usher","sub":")" + std::string(129, 'a') + R"(","role":"agent",)" + ends + "}"));
}

TEST_CASE("jwt: headers", "[net]") {
  const std::string claims = R"({"iss":"usher","sub":"a","role":"agent",)" + ends + "}";
  CHECK(is_good(forge(R"({"alg":"HS256","typ":"JWT","kid":"any","jku":"https://x"})", claims)));
  for (const std::string header :
       {R"({"alg":"none"})", R"({"alg":"HS384"})", R"({"alg":"hs256"})", R"({"alg":["HS256"]})", "{}", "[]",
        R"({"alg":"HS256","crit":["exp"]})", R"({"alg":"HS256","typ":"JWE"})", R"({"alg":"HS256","alg":"HS256"})",
        R"({"alg":"HS256","kid":1})"}) {
    CAPTURE(header);
    CHECK_FALSE(is_good(forge(header, claims)));
  }
  CHECK_FALSE(is_good(forge(R"({"alg":"HS256"})", claims + std::string(9000, ' '))));
}

TEST_CASE("jwt: keys that are too weak, and key files", "[net]") {
  CHECK_FALSE(jwt_key::from_secret(std::string(31, 'a')));
  CHECK_FALSE(jwt_key::from_pem("-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n"));
  const auto file = parse_key_file(secret + "\n");
  REQUIRE(file);
  CHECK(file->front().sign("x") == hs256().sign("x"));
  REQUIRE_FALSE(parse_key_file("short"));
  CHECK(parse_key_file("short").error().detail.find("32 bytes") != std::string::npos);
  CHECK_FALSE(parse_key_file(R"({"keys":[]})"));
  CHECK_FALSE(parse_key_file(R"({"keys":[{"kty":"oct","k":"AAAA","kid":"a"}]})"));

  // Examples that everybody knows are refused; the line says why, and never the secret.
  for (const auto& known : {"my Your-256-Bit-Secret for the desk of 2026"s, "a-string-secret-at-least-256-bits-long"s,
                            "CHANGEME, please, before the first wedding!"s}) {
    CAPTURE(known);
    const auto refused = parse_key_file(known + "\n");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().detail.starts_with("The HS256 secret "));
    CHECK(refused.error().detail.find(known) == std::string::npos);
    CHECK(weakness_of_key_file(known));
  }
  // Others that are long and guessed all the same are told of.
  const std::string pattern = "Tr0ub4do";
  for (const auto& weak : {std::string(64, 'k'), "abcabcabcabcabcabcabcabcabcabcabc"s,
                           pattern + pattern + pattern + pattern, "aabbccddeeffgghhiiiihhggffeeddccbbaa"s}) {
    CAPTURE(weak);
    CHECK(parse_key_file(weak + "\n"));
    CHECK(weakness_of_key_file(weak + "\n"));
  }
  CHECK_FALSE(weakness_of_key_file(R"({"keys":[]})"));
  CHECK_FALSE(weakness_of_key_file("correct horse battery staple, and a bit more"));
  std::mt19937 draw(8);
  for (int i = 0; i < 200; ++i) {
    std::string hex;
    while (hex.size() < 64) hex += "0123456789abcdef"[draw() % 16];
    CHECK_FALSE(weakness_of_key_file(hex));
  }

  // A public key never verifies what was signed with its own text as a secret.
  const std::shared_ptr<EVP_PKEY> pair(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::shared_ptr<BIO> bio(BIO_new(BIO_s_mem()), BIO_free_all);
  REQUIRE(PEM_write_bio_PUBKEY(bio.get(), pair.get()) == 1);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  const std::string pem(data, static_cast<std::size_t>(size));
  auto keys = parse_key_file(pem);
  REQUIRE(keys);
  CHECK(keys->front().algorithm() == jwt_algorithm::es256);
  const token_verifier verifier(std::move(*keys));
  const auto confused = sign_token(jwt_key::from_secret(pem).value(), {"a", role::admin, std::nullopt}, now, 60s);
  json_reader json;
  CHECK_FALSE(verifier.verify(confused, now, json));

  const std::shared_ptr<EVP_PKEY> weak(EVP_RSA_gen(1024), EVP_PKEY_free);
  const std::shared_ptr<BIO> weak_bio(BIO_new(BIO_s_mem()), BIO_free_all);
  REQUIRE(PEM_write_bio_PUBKEY(weak_bio.get(), weak.get()) == 1);
  const auto weak_size = BIO_get_mem_data(weak_bio.get(), &data);
  CHECK_FALSE(jwt_key::from_pem({data, static_cast<std::size_t>(weak_size)}));
}

TEST_CASE("jwt: base64url is strict", "[net]") {
  std::string out;
  for (const std::string bytes : {"", "f", "fo", "foo", "foob", "\xff\xfe"}) {
    REQUIRE(decode_base64url(encode_base64url(bytes), out));
    CHECK(out == bytes);
  }
  for (const std::string bad : {"A", "Zg==", "Zh", "Zm9=", "Zm 9", "Zm9v\n", "Zm+v"}) {
    CAPTURE(bad);
    CHECK_FALSE(decode_base64url(bad, out));
  }
}

TEST_CASE("jwt: the cache forgets, and knows when a token ends", "[net]") {
  token_cache cache(10);
  const auto add = [&](int i) {
    return cache.add("t" + std::to_string(i), {{"u" + std::to_string(i), role::agent, std::nullopt}, now + 60s});
  };
  add(0);
  REQUIRE(cache.find("t0", now));
  CHECK(cache.find("t0", now)->sub == "u0");
  CHECK_FALSE(cache.find("t0", now + 60s));
  CHECK_FALSE(cache.find("t", now));
  for (int i = 1; i < 5; ++i) add(i);
  CHECK(cache.find("t0", now));
  for (int i = 5; i < 100; ++i) {
    add(i);
    CHECK(cache.find("t0", now));  // what is asked for stays
  }
  CHECK_FALSE(cache.find("t5", now));
}
