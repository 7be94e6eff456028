#include "domain/ids.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

using namespace usher::domain;

namespace {

std::uint64_t millisecond_of(const uuid& id) {
  std::uint64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = (ms << 8U) | id.bytes[i];
  return ms;
}

std::uint64_t unix_milliseconds() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
}

}  // namespace

TEST_CASE("ids: a new one has the layout of a UUIDv7", "[ids]") {
  auto before = unix_milliseconds();
  auto id = new_uuid_v7();
  auto after = unix_milliseconds();
  CHECK(millisecond_of(id) >= before);
  CHECK(millisecond_of(id) <= after);
  CHECK((id.bytes[6] >> 4U) == 7);
  CHECK((id.bytes[8] >> 6U) == 0b10);
  CHECK_FALSE(id.is_nil());
}

TEST_CASE("ids: those of one thread rise strictly, and keep near the clock", "[ids]") {
  std::vector<uuid> ids(50'000);
  for (auto& id : ids) id = new_uuid_v7();
  CHECK(std::adjacent_find(ids.begin(), ids.end(), [](const uuid& a, const uuid& b) { return !(a < b); }) == ids.end());
  for (const auto& id : ids) {
    REQUIRE((id.bytes[6] >> 4U) == 7);
    REQUIRE((id.bytes[8] >> 6U) == 0b10);
  }
  // 2,048 ids fit into each millisecond at least, so the clock of the ids can't run far ahead.
  CHECK(millisecond_of(ids.back()) <= unix_milliseconds() + ids.size() / 2048 + 1);
}

TEST_CASE("ids: the text form sorts as the ids do", "[ids]") {
  auto a = new_uuid_v7();
  auto b = new_uuid_v7();
  CHECK(a < b);
  CHECK(to_string(a) < to_string(b));
}

TEST_CASE("ids: threads don't make the same one", "[ids]") {
  constexpr std::size_t each = 5000;
  std::vector<std::vector<uuid>> made(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : made) {
      threads.emplace_back([&mine] {
        for (std::size_t i = 0; i < each; ++i) mine.push_back(new_uuid_v7());
      });
    }
  }
  std::set<uuid> all;
  for (const auto& mine : made) all.insert(mine.begin(), mine.end());
  CHECK(all.size() == each * made.size());
}

TEST_CASE("ids: the text form is read back, in either case", "[ids]") {
  const std::string lower = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
  auto id = parse_uuid(lower);
  REQUIRE(id);
  CHECK(to_string(*id) == lower);
  CHECK(id->bytes[0] == 0x01);
  CHECK(id->bytes[15] == 0x8f);
  CHECK(parse_uuid("017F22E2-79B0-7CC3-98C4-DC0C0C07398F") == id);
  CHECK(parse_uuid("00000000-0000-0000-0000-000000000000")->is_nil());
  std::string out = "id=";
  append_to(out, *id);
  CHECK(out == "id=" + lower);
}

TEST_CASE("ids: nothing else is a UUID", "[ids]") {
  for (const char* text : {"", "-", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
                           "017f22e279b07cc398c4dc0c0c07398f", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
                           "urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
                           "017f22e2_79b0_7cc3_98c4_dc0c0c07398f", "017f22e-279b0-7cc3-98c4-dc0c0c07398f",
                           " 17f22e2-79b0-7cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f ",
                           "+17f22e2-79b0-7cc3-98c4-dc0c0c07398f", "--------------------------------------"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_uuid(text));
  }
  using namespace std::string_view_literals;
  CHECK_FALSE(parse_uuid("017f22e2-79b0-7cc3-98c4-dc0c0c07\0008f"sv));
}

TEST_CASE("ids: hashes of consecutive ids spread over few buckets", "[ids]") {
  std::array<int, 64> buckets{};
  for (int i = 0; i < 64'000; ++i) ++buckets[hash_value(new_uuid_v7()) % buckets.size()];
  auto [least, most] = std::minmax_element(buckets.begin(), buckets.end());
  CHECK(*least > 800);
  CHECK(*most < 1200);
}

TEST_CASE("ids: typed ids parse and print as what they hold", "[ids]") {
  auto id = ticket_id::generate();
  CHECK(ticket_id::parse(to_string(id)) == id);
  CHECK_FALSE(ticket_id::parse("1042"));
  CHECK(ticket_id{}.is_nil());
}
