// Any words, and any text to take them out of: the first line is the phrase. What is gone is gone, what is shown is
// what goes, and a JSON text stays one.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "domain/json_members.hpp"
#include "domain/json_writer.hpp"
#include "domain/phrase.hpp"
#include "net/json_reader.hpp"
#include "tests/fuzz/hold.hpp"

using namespace usher;
using test::hold;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (!net::is_utf8(bytes)) return 0;
  const auto end = bytes.find('\n');
  const auto phrase = bytes.substr(0, end);
  const auto text = end == std::string_view::npos ? std::string_view() : bytes.substr(end + 1);
  hold(domain::folded(domain::folded(text)) == domain::folded(text));
  if (domain::phrase_defect(phrase)) return 0;
  hold(!domain::phrase_pattern(phrase).empty());

  const auto left = domain::without_phrase(text, phrase);
  hold(net::is_utf8(left));
  hold(domain::phrase_excerpts(text, phrase).empty() == (left == text));
  for (const auto& each : domain::phrase_excerpts(text, phrase)) hold(net::is_utf8(each));
  // Unless what stands for the phrase makes it again.
  if (phrase.find_first_of("[]") == std::string_view::npos) hold(domain::without_phrase(left, phrase) == left);

  std::string json = "{\"a\":[";
  domain::append_json_string(json, text);
  json += ",null,true]}";
  const auto erased = domain::json_without_phrase(json, phrase);
  hold(domain::json_phrase_excerpts(json, phrase).size() >= domain::phrase_excerpts(text, phrase).size());
  const auto members = domain::json_members(erased);
  hold(members.size() == 1);
  const auto elements = domain::json_elements(members.front().second);
  hold(elements.size() == 3 && elements[1] == "null" && elements[2] == "true");
  hold(domain::json_string(elements[0]) == left);
  return 0;
}
