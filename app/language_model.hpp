// A second opinion on what a ticket is about, from a language model behind an OpenAI-compatible API.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "actors/gateway.hpp"
#include "domain/judge.hpp"
#include "metrics/desk_metrics.hpp"
#include "outbox/breaker.hpp"
#include "outbox/http_client.hpp"

namespace usher::app {

struct language_model_settings {
  std::string url;  ///< of the API, e.g. `https://api.openai.com/v1`; empty: there is none
  std::string model;
  std::string key;  ///< empty for a server that wants none
  domain::milliseconds timeout = std::chrono::seconds{10};
  std::size_t budget = 60;  ///< requests a minute
  float below = 0.6F;       ///< asked where the desk's own verdict is less sure than this
};

/// What the model may say: a category of the desk, and how sure it is.
struct model_opinion {
  std::string category;
  float confidence = 0;
};

/// The error names the setting.
[[nodiscard]] domain::result<void> check_language_model(const language_model_settings& settings);

/// The request's body. What people wrote goes in as data, redacted.
[[nodiscard]] std::string model_request(const language_model_settings& settings, const domain::desk_settings& desk,
                                        std::string_view subject, std::string_view body);
/// The answer's body, checked member by member; nothing when it is anything else than was asked for.
[[nodiscard]] std::optional<model_opinion> parse_opinion(std::string_view answer, const domain::desk_settings& desk);

/// Asks after the ticket is committed, on a thread of its own, and has the answer decided as a change of its own. Its
/// absence, slowness or nonsense changes nothing.
class language_model final : public domain::second_reader {
 public:
  /// `settings` have been checked; `metrics` outlives it.
  language_model(language_model_settings settings, metrics::desk_metrics& metrics);
  ~language_model() override;

  /// Begins to ask; before it nothing is. `desk` outlives the next `stop`.
  void start(gateway& desk);
  /// Drops what waits, and breaks off what is under way.
  void stop();

  void consider(const domain::ticket_ptr& ticket) noexcept override;

 private:
  static constexpr std::size_t waiting_max = 256;

  void run(const std::stop_token& stop);
  void ask(const domain::ticket& ticket, const std::stop_token& stop);
  /// Whether one more request may be sent this minute.
  [[nodiscard]] bool within_budget(std::chrono::steady_clock::time_point now);

  language_model_settings settings_;
  metrics::desk_metrics& metrics_;
  outbox::http_client client_;
  outbox::breaker breaker_;
  gateway* desk_ = nullptr;
  std::mutex mutex_;
  std::condition_variable_any more_;
  std::deque<domain::ticket_ptr> waiting_;
  std::deque<std::chrono::steady_clock::time_point> sent_;
  std::jthread thread_;
};

}  // namespace usher::app
