// What a timer costs with a million of them armed, and how late they go off when many fall due together. Prints a
// figure a line: name, value, unit.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <random>
#include <vector>

#include "actors/deadline_wheel.hpp"
#include "actors/timer_service.hpp"

namespace {

using namespace usher;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::size_t timers = 1'000'000;
constexpr std::size_t due_timers = 20'000;
constexpr std::size_t shards = 16;

void print(const char* name, double value, const char* unit) { std::printf("%s %.2f %s\n", name, value, unit); }

double nanoseconds_each(clock::time_point start, std::size_t count) {
  return std::chrono::duration<double, std::nano>(clock::now() - start).count() / static_cast<double>(count);
}

std::vector<domain::ticket_id> make_ids(std::size_t count) {
  std::vector<domain::ticket_id> ids(count);
  for (auto& id : ids) id = domain::ticket_id::generate();
  return ids;
}

/// Deadlines as tickets have them: minutes to weeks ahead.
std::vector<domain::instant> make_deadlines(std::size_t count, domain::instant now) {
  std::mt19937_64 random(7);
  std::uniform_int_distribution<std::int64_t> ahead(15 * 60'000, 14LL * 24 * 3'600'000);
  std::vector<domain::instant> out(count);
  for (auto& when : out) when = now + domain::milliseconds{ahead(random)};
  return out;
}

void measure_wheel(const std::vector<domain::ticket_id>& ids) {
  auto now = domain::system_clock_port().now();
  auto deadlines = make_deadlines(2 * timers, now);
  actors::deadline_wheel wheel(now);
  std::vector<actors::timer_handle> handles(2 * timers);

  auto start = clock::now();
  for (std::size_t i = 0; i < timers; ++i) handles[i] = wheel.arm(ids[i], deadlines[i], 1);
  print("wheel_fill", nanoseconds_each(start, timers), "ns");
  print("wheel_bytes", static_cast<double>(wheel.bytes()) / static_cast<double>(timers), "bytes/timer");

  std::vector<std::size_t> order(timers);
  for (std::size_t i = 0; i < timers; ++i) order[i] = i;
  std::shuffle(order.begin(), order.end(), std::mt19937_64(11));
  std::size_t part = timers / 10;
  // With a million armed all the while: a tenth more is armed, then a tenth is cancelled, in no order.
  start = clock::now();
  for (std::size_t i = 0; i < part; ++i) handles[timers + i] = wheel.arm(ids[i], deadlines[timers + i], 2);
  print("wheel_arm", nanoseconds_each(start, part), "ns");
  start = clock::now();
  std::size_t cancelled = 0;
  for (std::size_t i = 0; i < part; ++i) cancelled += wheel.cancel(handles[order[i]]) ? 1 : 0;
  print("wheel_cancel", nanoseconds_each(start, part), "ns");
  if (cancelled != part || wheel.armed() != timers) std::puts("wheel_error 1 mismatch");
}

double percentile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

/// The service as the desk runs it, with its thread and the machine's clock: a million timers wait, and twenty thousand
/// fall due within one second.
void measure_lateness(const std::vector<domain::ticket_id>& ids) {
  domain::system_clock_port wall;
  actors::timer_service service(wall, shards);
  std::mutex mutex;
  std::vector<double> late_ms;
  late_ms.reserve(due_timers);
  std::atomic<std::size_t> fired{0};
  std::atomic<int> early{0};
  service.set_handler([&](std::size_t, std::vector<actors::due_timer> due) {
    auto now = std::chrono::duration<double, std::milli>(std::chrono::system_clock::now().time_since_epoch());
    std::scoped_lock guard(mutex);
    for (const auto& timer : due) {
      auto late = now.count() - static_cast<double>(timer.when.time_since_epoch().count());
      if (late < 0) ++early;
      late_ms.push_back(late);
    }
    fired += due.size();
  });
  auto now = wall.now();
  auto deadlines = make_deadlines(timers, now);
  for (std::size_t i = 0; i < timers; ++i) service.arm(i % shards, ids[i], deadlines[i], 1);
  service.start();
  auto first = wall.now() + 500ms;
  for (std::size_t i = 0; i < due_timers; ++i)
    service.arm(i % shards, ids[i], first + domain::milliseconds{i * 1000 / due_timers}, 2);
  auto give_up = clock::now() + 30s;
  while (fired < due_timers && clock::now() < give_up) std::this_thread::sleep_for(5ms);
  service.stop();
  if (late_ms.empty()) return;
  std::sort(late_ms.begin(), late_ms.end());
  print("due_fired", static_cast<double>(fired), "timers");
  print("due_early", early, "timers");
  print("due_late_p50", percentile(late_ms, 0.5), "ms");
  print("due_late_p99", percentile(late_ms, 0.99), "ms");
  print("due_late_max", late_ms.back(), "ms");
}

}  // namespace

int main() {
  auto ids = make_ids(timers);
  measure_wheel(ids);
  measure_lateness(ids);
}
