#include "tests/support/json.hpp"

#include <sstream>

namespace usher::test {

json::json(std::string_view text) : parser_(std::make_shared<simdjson::dom::parser>()) {
  if (parser_->parse(simdjson::padded_string(text)).get(value_) != simdjson::SUCCESS)
    throw std::runtime_error("not JSON: " + std::string(text));
}

simdjson::dom::element json::find(std::string_view pointer) const {
  if (pointer.empty()) return value_;
  simdjson::dom::element found;
  if (value_.at_pointer(pointer).get(found) != simdjson::SUCCESS)
    throw std::runtime_error("no " + std::string(pointer) + " in " + dump());
  return found;
}

template <class T>
T json::get(std::string_view pointer) const {
  T out{};
  if (find(pointer).get(out) != simdjson::SUCCESS)
    throw std::runtime_error("another type at " + std::string(pointer) + " in " + dump());
  return out;
}

bool json::has(std::string_view pointer) const { return value_.at_pointer(pointer).error() == simdjson::SUCCESS; }

json json::at(std::string_view pointer) const { return {parser_, find(pointer)}; }

std::string json::text(std::string_view pointer) const { return std::string(get<std::string_view>(pointer)); }

std::int64_t json::number(std::string_view pointer) const { return get<std::int64_t>(pointer); }

double json::real(std::string_view pointer) const { return get<double>(pointer); }

bool json::truth(std::string_view pointer) const { return get<bool>(pointer); }

bool json::is_null(std::string_view pointer) const { return find(pointer).is_null(); }

std::vector<json> json::items(std::string_view pointer) const {
  std::vector<json> all;
  for (auto item : get<simdjson::dom::array>(pointer)) all.push_back(json(parser_, item));
  return all;
}

std::string json::dump() const {
  std::ostringstream out;
  out << value_;
  return out.str();
}

std::string json_string(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (char c : text) {
    auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (code < 0x20) {
      out.append("\\u00").append(1, digits[code >> 4U]).append(1, digits[code & 0xFU]);
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace usher::test
