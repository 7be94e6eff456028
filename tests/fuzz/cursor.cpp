// Any bytes as a cursor: what is taken for one is one, and says so when it is written again.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "store/cursor.hpp"
#include "tests/fuzz/hold.hpp"

using namespace usher;
using test::hold;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  store::list_fingerprint list;
  list.add("created_at").add(7);
  if (const auto found = store::parse_cursor(bytes, list)) hold(store::to_cursor(*found, list) == bytes);
  // And any place survives.
  store::place where;
  if (size >= 17) {
    std::memcpy(&where.key, data, 8);
    std::memcpy(&where.second, data + 8, 8);
    where.in_nulls = (data[16] & 1U) != 0;
  }
  const auto text = store::to_cursor(where, list);
  hold(store::parse_cursor(text, list) == where);
  store::list_fingerprint another;
  another.add("due_at");
  hold(!store::parse_cursor(text, another));
  return 0;
}
