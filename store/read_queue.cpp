#include "store/read_queue.hpp"

#include <algorithm>

namespace usher::store {

namespace {

// Against a question that runs on after its asker has gone.
constexpr std::string_view session_options = " -c statement_timeout=30s -c jit=off -c timezone=UTC";

}  // namespace

sql_result<std::vector<rows>> read_session::ask(const scope& who, std::vector<statement> questions,
                                                steady_time deadline) {
  std::vector<statement> all;
  all.push_back({"begin", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", {}});
  // SET takes no parameters; the text is our own id's and nothing else.
  if (who.organization)
    all.push_back({{}, "SET LOCAL usher.organization = '" + to_string(*who.organization) + "'", {}});
  else
    all.push_back({"staff", "SET LOCAL ROLE usher_staff_reader", {}});
  auto first = static_cast<std::ptrdiff_t>(all.size());
  std::move(questions.begin(), questions.end(), std::back_inserter(all));
  all.push_back({"commit", "COMMIT", {}});
  auto answers = try_once(who, all, deadline);
  if (!answers && answers.error().lost && !answers.error().timed_out) answers = try_once(who, all, deadline);
  if (!answers) return answers;
  return std::vector<rows>(answers->begin() + first, answers->end() - 1);
}

sql_result<std::vector<rows>> read_session::try_once(const scope& who, std::span<const statement> all,
                                                     steady_time deadline) {
  auto& slot = who.organization ? customers_ : staff_;
  if (!slot || !slot->is_open()) {
    auto target = who.organization ? settings_.customers : settings_.staff;
    target.options += session_options;
    auto opened = connection::open(target, deadline);
    if (!opened) return std::unexpected(std::move(opened.error()));
    slot = std::move(*opened);
  }
  auto answers = slot->pipeline(all, deadline);
  if (!answers && slot->is_open() && !slot->script("ROLLBACK", deadline)) slot->close();
  return answers;
}

read_queue::read_queue(const read_settings& settings, int threads) : settings_(settings) {
  for (int i = 0; i < std::max(threads, 1); ++i) threads_.emplace_back([this] { run(); });
}

void read_queue::stop() {
  std::deque<job> left;
  {
    std::scoped_lock guard(mutex_);
    stopping_ = true;
    left.swap(waiting_);
  }
  changed_.notify_all();
  for (auto& each : left) each(nullptr, domain::errc::shutting_down);
  threads_.clear();
}

void read_queue::push(job what) {
  auto refused = domain::errc::shutting_down;
  {
    std::scoped_lock guard(mutex_);
    if (!stopping_ && waiting_.size() < settings_.queue_max) {
      waiting_.push_back(std::move(what));
      changed_.notify_one();
      return;
    }
    if (!stopping_) refused = domain::errc::overloaded;
  }
  what(nullptr, refused);
}

void read_queue::run() {
  read_session session(settings_);
  while (true) {
    job next;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    next(&session, domain::errc{});
  }
}

}  // namespace usher::store
