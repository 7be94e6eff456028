// Any bytes as a calendar, and an instant: what is counted is never negative, and a deadline is as far away as it
// counts.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "domain/calendar.hpp"
#include "net/json_reader.hpp"
#include "net/settings_json.hpp"
#include "tests/fuzz/hold.hpp"

using namespace usher;
using test::hold;
using namespace std::chrono_literals;

namespace {

void count(const domain::calendar& with, domain::instant at, domain::milliseconds much) {
  const auto deadline = with.after(at, much);
  if (!deadline) return;
  hold(*deadline >= at);
  hold(with.counted(at, *deadline) == much);
  const auto parts = with.stretches(at, at + 40 * 24h, 64);
  for (const auto& each : parts) hold(each.from < each.to && each.from >= at);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  static net::json_reader reader;
  std::uint32_t bits = 0;
  std::memcpy(&bits, data, sizeof bits);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 4, size - 4);
  const auto body = reader.read(bytes);
  if (!body) return 0;
  auto rules = net::decode_calendar(**body, {}, true);
  if (!rules) return 0;
  rules->id = domain::calendar_id::parse("0197a000-0000-7000-8000-00000000000c").value();
  const auto made = domain::calendar::make(*rules);
  if (!made) return 0;
  hold(domain::calendar_from_json(domain::to_json(*rules)).has_value());
  // From 2020 on, for ten years, by the minute; up to three days of counted time.
  const domain::instant from{std::chrono::sys_days{std::chrono::year{2020} / 1 / 1}};
  count(*made, from + std::chrono::minutes(bits % 5'256'000), std::chrono::milliseconds(bits % 259'200'000));
  return 0;
}
