#include "app/text_judge.hpp"

#include <algorithm>
#include <chrono>

#include "app/desk_model.hpp"
#include "metrics/log/log.hpp"

namespace usher::app {

namespace {

std::vector<classifier::pattern> to_patterns(const domain::pattern_library& library) {
  std::vector<classifier::pattern> out;
  for (const auto& [id, p] : library)
    if (p.origin != domain::pattern_origin::removed)
      out.push_back({p.id, p.meaning, p.weight, p.language, p.expression, p.enabled});
  return out;
}

/// As the API names what is wrong.
domain::error in_api_words(domain::error why) {
  for (auto& field : why.fields) {
    if (field.pointer == "/regex") field.pointer = "/pattern";
    if (field.pointer == "/meaning") field.pointer = "/urgency";
  }
  return why;
}

}  // namespace

text_judge::text_judge(metrics::desk_metrics* metrics)
    : metrics_(metrics), worker_([this](const std::stop_token& stop) { work(stop); }) {}

void text_judge::prepare(domain::pattern_library_ptr patterns, domain::completion<std::function<void()>> ready) {
  {
    std::lock_guard held(mutex_);
    orders_.push_back({std::move(patterns), std::move(ready)});
  }
  more_.notify_one();
}

void text_judge::work(const std::stop_token& stop) {
  for (;;) {
    std::unique_lock held(mutex_);
    if (!more_.wait(held, stop, [this] { return !orders_.empty(); })) return;
    auto next = std::move(orders_.front());
    orders_.pop_front();
    held.unlock();
    next.ready(compile(*next.patterns));
  }
}

domain::result<std::function<void()>> text_judge::compile(const domain::pattern_library& library) {
  auto all = to_patterns(library);
  // A set leaves out the disabled ones; they have to be sound all the same.
  for (const auto& p : all)
    if (!p.enabled)
      if (auto sound = classifier::validate_pattern(p); !sound)
        return std::unexpected(in_api_words(std::move(sound.error())));
  auto made = engine_.prepare_patterns(std::move(all));
  if (!made) return std::unexpected(in_api_words(std::move(made.error())));
  return made;
}

bool text_judge::adopt(const domain::pattern_library& patterns) {
  auto wanted = to_patterns(patterns);
  std::erase_if(wanted, [](const auto& p) { return !p.enabled; });
  auto now = engine_.patterns();
  std::ranges::sort(now, {}, &classifier::pattern::id);
  if (wanted == now) return true;  // the library that is built in is compiled already
  auto done = engine_.replace_patterns(std::move(wanted));
  if (!done) log::error("the stored patterns can't be used", {{"reason", done.error().detail}});
  return done.has_value();
}

void text_judge::use(const desk_model& own) {
  if (!own.exists()) return;
  auto loaded = own.load();
  if (!loaded) return log::error("the desk's own model can't be used", {{"reason", loaded.error().detail}});
  log::info("the desk's own model is in use", {{"tickets", std::uint64_t{(*loaded)->parts().tickets}}});
  engine_.replace_model(std::move(*loaded));
}

domain::pattern_library shipped_library() {
  domain::pattern_library out;
  for (const auto& p : classifier::shipped_patterns())
    out.emplace(p.id, domain::desk_pattern{p.id, p.meaning, p.weight, p.language, p.regex, p.enabled,
                                           domain::pattern_origin::shipped, 1});
  return out;
}

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
