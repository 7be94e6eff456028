#include "net/accepted_codings.hpp"

#include <algorithm>

namespace usher::net {

namespace {

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is(std::string_view text, std::string_view lower) noexcept {
  return std::ranges::equal(text, lower,
                            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b; });
}

/// `0`, `1`, or either with up to three decimals (RFC 9110, section 12.4.2), in thousandths; negative when it is none.
std::int16_t parse_weight(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return -1;
  if (text.size() > 1 && text[1] != '.') return -1;
  int weight = (text[0] - '0') * 1000;
  int scale = 100;
  for (std::size_t i = 2; i < text.size(); ++i, scale /= 10) {
    if (text[i] < '0' || text[i] > '9') return -1;
    weight += (text[i] - '0') * scale;
  }
  return weight > 1000 ? std::int16_t{-1} : static_cast<std::int16_t>(weight);
}

}  // namespace

void accepted_codings::add(std::string_view line) noexcept {
  while (!line.empty()) {
    const auto comma = line.find(',');
    add_one(line.substr(0, comma));
    line = comma == std::string_view::npos ? std::string_view{} : line.substr(comma + 1);
  }
}

void accepted_codings::add_one(std::string_view item) noexcept {
  const auto semicolon = item.find(';');
  const auto name = trim(item.substr(0, semicolon));
  std::int16_t weight = 1000;
  if (semicolon != std::string_view::npos) {
    const auto parameter = trim(item.substr(semicolon + 1));
    const auto equals = parameter.find('=');
    if (equals == std::string_view::npos || !is(trim(parameter.substr(0, equals)), "q")) return;
    weight = parse_weight(trim(parameter.substr(equals + 1)));
    if (weight < 0) return;
  }
  if (is(name, "gzip") || is(name, "x-gzip"))
    gzip_ = std::max(gzip_, weight);
  else if (is(name, "identity"))
    identity_ = std::max(identity_, weight);
  else if (name == "*")
    other_ = std::max(other_, weight);
}

bool accepted_codings::prefers_gzip() const noexcept {
  // An unnamed `identity` is acceptable, but nothing that the client asked for: only a weight of its own can win.
  const auto gzip = gzip_ >= 0 ? gzip_ : other_;
  return gzip > 0 && gzip >= identity_;
}

}  // namespace usher::net
