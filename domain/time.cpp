#include "domain/time.hpp"

#include <array>
#include <stdexcept>

#include <date/tz.h>

namespace usher::domain {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Reads from the front of a text; once something does not fit, it stays failed.
class reader {
 public:
  explicit reader(std::string_view text) noexcept : rest_(text) {}

  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
  [[nodiscard]] char peek() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }

  /// Exactly `width` digits, in a range.
  int number(std::size_t width, int least, int most) noexcept {
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      if (!is_digit(peek())) return fail();
      value = value * 10 + (take() - '0');
    }
    return value < least || value > most ? fail() : value;
  }

  void expect(char c) noexcept {
    if (peek() == c && !rest_.empty())
      rest_.remove_prefix(1);
    else
      fail();
  }

  char take() noexcept {
    char c = peek();
    if (!rest_.empty()) rest_.remove_prefix(1);
    return c;
  }

  void refuse() noexcept { failed_ = true; }

  /// `.` and at least one digit; what is finer than a millisecond is dropped. No dot is no fraction.
  milliseconds fraction() noexcept {
    if (peek() != '.') return milliseconds{0};
    take();
    if (!is_digit(peek())) fail();
    int value = 0;
    int scale = 100;
    while (is_digit(peek())) {
      value += (take() - '0') * scale;
      scale /= 10;
    }
    return milliseconds{value};
  }

 private:
  static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
  int fail() noexcept {
    refuse();
    return 0;
  }

  std::string_view rest_;
  bool failed_ = false;
};

/// A date and time on nobody's time line yet.
struct civil {
  std::chrono::year_month_day date{};
  milliseconds of_day{0};
  bool leap_second = false;
};

void read_date(reader& in, civil& out) noexcept {
  int y = in.number(4, 0, 9999);
  in.expect('-');
  int m = in.number(2, 1, 12);
  in.expect('-');
  int d = in.number(2, 1, 31);
  out.date = std::chrono::year{y} / m / d;
}

void read_time(reader& in, civil& out, bool seconds_required) noexcept {
  int h = in.number(2, 0, 23);
  in.expect(':');
  int m = in.number(2, 0, 59);
  out.of_day = hours{h} + minutes{m};
  if (!seconds_required && in.peek() != ':') return;
  in.expect(':');
  int s = in.number(2, 0, 60);
  milliseconds part = in.fraction();
  out.leap_second = s == 60;
  out.of_day += out.leap_second ? seconds{60} : seconds{s} + part;
}

minutes read_offset(reader& in) noexcept {
  char sign = in.take();
  if (sign == 'Z' || sign == 'z') return minutes{0};
  if (sign != '+' && sign != '-') in.refuse();
  int h = in.number(2, 0, 23);
  in.expect(':');
  int m = in.number(2, 0, 59);
  minutes east = hours{h} + minutes{m};
  return sign == '-' ? -east : east;
}

bool read_separator(reader& in) noexcept {
  char c = in.take();
  return c == 'T' || c == 't';
}

bool is_accepted(instant at) noexcept { return at >= earliest_instant && at < latest_instant; }

/// The zone, or null. `right/` zones count leap seconds, which our instants do not.
const date::time_zone* find_zone(std::string_view name) {
  if (name.empty() || name.starts_with("right/") || name.starts_with("posix")) return nullptr;
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

void put_digits(char* out, unsigned value, int width) noexcept {
  for (int i = width - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
}

}  // namespace

void append_rfc3339(std::string& out, instant at) {
  auto day = std::chrono::floor<days>(at);
  std::chrono::year_month_day date{day};
  auto of_day = static_cast<unsigned>((at - day).count());
  std::array<char, 24> text{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0', 'T', '0',
                            '0', ':', '0', '0', ':', '0', '0', '.', '0', '0', '0', 'Z'};
  put_digits(&text[0], static_cast<unsigned>(static_cast<int>(date.year())), 4);
  put_digits(&text[5], static_cast<unsigned>(date.month()), 2);
  put_digits(&text[8], static_cast<unsigned>(date.day()), 2);
  put_digits(&text[11], of_day / 3'600'000, 2);
  put_digits(&text[14], of_day / 60'000 % 60, 2);
  put_digits(&text[17], of_day / 1000 % 60, 2);
  put_digits(&text[20], of_day % 1000, 3);
  out.append(text.data(), text.size());
}

std::string format_rfc3339(instant at) {
  std::string out;
  append_rfc3339(out, at);
  return out;
}

std::optional<instant> parse_rfc3339(std::string_view text) noexcept {
  reader in(text);
  civil read;
  read_date(in, read);
  if (!read_separator(in)) return std::nullopt;
  read_time(in, read, true);
  minutes east = read_offset(in);
  if (in.failed() || !in.at_end() || !read.date.ok()) return std::nullopt;
  instant at = std::chrono::sys_days{read.date} + read.of_day - east;
  // Leap seconds end a UTC day (RFC 3339, appendix D), so the instant after one begins a day.
  if (read.leap_second && at != std::chrono::floor<days>(at)) return std::nullopt;
  if (!is_accepted(at)) return std::nullopt;
  return at;
}

std::optional<local_time> parse_local_time(std::string_view text) noexcept {
  reader in(text);
  civil read;
  read_date(in, read);
  if (!read_separator(in)) return std::nullopt;
  read_time(in, read, false);
  if (in.failed() || !in.at_end() || !read.date.ok() || read.leap_second) return std::nullopt;
  return local_time{std::chrono::local_days{read.date} + read.of_day};
}

bool is_time_zone(std::string_view zone) { return find_zone(zone) != nullptr; }

std::optional<instant> to_instant(local_time local, std::string_view zone) {
  const auto* found = find_zone(zone);
  if (found == nullptr) return std::nullopt;
  date::local_time<milliseconds> there{local.at.time_since_epoch()};
  auto info = found->get_info(there);
  if (info.result == date::local_info::nonexistent) return std::nullopt;
  // `first` is the interval before the change, so of two instants it gives the earlier.
  instant at{there.time_since_epoch() - info.first.offset};
  if (!is_accepted(at)) return std::nullopt;
  return at;
}

}  // namespace usher::domain
