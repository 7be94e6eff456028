#include "net/response_writer.hpp"

#include <charconv>
#include <chrono>

#include "net/problem.hpp"

namespace usher::net {

namespace {

void append_number(std::string& out, std::size_t number) {
  char buffer[24];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
}

void append_two_digits(std::string& out, unsigned number) {
  out += static_cast<char>('0' + number / 10 % 10);
  out += static_cast<char>('0' + number % 10);
}

/// 204 and 304 have no body, and no length of one.
bool has_body(int status) noexcept { return status != 204 && status != 304; }

/// One second is the window of every policy: what is left then grows back to the quota in it.
void append_rates(std::string& out, const rate_standing& caller, const rate_standing& organization) {
  const auto append = [&out](std::string_view name, const rate_standing& of, bool policy) {
    if (of.quota == 0) return;
    if (out.back() != ' ') out += ", ";
    out += name;
    out += policy ? ";q=" : ";r=";
    append_number(out, policy ? of.quota : of.left);
    out += policy ? ";w=1" : ";t=1";
  };
  for (const bool policy : {false, true}) {
    out += policy ? "RateLimit-Policy: " : "RateLimit: ";
    append("\"caller\"", caller, policy);
    append("\"organization\"", organization, policy);
    out += "\r\n";
  }
}

}  // namespace

void write_response(std::string& out, const response& what, const response_frame& frame) {
  out.reserve(out.size() + 512 + what.headers.size() + what.body.size());
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(what.status));
  out += ' ';
  out += reason_of(what.status);
  out += "\r\nDate: ";
  out += frame.date;
  out += "\r\nX-Request-Id: ";
  out += frame.request_id;
  out += "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n";
  // A page says what it needs; anything else, shown as one, may load nothing and be framed by nobody.
  // A 304 would change what stands beside the page that a client has.
  if (what.status != 304 && !what.headers.contains("Content-Security-Policy: "))
    out += "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";
  if (frame.tls) out += "Strict-Transport-Security: max-age=31536000\r\n";
  if (frame.caller_rate.quota != 0 || frame.organization_rate.quota != 0)
    append_rates(out, frame.caller_rate, frame.organization_rate);
  out += what.headers;
  // A 304 repeats it (RFC 9110, section 15.4.5).
  if (what.status != 204) out += "Vary: Accept-Encoding\r\n";
  if (has_body(what.status)) {
    out += "Content-Type: ";
    out += what.content_type;
    out += "\r\n";
    if (!what.events) {
      out += "Content-Length: ";
      append_number(out, what.constant_body.empty() ? what.body.size() : what.constant_body.size());
      out += "\r\n";
    }
  }
  if (frame.close) out += "Connection: close\r\n";
  out += "\r\n";
  if (has_body(what.status) && !frame.head_only) out += what.body;
}

std::string http_date(std::int64_t unix_seconds) {
  using namespace std::chrono;
  constexpr std::string_view days = "SunMonTueWedThuFriSat";
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const sys_seconds at{seconds{unix_seconds}};
  const auto day = floor<std::chrono::days>(at);
  const year_month_day date{day};
  const hh_mm_ss time{at - day};
  std::string out(days.substr(weekday{day}.c_encoding() * 3, 3));
  out += ", ";
  append_two_digits(out, unsigned{date.day()});
  out += ' ';
  out += months.substr((unsigned{date.month()} - 1) * 3, 3);
  out += ' ';
  append_number(out, static_cast<std::size_t>(static_cast<int>(date.year())));
  out += ' ';
  append_two_digits(out, static_cast<unsigned>(time.hours().count()));
  out += ':';
  append_two_digits(out, static_cast<unsigned>(time.minutes().count()));
  out += ':';
  append_two_digits(out, static_cast<unsigned>(time.seconds().count()));
  out += " GMT";
  return out;
}

}  // namespace usher::net
