#include "domain/login_throttle.hpp"

#include <algorithm>
#include <utility>

namespace usher::domain {

using std::chrono::nanoseconds;

nanoseconds login_throttle::wait_of(const record& of, time now) const {
  if (of.failures < rules_.free_failures || now - of.last >= rules_.forget_after) return {};
  constexpr int doublings_max = 30;
  const auto doublings = std::min(of.failures - rules_.free_failures, doublings_max);
  const auto whole =
      std::min<std::chrono::seconds>(rules_.wait_first * (std::int64_t{1} << doublings), rules_.wait_max);
  return std::max(nanoseconds{0}, nanoseconds(of.last + whole - now));
}

nanoseconds login_throttle::wait(std::string_view account, std::uint64_t address, time now) const {
  nanoseconds out{0};
  if (const auto found = accounts_.find(account); found != accounts_.end()) out = wait_of(found->second, now);
  if (const auto found = addresses_.find(address); found != addresses_.end())
    out = std::max(out, wait_of(found->second, now));
  return out;
}

template <class Map, class Key>
void login_throttle::count(Map& in, const Key& key, time now) {
  auto found = in.find(key);
  if (found == in.end()) {
    if (in.size() >= rules_.kept_max)
      std::erase_if(in, [&](const auto& each) { return now - each.second.last >= rules_.forget_after; });
    if (in.size() >= rules_.kept_max)
      in.erase(std::ranges::min_element(
          in, {}, [](const auto& each) { return std::pair(each.second.failures, each.second.last); }));
    found = in.emplace(key, record{}).first;
  } else if (now - found->second.last >= rules_.forget_after) {
    found->second.failures = 0;
  }
  ++found->second.failures;
  found->second.last = now;
}

void login_throttle::failed(std::string_view account, std::uint64_t address, time now) {
  count(accounts_, std::string(account), now);
  count(addresses_, address, now);
}

void login_throttle::turned_away(std::string_view account) {
  if (const auto found = accounts_.find(account); found != accounts_.end()) ++found->second.turned_away;
}

int login_throttle::take_turned_away(std::string_view account) {
  const auto found = accounts_.find(account);
  return found == accounts_.end() ? 0 : std::exchange(found->second.turned_away, 0);
}

void login_throttle::succeeded(std::string_view account) {
  if (const auto found = accounts_.find(account); found != accounts_.end()) accounts_.erase(found);
}

}  // namespace usher::domain
