// Any bytes as a pattern's expression (the first line) and a text to match it against (the rest): what is taken is
// matched, what is not has a reason.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "classifier/classifier.hpp"
#include "classifier/pattern_set.hpp"

using namespace usher;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view all(reinterpret_cast<const char*>(data), size);
  auto end = std::min(all.find('\n'), all.size());
  auto text = all.substr(std::min(end + 1, all.size()));
  classifier::pattern one;
  one.id = "fuzz.one.en";
  one.meaning = "urgency.today";
  one.weight = 1;
  one.language = "en";
  one.regex = std::string(all.substr(0, end));
  auto compiled = classifier::pattern_set::compile({one});
  if (!compiled) {
    if (compiled.error().detail.empty() && compiled.error().fields.empty()) std::abort();
    return 0;
  }
  classifier::match_space space;
  std::vector<classifier::pattern_hit> hits;
  (*compiled)->match(text, space, hits);
  if (hits.size() > classifier::hits_max) std::abort();
  for (const auto& hit : hits)
    if (hit.end > text.size() || hit.index != 0) std::abort();
  return 0;
}
