// Tokens that somebody made up, sent to the front door: RFC 8725 and RFC 7515 tell how they are attacked.
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <set>
#include <vector>

#include "net/base64url.hpp"
#include "server_fixture.hpp"

using namespace usher;
using net::encode_base64url;
using test::server_fixture;

namespace {

const std::string header = R"({"alg":"HS256","typ":"JWT"})";

std::string compact(const net::jwt_key& key, const std::string& head, const std::string& claims) {
  const auto text = encode_base64url(head) + "." + encode_base64url(claims);
  return text + "." + encode_base64url(key.sign(text));
}

/// Claims that would be good, but for what `more` adds or `without` leaves out.
std::string claims(const std::string& more = "", const std::string& without = "") {
  std::string out = "{";
  const std::vector<std::pair<std::string, std::string>> all{
      {"iss", "\"usher\""}, {"sub", "\"mallory\""}, {"role", "\"admin\""}, {"exp", "4000000000"}};
  for (const auto& [name, value] : all)
    if (name != without) out += (out.size() > 1 ? ",\"" : "\"") + name + "\":" + value;
  return out + (more.empty() ? "" : "," + more) + "}";
}

std::string instead(const std::string& name, const std::string& value) {
  return claims("\"" + name + "\":" + value, name);
}

std::string ask(const std::string& authorization) {
  return "GET /api/support/tickets/1 HTTP/1.1\r\nHost: desk\r\nAuthorization: " + authorization + "\r\n\r\n";
}

struct attack {
  std::string name;
  std::string token;
};

std::vector<attack> attacks(const net::jwt_key& key) {
  const auto mine = net::jwt_key::from_secret("mallory's own secret of 32 bytes!").value();
  const auto good = compact(key, header, claims());
  const auto dot = good.rfind('.');
  const auto unsigned_text = good.substr(0, dot);
  const auto with_header = [&](const std::string& head) { return compact(key, head, claims()); };
  const auto with_claims = [&](const std::string& what) { return compact(key, header, what); };
  std::vector<attack> out;
  for (const std::string alg : {"none", "None", "NONE", "nOnE", ""}) {
    const auto text = encode_base64url("{\"alg\":\"" + alg + "\"}") + "." + encode_base64url(claims());
    out.push_back({"alg " + alg + ", no signature", text + "."});
    out.push_back({"alg " + alg + ", some signature", text + good.substr(dot)});
  }
  for (const std::string alg : {"hs256", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA"})
    out.push_back({"alg " + alg, with_header("{\"alg\":\"" + alg + "\"}")});
  for (const std::string head :
       {R"({"typ":"JWT"})", R"({"alg":256})", R"({"alg":["HS256"]})", R"({"alg":null})", R"(["HS256"])", R"("HS256")",
        R"({"alg":"HS256","crit":["exp"]})", R"({"alg":"HS256","crit":[]})",
        R"({"alg":"HS256","b64":false,"crit":["b64"]})", R"({"alg":"HS256","typ":"JWE"})",
        R"({"alg":"HS256","typ":"logout+jwt"})", R"({"alg":"HS256","typ":1})", R"({"alg":"HS256","kid":1})",
        R"({"alg":"none","alg":"HS256"})", R"({"alg":"HS256","alg":"HS256"})", R"({"alg":"HS256")",
        R"({"alg":"HS256"} x)"})
    out.push_back({"header " + head, with_header(head)});
  const std::string jwk = R"({"kty":"oct","k":")" + encode_base64url("mallory's own secret of 32 bytes!") + "\"}";
  for (const auto& member : {"\"jwk\":" + jwk, std::string(R"("jku":"https://mallory.example/keys")"),
                             std::string(R"("x5u":"https://mallory.example/chain")"), std::string(R"("x5c":["MIIB"])"),
                             std::string(R"("kid":"../../dev/null")"), std::string(R"("kid":"' UNION SELECT 'x")")})
    out.push_back({"a key of one's own by " + member, compact(mine, R"({"alg":"HS256",)" + member + "}", claims())});
  for (const std::string value : {"\"4000000000\"", "true", "null", "-1", "0", "1e300", "[4000000000]", "{}"})
    out.push_back({"exp " + value, with_claims(instead("exp", value))});
  for (const std::string value : {"\"0\"", "false", "4000000000", "1e300", "null"}) {
    out.push_back({"nbf " + value, with_claims(claims("\"nbf\":" + value))});
    out.push_back({"iat " + value, with_claims(claims("\"iat\":" + value))});
  }
  for (const std::string value : {"1", "null", "\"\"", "[\"mallory\"]", "\"a\\u0000b\"", "\"a\\nb\""})
    out.push_back({"sub " + value, with_claims(instead("sub", value))});
  out.push_back({"a long sub", with_claims(instead("sub", "\"" + std::string(129, 'a') + "\""))});
  for (const std::string value : {"\"system\"", "\"root\"", "\"ADMIN\"", "5", "[\"admin\"]", "null", "\"admin \""})
    out.push_back({"role " + value, with_claims(instead("role", value))});
  for (const std::string value : {"\"\"", "\"*\"", "null", "1", "\"0197a000-0000-7000-8000-00000000000\"", "[]"})
    out.push_back({"org " + value, with_claims(claims("\"org\":" + value))});
  for (const std::string value : {"\"Usher\"", "\"usher.example\"", "[\"usher\"]", "null"})
    out.push_back({"iss " + value, with_claims(instead("iss", value))});
  for (const std::string name : {"iss", "sub", "role", "exp"})
    out.push_back({"no " + name, with_claims(claims("", name))});
  out.push_back({"a requester of nobody", with_claims(instead("role", "\"requester\""))});
  for (const std::string twice : {"\"role\":\"agent\"", "\"sub\":\"alice\"", "\"exp\":4000000001", "\"x\":1,\"x\":2"})
    out.push_back({"twice: " + twice, with_claims(claims(twice))});
  for (const std::string what : {"[]", "\"admin\"", "1", "null", "", "{", "{}", "{\"iss\":\"\xff\"}"})
    out.push_back({"claims " + what, with_claims(what)});
  out.push_back({"deep claims", with_claims(claims("\"x\":" + std::string(2000, '[') + std::string(2000, ']')))});
  out.push_back({"another's signature", unsigned_text + compact(mine, header, claims()).substr(dot)});
  out.push_back({"no signature", unsigned_text + "."});
  out.push_back({"two parts", unsigned_text});
  out.push_back({"four parts", good + ".x"});
  out.push_back({"five parts, as JWE has", good + ".x.y"});
  out.push_back({"half a signature", good.substr(0, dot + 20)});
  out.push_back({"a longer signature", good + "AAAA"});
  out.push_back({"padding", good + "="});
  out.push_back({"another alphabet", unsigned_text + ".+/" + good.substr(dot + 3)});
  out.push_back({"a space within", unsigned_text + ". " + good.substr(dot + 1)});
  // 32 bytes leave four bits of the last character unused: only zeros are the same signature in one spelling.
  auto spelt = good;
  spelt.back() = static_cast<char>(spelt.back() + 1);
  out.push_back({"another spelling of the signature", spelt});
  out.push_back({"empty parts", ".."});
  out.push_back({"no token", ""});
  out.push_back({"two tokens", good + " " + good});
  return out;
}

std::string without_request_id(std::string body) {
  const auto at = body.find("\"request_id\":\"");
  return at == std::string::npos ? body : body.erase(at, 14 + 36);
}

}  // namespace

TEST_CASE("a token that is attacked gets one answer, which tells nothing") {
  server_fixture with;
  auto client = with.client();
  const auto served = client.ask(ask("Bearer " + compact(with.key, header, claims())));
  REQUIRE(served);
  REQUIRE(served->status == 404);  // the ticket, not the caller
  std::set<std::string> bodies;
  for (const auto& [name, token] : attacks(with.key)) {
    CAPTURE(name);
    const auto got = client.ask(ask("Bearer " + token));
    REQUIRE(got);
    CHECK(got->status == 401);
    CHECK(got->header("www-authenticate") == R"(Bearer error="invalid_token")");
    bodies.insert(without_request_id(got->body));
  }
  CHECK(bodies.size() == 1);
  for (const std::string other : {"Basic bWFsbG9yeTp4", "Bearer", "bearer", "Token x", "Bearer\t"}) {
    CAPTURE(other);
    const auto got = client.ask(ask(other));
    REQUIRE(got);
    CHECK(got->status == 401);
  }
  const auto huge =
      client.ask(ask("Bearer " + compact(with.key, header, claims("\"x\":\"" + std::string(8192, 'a') + "\""))));
  REQUIRE(huge);
  CHECK(huge->status == 431);
}

TEST_CASE("where a token says that its key lies is not looked at") {
  server_fixture with;
  auto client = with.client();
  for (const std::string member : {R"("jwk":{"kty":"oct","k":"AA"})", R"("jku":"http://127.0.0.1:9/keys")",
                                   R"("x5u":"http://127.0.0.1:9/chain")", R"("kid":"of another issuer")"}) {
    CAPTURE(member);
    const auto got = client.ask(ask("Bearer " + compact(with.key, R"({"alg":"HS256",)" + member + "}", claims())));
    REQUIRE(got);
    CHECK(got->status == 404);
  }
}

TEST_CASE("a public key is no secret to sign with") {
  server_fixture with;
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pair(EVP_RSA_gen(2048), EVP_PKEY_free);
  std::unique_ptr<BIO, decltype(&BIO_free_all)> out(BIO_new(BIO_s_mem()), BIO_free_all);
  REQUIRE(PEM_write_bio_PUBKEY(out.get(), pair.get()) == 1);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &text);
  const std::string pem(text, static_cast<std::size_t>(size));
  with.verifier.replace({net::jwt_key::from_pem(pem).value()});
  auto client = with.client();
  for (const auto& secret : {pem, pem.substr(0, pem.size() - 1)})
    for (const std::string alg : {"HS256", "RS256"}) {
      const auto key = net::jwt_key::from_secret(secret).value();
      const auto got = client.ask(ask("Bearer " + compact(key, "{\"alg\":\"" + alg + "\"}", claims())));
      REQUIRE(got);
      CHECK(got->status == 401);
    }
}

TEST_CASE("keys are replaced while connections live, and what was verified with the old ones is forgotten") {
  server_fixture with(server_fixture::fast_limits(), 1);
  auto client = with.client();
  const auto old_token = compact(with.key, header, claims());
  const auto next = net::jwt_key::from_secret("another secret of at least 32 bytes").value();
  const auto new_token = compact(next, header, claims());
  const auto status = [&](const std::string& token) {
    const auto got = client.ask(ask("Bearer " + token));
    return got ? got->status : 0;
  };
  CHECK(status(old_token) == 404);
  CHECK(status(old_token) == 404);  // from the cache
  CHECK(status(new_token) == 401);
  with.verifier.replace({next});
  CHECK(status(old_token) == 401);
  CHECK(status(new_token) == 404);
  with.verifier.replace({with.key});
  CHECK(status(new_token) == 401);
  CHECK(status(old_token) == 404);
}
