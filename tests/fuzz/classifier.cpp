// Any bytes as a ticket: text hygiene, patterns, features, model, verdict. The first byte says how far away the
// ceremony is, the first line is the subject.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "classifier/classifier.hpp"
#include "classifier/redaction.hpp"
#include "classifier/text.hpp"
#include "tests/fuzz/hold.hpp"

using namespace usher;
using test::hold;

namespace {

const classifier::engine& shipped() {
  static const classifier::engine made;
  return made;
}

bool is_share(float x) { return std::isfinite(x) && x >= 0 && x <= 1; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view all(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto end = std::min(all.find('\n'), all.size());
  auto body = all.substr(std::min(end + 1, all.size()));
  const domain::instant now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 13}};
  classifier::input in{all.substr(0, end), body, std::nullopt, now, {}};
  if (*data % 4 != 0) in.wedding_at = now + std::chrono::hours(*data - 64);

  auto found = shipped().classify(in);
  hold(domain::urgency::emergency == found.urgency || !found.emergency);
  hold(is_share(found.confidence) && is_share(found.emergency_confidence));
  hold(found.alternatives.size() == 3 && found.alternatives.front().category == found.category);
  for (const auto& other : found.alternatives) hold(is_share(other.confidence));
  hold(found.signals.size() <= classifier::signals_max);
  // The same ticket is judged the same, whatever was read in between.
  auto again = shipped().classify(in);
  hold(again.category == found.category && again.confidence == found.confidence && again.signals == found.signals);

  classifier::text_cleaner cleaner;
  classifier::plain_text plain;
  cleaner.clean(in.subject, in.body, plain);
  hold(plain.subject_end <= plain.text.size());
  hold(plain.text.size() <= 4 * (classifier::body_bytes_max + classifier::subject_bytes_max) + 1);
  (void)classifier::redacted(body);
  return 0;
}
