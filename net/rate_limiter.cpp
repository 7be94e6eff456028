#include "net/rate_limiter.hpp"

#include <algorithm>
#include <functional>
#include <string>

#include "net/client_address.hpp"

namespace usher::net {

namespace {

constexpr std::uint32_t burst_factor = 2;

std::uint64_t key_of(const domain::caller& who) {
  auto key = std::hash<std::string>{}(who.sub);
  if (who.organization) key ^= std::hash<domain::organization_id>{}(*who.organization) * 3;
  return key;
}

}  // namespace

token_buckets::answer token_buckets::take(std::uint64_t key, time now) {
  if (rate_ == 0) return {};
  const auto token = std::chrono::nanoseconds(std::chrono::seconds(1)) / rate_;
  const auto depth = token * (rate_ * burst_factor);
  auto& s = stripe_of(key);
  std::scoped_lock guard(s.mutex);
  auto found = s.full_at.find(key);
  if (found == s.full_at.end()) {
    if (s.full_at.size() >= keys_max / stripes)
      std::erase_if(s.full_at, [&](const auto& b) { return b.second <= now; });
    if (s.full_at.size() >= keys_max / stripes) return {};
    found = s.full_at.emplace(key, now).first;
  }
  const auto full_at = std::max(found->second, now) + token;
  if (full_at - now > depth) return {full_at - now - depth, {rate_, 0}};
  found->second = full_at;
  const auto left = static_cast<std::uint32_t>((depth - (full_at - now)) / token);
  return {{}, {rate_, std::min(left, rate_)}};
}

void token_buckets::put_back(std::uint64_t key) {
  if (rate_ == 0) return;
  auto& s = stripe_of(key);
  std::scoped_lock guard(s.mutex);
  if (const auto found = s.full_at.find(key); found != s.full_at.end())
    found->second -= std::chrono::nanoseconds(std::chrono::seconds(1)) / rate_;
}

namespace {

rate_refusal refuse(std::chrono::nanoseconds wait, refused_for why) {
  return {std::chrono::ceil<std::chrono::seconds>(wait), why};
}

}  // namespace

std::optional<rate_refusal> rate_limiter::admit(request& in) {
  const auto& who = *in.caller;
  const auto caller = callers_.take(key_of(who), in.received_at);
  in.caller_rate = caller.standing;
  if (caller.wait.count() > 0) return refuse(caller.wait, refused_for::caller);
  if (!who.organization) return std::nullopt;
  const auto all = organizations_.take(std::hash<domain::organization_id>{}(*who.organization), in.received_at);
  in.organization_rate = all.standing;
  if (all.wait.count() > 0) return refuse(all.wait, refused_for::organization);
  return std::nullopt;
}

std::optional<rate_refusal> rate_limiter::admit_stranger(const request& in) {
  if (addresses_.rate() == 0) return std::nullopt;
  const auto wait = addresses_.take(address_key(client_address(in)), in.received_at).wait;
  if (wait.count() > 0) return refuse(wait, refused_for::address);
  return std::nullopt;
}

void rate_limiter::recognize(const request& in) {
  if (addresses_.rate() > 0) addresses_.put_back(address_key(client_address(in)));
}

}  // namespace usher::net
