// Any bytes as a body: read, decoded as everything that a body can be, and written again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "domain/calendar.hpp"
#include "net/json_reader.hpp"
#include "net/settings_json.hpp"
#include "net/ticket_json.hpp"
#include "tests/fuzz/hold.hpp"

using namespace usher;
using test::hold;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static net::json_reader reader;
  static net::json_reader other;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto body = reader.read(bytes);
  if (!body) return 0;
  hold(net::is_utf8(bytes));
  // What was read says the same when it is written and read again.
  std::string text;
  net::append_json(text, **body);
  const auto again = other.read(text);
  hold(again.has_value());
  std::string twice;
  net::append_json(twice, **again);
  hold(text == twice);
  (void)net::decode_create(**body);
  (void)net::decode_update(**body);
  (void)net::decode_message(**body);
  (void)net::decode_rating(**body);
  (void)net::decode_assign(**body);
  (void)net::decode_merge(**body);
  (void)net::decode_escalate(**body);
  (void)net::decode_organization(**body, {});
  (void)net::decode_policy(**body);
  (void)net::decode_rule(**body);
  (void)net::decode_agent(**body, {}, true);
  (void)net::decode_presence(**body);
  (void)net::decode_category(**body, {}, true);
  (void)net::decode_calendar(**body, {}, true);
  return 0;
}
