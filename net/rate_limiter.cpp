#include "net/rate_limiter.hpp"

#include <algorithm>
#include <functional>

namespace usher::net {

namespace {

constexpr std::uint32_t burst_factor = 2;

std::uint64_t key_of(const domain::caller& who) {
  auto key = std::hash<std::string>{}(who.sub);
  if (who.organization) key ^= std::hash<domain::organization_id>{}(*who.organization) * 3;
  return key;
}

std::string headers_of(std::string_view policy, const token_buckets& buckets, std::chrono::nanoseconds wait) {
  auto seconds = std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count());
  auto quota = std::to_string(buckets.rate());
  std::string name = "\"" + std::string(policy) + "\"";
  return "Retry-After: " + seconds + "\r\nRateLimit: " + name + ";r=0;t=" + seconds + "\r\nRateLimit-Policy: " + name +
         ";q=" + quota + ";w=1\r\n";
}

}  // namespace

std::optional<std::chrono::nanoseconds> token_buckets::take(std::uint64_t key, time now) {
  if (rate_ == 0) return std::nullopt;
  const auto token = std::chrono::nanoseconds(std::chrono::seconds(1)) / rate_;
  const auto depth = token * (rate_ * burst_factor);
  auto& s = stripes_[(key >> 32U) % stripes];
  std::scoped_lock guard(s.mutex);
  auto found = s.full_at.find(key);
  if (found == s.full_at.end()) {
    if (s.full_at.size() >= keys_max / stripes)
      std::erase_if(s.full_at, [&](const auto& b) { return b.second <= now; });
    if (s.full_at.size() >= keys_max / stripes) return std::nullopt;
    found = s.full_at.emplace(key, now).first;
  }
  auto full_at = std::max(found->second, now) + token;
  if (full_at - now > depth) return full_at - now - depth;
  found->second = full_at;
  return std::nullopt;
}

std::optional<rate_limiter::refusal> rate_limiter::admit(const domain::caller& who, token_buckets::time now) {
  if (auto wait = callers_.take(key_of(who), now)) return refusal{headers_of("caller", callers_, *wait)};
  if (!who.organization) return std::nullopt;
  auto wait = organizations_.take(std::hash<domain::organization_id>{}(*who.organization), now);
  if (wait) return refusal{headers_of("organization", organizations_, *wait)};
  return std::nullopt;
}

}  // namespace usher::net
