// The classifier, as the desk asks it.
#pragma once

#include "classifier/classifier.hpp"
#include "domain/judge.hpp"
#include "metrics/desk_metrics.hpp"

namespace usher::app {

class text_judge final : public domain::judge {
 public:
  /// `metrics`, if given, outlives it and is told how long each text took.
  explicit text_judge(metrics::desk_metrics* metrics = nullptr) : metrics_(metrics) {}

  [[nodiscard]] domain::text_verdict read(std::string_view subject, std::string_view body,
                                          const std::optional<domain::instant>& wedding_at,
                                          domain::instant now) const override;

  [[nodiscard]] classifier::engine& engine() noexcept { return engine_; }

 private:
  metrics::desk_metrics* metrics_;
  classifier::engine engine_;
};

}  // namespace usher::app
