#include "actors/analytics_days.hpp"

#include "domain/json_members.hpp"

namespace usher::actors {

namespace {

using namespace std::chrono_literals;

constexpr auto question_limit = 30s;
/// A change may be stored a while after it was decided: what is that young is looked at again after a crash.
constexpr domain::milliseconds commit_time_max = 1min;

std::string text_of(std::chrono::sys_days day) {
  std::string out;
  domain::append_rfc3339(out, domain::instant(day));
  out.resize(10);
  return out;
}

std::optional<std::chrono::sys_days> day_of(std::string_view text) {
  const auto at = domain::parse_rfc3339(std::string(text) + "T00:00:00Z");
  if (!at) return std::nullopt;
  return std::chrono::floor<std::chrono::days>(*at);
}

}  // namespace

struct analytics_days::work {
  store::reader& reader;
  store::writer& writer;
  domain::completion<std::monostate> done;
  std::vector<day> left{};
};

void analytics_days::changed(domain::instant created_at) {
  const auto when = std::chrono::floor<std::chrono::days>(created_at);
  if (when == today()) return;
  std::scoped_lock guard(mutex_);
  changed_.insert(when);
}

std::vector<std::string> analytics_days::live() const {
  std::scoped_lock guard(mutex_);
  if (!known_) return {"all"};
  std::set<day> both = changed_;
  both.insert(in_work_.begin(), in_work_.end());
  both.insert(today());
  std::vector<std::string> out;
  for (auto each : both) out.push_back(text_of(each));
  return out;
}

void analytics_days::roll_up(store::reader& reader, store::writer& writer, domain::completion<std::monostate> done) {
  auto on = std::make_shared<work>(work{reader, writer, std::move(done)});
  bool known = false;
  {
    std::scoped_lock guard(mutex_);
    known = known_;
    for (auto each : changed_)
      if (each < today()) on->left.push_back(each);
  }
  known ? next(on) : learn(on);
}

void analytics_days::learn(const std::shared_ptr<work>& on) {
  domain::record_query query;
  query.kind = domain::record_kind::changed_days;
  on->reader.list_records(
      query, store::scope{}, clock_.steady_now() + question_limit,
      domain::completion<domain::page<std::string>>([this, on](domain::result<domain::page<std::string>> found) {
        if (!found) return on->done(std::unexpected(std::move(found.error())));
        {
          std::scoped_lock guard(mutex_);
          for (auto element : domain::json_elements(found->data.empty() ? std::string_view() : found->data.front()))
            if (auto which = day_of(domain::json_string(element).value_or(""))) changed_.insert(*which);
          known_ = true;
          on->left.assign(changed_.begin(), changed_.end());
        }
        std::erase_if(on->left, [this](day each) { return each >= today(); });
        next(on);
      }));
}

void analytics_days::next(const std::shared_ptr<work>& on) {
  if (on->left.empty()) return on->done(std::monostate{});
  const auto which = on->left.back();
  on->left.pop_back();
  {
    std::scoped_lock guard(mutex_);
    changed_.erase(which);
    in_work_.insert(which);
  }
  domain::record_query query;
  query.kind = domain::record_kind::day_figures;
  query.filters.push_back({"day", {text_of(which)}});
  const auto as_of = clock_.now() - commit_time_max;
  on->reader.list_records(
      query, store::scope{}, clock_.steady_now() + question_limit,
      domain::completion<domain::page<std::string>>(
          [this, on, which, as_of](domain::result<domain::page<std::string>> found) {
            if (found && !found->data.empty()) return store(on, which, as_of, std::move(found->data.front()));
            give_back(which);
            on->done(found ? domain::fail(domain::errc::internal) : std::unexpected(std::move(found.error())));
          }));
}

void analytics_days::give_back(day which) {
  std::scoped_lock guard(mutex_);
  changed_.insert(which);
  in_work_.erase(which);
}

void analytics_days::store(const std::shared_ptr<work>& on, day which, domain::instant as_of, std::string rows) {
  store::write write{
      store::rollup_write{text_of(which), as_of, std::move(rows)}, clock_.steady_now() + question_limit, {}};
  write.done = domain::completion<std::monostate>([this, on, which](domain::result<std::monostate> stored) {
    if (!stored) {
      give_back(which);
      return on->done(std::unexpected(std::move(stored.error())));
    }
    {
      std::scoped_lock guard(mutex_);
      in_work_.erase(which);
    }
    next(on);
  });
  on->writer.submit(std::move(write));
}

}  // namespace usher::actors
