#include "net/http.hpp"

#include <charconv>

namespace usher::net {

namespace {

constexpr std::array<std::string_view, 9> method_words{"GET",    "HEAD",    "POST",    "PUT",  "PATCH",
                                                       "DELETE", "OPTIONS", "CONNECT", "TRACE"};

constexpr std::string_view hex_digits = "0123456789ABCDEF";

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool decode(std::string_view text, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+') {
      c = ' ';
    } else if (c == '%') {
      if (i + 2 >= text.size()) return false;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high * 16 + low);
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
      i += 2;
    }
    out += c;
  }
  return true;
}

bool is_unreserved(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::string_view to_word(method m) noexcept {
  const auto index = static_cast<std::size_t>(m);
  return index < method_words.size() ? method_words[index] : "OTHER";
}

method parse_method(std::string_view word) noexcept {
  for (std::size_t i = 0; i < method_words.size(); ++i)
    if (method_words[i] == word) return static_cast<method>(i);
  return method::other;
}

const std::string* request::find_parameter(std::string_view name) const noexcept {
  for (const auto& p : parameters)
    if (p.name == name) return &p.value;
  return nullptr;
}

void add_header(response& out, std::string_view name, std::string_view value) {
  out.headers += name;
  out.headers += ": ";
  for (char c : value)
    if (c != '\r' && c != '\n') out.headers += c;
  out.headers += "\r\n";
}

void add_etag(response& out, std::int64_t version) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, version).ptr;
  out.headers += "ETag: \"";
  out.headers.append(buffer, end);
  out.headers += "\"\r\n";
}

bool parse_query(std::string_view query, std::size_t count_max, std::vector<parameter>& out) {
  out.clear();
  while (!query.empty()) {
    const auto amp = query.find('&');
    const auto part = query.substr(0, amp);
    query = amp == std::string_view::npos ? std::string_view{} : query.substr(amp + 1);
    if (part.empty()) continue;
    if (out.size() == count_max) return false;
    const auto equals = part.find('=');
    auto& next = out.emplace_back();
    if (!decode(part.substr(0, equals), next.name)) return false;
    if (equals != std::string_view::npos && !decode(part.substr(equals + 1), next.value)) return false;
  }
  return true;
}

void append_percent_encoded(std::string& out, std::string_view text) {
  for (char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += hex_digits[byte >> 4U];
    out += hex_digits[byte & 15U];
  }
}

}  // namespace usher::net
