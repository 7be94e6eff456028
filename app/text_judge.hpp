// The classifier, as the desk asks it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "classifier/classifier.hpp"
#include "domain/completion.hpp"
#include "domain/judge.hpp"
#include "domain/pattern_library.hpp"
#include "metrics/desk_metrics.hpp"

namespace usher::app {

class desk_model;

class text_judge final : public domain::judge {
 public:
  /// `metrics`, if given, outlives it and is told how long each text took.
  explicit text_judge(metrics::desk_metrics* metrics = nullptr);

  [[nodiscard]] domain::text_verdict read(std::string_view subject, std::string_view body,
                                          const std::optional<domain::instant>& wedding_at,
                                          domain::instant now) const override;

  [[nodiscard]] classifier::engine& engine() noexcept { return engine_; }

  /// Compiles patterns on a thread of its own, one set after the other; `ready` gets what puts them in force.
  void prepare(domain::pattern_library_ptr patterns, domain::completion<std::function<void()>> ready);
  /// Compiles and goes by them, now; for the start. False, and logged, when they can't be: the old ones stay.
  bool adopt(const domain::pattern_library& patterns);
  /// Goes by the desk's own model, where it has one. A damaged one is logged, and the one that is built in stays.
  void use(const desk_model& own);

 private:
  struct order {
    domain::pattern_library_ptr patterns;
    domain::completion<std::function<void()>> ready;
  };
  void work(const std::stop_token& stop);
  [[nodiscard]] domain::result<std::function<void()>> compile(const domain::pattern_library& library);

  metrics::desk_metrics* metrics_;
  classifier::engine engine_;
  std::mutex mutex_;
  std::condition_variable_any more_;
  std::deque<order> orders_;
  std::jthread worker_;  // last: it uses the others
};

/// The library that Usher ships with, as the desk keeps it.
[[nodiscard]] domain::pattern_library shipped_library();

}  // namespace usher::app
