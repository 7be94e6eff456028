#include "net/jwt.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "domain/json_writer.hpp"
#include "net/base64url.hpp"

namespace usher::net {

using domain::errc;
using domain::fail;
using domain::instant;
using domain::result;

namespace {

/// The three parts of a compact JWS; nothing when there are more or fewer.
std::optional<std::array<std::string_view, 3>> split(std::string_view token) {
  if (token.size() > jwt_bytes_max) return std::nullopt;
  const auto first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return std::array{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1)};
}

bool is_token_type(std::string_view typ) {
  std::string lower(typ);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower == "jwt" || lower == "at+jwt";
}

/// A NumericDate; nothing when the claim is not a number of this era.
std::optional<instant> date_of(const json_value& claim) {
  if (claim.type != json_type::number || claim.number < 0 || claim.number > 1e11) return std::nullopt;
  return instant(std::chrono::milliseconds(static_cast<std::int64_t>(std::floor(claim.number * 1000))));
}

bool is_user_id(std::string_view sub) {
  return !sub.empty() && sub.size() <= domain::user_id_bytes_max &&
         std::ranges::all_of(sub, [](char c) { return c >= 0x20 && c != 0x7f; });
}

const json_value* string_claim(const json_value& claims, std::string_view name) {
  const auto* claim = claims.find(name);
  return claim != nullptr && claim->type == json_type::string ? claim : nullptr;
}

result<instant> check_times(const json_value& claims, instant now) {
  const auto* exp = claims.find("exp");
  if (exp == nullptr) return fail(errc::invalid, "no exp");
  const auto expires = date_of(*exp);
  if (!expires) return fail(errc::invalid, "exp is not a date");
  if (now >= *expires + jwt_leeway) return fail(errc::invalid, "expired");
  for (const std::string_view name : {"nbf", "iat"}) {
    const auto* claim = claims.find(name);
    if (claim == nullptr) continue;
    const auto at = date_of(*claim);
    if (!at) return fail(errc::invalid, std::string(name) + " is not a date");
    if (now + jwt_leeway < *at) return fail(errc::invalid, "not valid yet");
  }
  return *expires + jwt_leeway;
}

result<domain::caller> caller_of(const json_value& claims) {
  const auto* iss = string_claim(claims, "iss");
  if (iss == nullptr || iss->text != jwt_issuer) return fail(errc::invalid, "iss is not usher");
  const auto* sub = string_claim(claims, "sub");
  if (sub == nullptr || !is_user_id(sub->text)) return fail(errc::invalid, "sub is not a user id");
  const auto* word = string_claim(claims, "role");
  const auto role = word == nullptr ? std::nullopt : domain::parse_role(word->text);
  if (!role || *role == domain::role::system) return fail(errc::invalid, "unknown role");
  domain::caller out{std::string(sub->text), *role, std::nullopt};
  if (const auto* org = claims.find("org")) {
    if (org->type != json_type::string) return fail(errc::invalid, "org is not a string");
    out.organization = domain::organization_id::parse(org->text);
    if (!out.organization) return fail(errc::invalid, "org is not a UUID");
  }
  if (!out.organization && !out.is_staff()) return fail(errc::invalid, "a requester without org");
  return out;
}

/// The key that a header names, if its algorithm is the key's. Where keys lie (`jwk`, `jku`, `x5u`, `x5c`) is the
/// operator's to say: those members are never looked at.
const jwt_key* choose(const std::vector<jwt_key>& keys, const json_value& header) {
  if (header.type != json_type::object || header.find("crit") != nullptr) return nullptr;
  const auto* alg = string_claim(header, "alg");
  if (alg == nullptr) return nullptr;
  if (const auto* typ = header.find("typ");
      typ != nullptr && (typ->type != json_type::string || !is_token_type(typ->text)))
    return nullptr;
  const auto* kid = header.find("kid");
  if (kid != nullptr && kid->type != json_type::string) return nullptr;
  for (const auto& key : keys) {
    // A key without a name is the only one: the kid of a token says nothing about it.
    if (!key.kid().empty() && (kid == nullptr || kid->text != key.kid())) continue;
    return to_word(key.algorithm()) == alg->text ? &key : nullptr;
  }
  return nullptr;
}

}  // namespace

void token_verifier::replace(std::vector<jwt_key> keys) {
  auto next = std::make_shared<const std::vector<jwt_key>>(std::move(keys));
  {
    const std::scoped_lock guard(mutex_);
    keys_ = std::move(next);
  }
  generation_.fetch_add(1, std::memory_order_release);
}

token_verifier::key_set token_verifier::keys() const {
  const std::scoped_lock guard(mutex_);
  return keys_;
}

std::optional<std::string> token_verifier::open(std::string_view token, json_reader& json) const {
  const auto parts = split(token);
  if (!parts) return std::nullopt;
  std::string bytes;
  if (!decode_base64url((*parts)[0], bytes)) return std::nullopt;
  const auto header = json.read(bytes);
  if (!header) return std::nullopt;
  const auto all = keys();
  const auto* key = choose(*all, **header);
  std::string signature;
  if (key == nullptr || !decode_base64url((*parts)[2], signature)) return std::nullopt;
  const auto signed_text = token.substr(0, (*parts)[0].size() + 1 + (*parts)[1].size());
  std::string payload;
  if (!key->verify(signed_text, signature) || !decode_base64url((*parts)[1], payload)) return std::nullopt;
  return payload;
}

result<verified_token> token_verifier::verify(std::string_view token, instant now, json_reader& json) const {
  const auto payload = open(token, json);
  if (!payload) return fail(errc::invalid, "malformed or wrongly signed");
  const auto claims = json.read(*payload);
  if (!claims || (*claims)->type != json_type::object) return fail(errc::invalid, "the claims are not an object");
  const auto expires = check_times(**claims, now);
  if (!expires) return std::unexpected(expires.error());
  auto caller = caller_of(**claims);
  if (!caller) return std::unexpected(std::move(caller).error());
  return verified_token{std::move(*caller), *expires};
}

std::string sign_token(const jwt_key& key, const domain::caller& who, instant now, std::chrono::seconds ttl) {
  std::string header;
  domain::json_writer h(header);
  h.begin_object();
  h.member("alg", to_word(key.algorithm()));
  h.member("typ", "JWT");
  if (!key.kid().empty()) h.member("kid", key.kid());
  h.end_object();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  std::string claims;
  domain::json_writer c(claims);
  c.begin_object();
  c.member("iss", jwt_issuer);
  c.member("sub", who.sub);
  c.member("role", domain::to_word(who.role));
  if (who.organization) c.member("org", *who.organization);
  c.member("iat", seconds.count());
  c.member("exp", (seconds + ttl).count());
  c.end_object();
  std::string out = encode_base64url(header) + '.' + encode_base64url(claims);
  const auto signature = key.sign(out);
  return out + '.' + encode_base64url(signature);
}

}  // namespace usher::net
