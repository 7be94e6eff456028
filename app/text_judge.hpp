// The classifier, as the desk asks it.
#pragma once

#include "classifier/classifier.hpp"
#include "domain/judge.hpp"

namespace usher::app {

class text_judge final : public domain::judge {
 public:
  [[nodiscard]] domain::text_verdict read(std::string_view subject, std::string_view body,
                                          const std::optional<domain::instant>& wedding_at,
                                          domain::instant now) const override;

  [[nodiscard]] classifier::engine& engine() noexcept { return engine_; }

 private:
  classifier::engine engine_;
};

}  // namespace usher::app
