#include "app/text_judge.hpp"

namespace usher::app {

domain::text_verdict text_judge::read(std::string_view subject, std::string_view body,
                                      const std::optional<domain::instant>& wedding_at, domain::instant now) const {
  auto found = engine_.classify({subject, body, wedding_at, now, {}});
  domain::text_verdict out;
  out.classification.category = std::move(found.category);
  out.classification.confidence = found.confidence;
  out.classification.emergency = found.emergency;
  out.classification.method = std::move(found.method);
  out.classification.signals = std::move(found.signals);
  out.priority = found.priority;
  out.urgency = found.urgency;
  for (auto& each : found.alternatives) out.alternatives.push_back({std::move(each.category), each.confidence});
  return out;
}

}  // namespace usher::app
