#include "app/text_judge.hpp"

#include <chrono>

namespace usher::app {

domain::text_verdict text_judge::read(std::string_view subject, std::string_view body,
                                      const std::optional<domain::instant>& wedding_at, domain::instant now) const {
  auto begun = std::chrono::steady_clock::now();
  auto found = engine_.classify({subject, body, wedding_at, now, {}});
  if (metrics_ != nullptr)
    metrics_->text_classified(found.method,
                              std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
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
