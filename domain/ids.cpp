#include "domain/ids.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <random>
#include <system_error>

#include <sys/random.h>

namespace usher::domain {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

constexpr int digit_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// A hyphen stands before these bytes.
constexpr bool starts_group(std::size_t byte) noexcept { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

/// Makes the ids of one thread. The kernel's random bytes are fetched some at a time: a call costs more than an id.
class generator {
 public:
  uuid next() {
    advance();
    uuid id;
    for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(millisecond_ >> (8 * (5 - i)));
    id.bytes[6] = static_cast<std::uint8_t>(0x70U | (counter_ >> 8U));
    id.bytes[7] = static_cast<std::uint8_t>(counter_);
    take(id.bytes.data() + 8, 8);
    id.bytes[8] = static_cast<std::uint8_t>(0x80U | (id.bytes[8] & 0x3FU));
    return id;
  }

  void repeat(std::uint64_t seed) {
    repeated_.emplace(seed);
    millisecond_ = 0;
    counter_ = counter_max;
    used_ = pool_.size();
  }

 private:
  static constexpr unsigned counter_max = 0xFFF;

  // A counter that runs full borrows the next millisecond, and a clock that is set back is waited out: the ids of a
  // thread must rise (RFC 9562, section 6.2, method 1).
  void advance() {
    auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    auto now = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
    if (repeated_) now = 0;
    if (now <= millisecond_ && counter_ < counter_max) {
      ++counter_;
      return;
    }
    millisecond_ = std::max(now, millisecond_ + 1);
    std::array<std::uint8_t, 2> seed{};
    take(seed.data(), seed.size());
    // The top bit stays clear, so that at least 2,048 ids fit into any millisecond.
    counter_ = ((static_cast<unsigned>(seed[0]) << 8U) | seed[1]) & (counter_max >> 1U);
  }

  void take(std::uint8_t* out, std::size_t count) {
    if (pool_.size() - used_ < count) refill();
    std::memcpy(out, pool_.data() + used_, count);
    used_ += count;
  }

  void refill() {
    if (repeated_) {
      for (auto& byte : pool_) byte = static_cast<std::uint8_t>((*repeated_)());
      used_ = 0;
      return;
    }
    ssize_t got = 0;
    do {
      got = ::getrandom(pool_.data(), pool_.size(), 0);
    } while (got < 0 && errno == EINTR);
    if (got != static_cast<ssize_t>(pool_.size())) throw std::system_error(errno, std::generic_category(), "getrandom");
    used_ = 0;
  }

  std::optional<std::mt19937_64> repeated_;  ///< instead of chance and time
  std::uint64_t millisecond_ = 0;
  unsigned counter_ = 0;
  std::array<std::uint8_t, 256> pool_{};  // the most that getrandom gives without being interrupted
  std::size_t used_ = pool_.size();
};

}  // namespace

std::optional<uuid> parse_uuid(std::string_view text) noexcept {
  if (text.size() != 36) return std::nullopt;
  uuid id;
  std::size_t at = 0;
  for (std::size_t byte = 0; byte < id.bytes.size(); ++byte) {
    if (starts_group(byte) && text[at++] != '-') return std::nullopt;
    int high = digit_value(text[at++]);
    int low = digit_value(text[at++]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes[byte] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return id;
}

void append_to(std::string& out, const uuid& id) {
  std::array<char, 36> text{};
  std::size_t at = 0;
  for (std::size_t byte = 0; byte < id.bytes.size(); ++byte) {
    if (starts_group(byte)) text[at++] = '-';
    text[at++] = digits[id.bytes[byte] >> 4U];
    text[at++] = digits[id.bytes[byte] & 0xFU];
  }
  out.append(text.data(), text.size());
}

std::string to_string(const uuid& id) {
  std::string out;
  append_to(out, id);
  return out;
}

namespace {

generator& ids_of_this_thread() {
  thread_local generator ids;
  return ids;
}

}  // namespace

uuid new_uuid_v7() { return ids_of_this_thread().next(); }

void repeat_ids(std::uint64_t seed) { ids_of_this_thread().repeat(seed); }

// FNV-1a over the text, twice, from different beginnings.
uuid named_uuid(std::string_view text) noexcept {
  uuid out;
  std::uint64_t seed = 0xCBF29CE484222325ULL;
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t hash = seed;
    for (char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001B3ULL;
    for (std::size_t i = 0; i < 8; ++i) out.bytes[half * 8 + i] = static_cast<std::uint8_t>(hash >> (56 - 8 * i));
    seed = hash ^ 0x9E3779B97F4A7C15ULL;
  }
  out.bytes[6] = static_cast<std::uint8_t>((out.bytes[6] & 0x0FU) | 0x80U);
  out.bytes[8] = static_cast<std::uint8_t>((out.bytes[8] & 0x3FU) | 0x80U);
  return out;
}

}  // namespace usher::domain
