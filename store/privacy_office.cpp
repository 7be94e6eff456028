#include "store/privacy_office.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "domain/phrase.hpp"
#include "metrics/log/log.hpp"

namespace usher::store {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t questions_max = 64;
constexpr auto statement_max = 60s;
constexpr auto tidy_every = 60s;
constexpr auto rest_after_failure = 2s;

constexpr std::string_view session_options =
    " -c timezone=UTC -c jit=off -c idle_in_transaction_session_timeout=60s"
    // The office is at work: without it the policies of its role show nothing.
    " -c usher.eraser=on";

}  // namespace

privacy_office::privacy_office(privacy_settings settings, const domain::clock_port& clock, writer& trail)
    : settings_(std::move(settings)), clock_(clock), trail_(trail) {
  settings_.eraser.options += session_options;
}

privacy_office::~privacy_office() { stop(); }

void privacy_office::start() {
  thread_ = std::thread([this] { run(); });
}

void privacy_office::stop() {
  std::deque<waiting> left;
  {
    std::scoped_lock guard(mutex_);
    stopping_ = true;
    left = std::exchange(queue_, {});
  }
  wakes_.notify_all();
  for (auto& each : left) each.done(domain::fail(domain::errc::shutting_down));
  if (thread_.joinable()) thread_.join();
}

void privacy_office::ask(domain::privacy_question what, const domain::caller& by,
                         domain::completion<domain::privacy_answer> done) {
  auto why = domain::errc::overloaded;
  {
    std::scoped_lock guard(mutex_);
    if (stopping_) {
      why = domain::errc::shutting_down;
    } else if (queue_.size() < questions_max) {
      queue_.push_back({std::move(what), by, std::move(done)});
      return wakes_.notify_one();
    }
  }
  done(domain::fail(why));
}

// -- the thread -------------------------------------------------------------------------------------------------------

void privacy_office::run() {
  for (;;) {
    std::optional<waiting> next;
    {
      std::unique_lock guard(mutex_);
      if (stopping_) return;
      if (!queue_.empty()) {
        next = std::move(queue_.front());
        queue_.pop_front();
      }
    }
    if (next) {
      answer_one(std::move(*next));
      continue;
    }
    bool busy = false;
    try {
      busy = work();
    } catch (const std::exception& why) {
      rest_until_ = std::chrono::steady_clock::now() + rest_after_failure;
      log::warn("an erasure waits", {{"error", why.what()}});
    }
    if (busy) continue;
    std::unique_lock guard(mutex_);
    wakes_.wait_for(guard, 500ms, [this] { return stopping_ || !queue_.empty(); });
  }
}

void privacy_office::answer_one(waiting what) {
  answer out = domain::fail(domain::errc::unavailable);
  try {
    out = std::visit([&](const auto& question) { return on(question, what.by); }, what.what);
  } catch (const std::exception& why) {
    log::warn("a question about personal data was not answered", {{"error", why.what()}});
  }
  what.done(std::move(out));
}

bool privacy_office::work() {
  const auto now = std::chrono::steady_clock::now();
  if (now < rest_until_) return false;
  if (!taken_up_) {
    const auto left =
        transact({{{}, "SELECT id FROM usher.erasures WHERE state IN ('searching', 'running') ORDER BY id", {}},
                  {{}, "SELECT id FROM usher.privacy_exports WHERE document IS NULL ORDER BY id", {}}});
    for (int row = 0; row < left[0].size(); ++row) erasures_.push_back(left[0].uuid(row, 0));
    for (int row = 0; row < left[1].size(); ++row) exports_.push_back(left[1].uuid(row, 0));
    taken_up_ = true;
    if (!erasures_.empty()) log::info("erasures are taken up again", {{"erasures", erasures_.size()}});
  }
  if (!exports_.empty()) {
    make_export(exports_.front());
    exports_.pop_front();
    return true;
  }
  if (!erasures_.empty()) {
    const auto id = erasures_.front();
    // The next one first, should this one fail: what can't go on now keeps no other one waiting.
    erasures_.pop_front();
    erasures_.push_back(id);
    if (step(id)) std::erase(erasures_, id);
    return true;
  }
  if (now < tidy_at_) return false;
  tidy_at_ = now + tidy_every;
  tidy();
  return false;
}

// -- the database -----------------------------------------------------------------------------------------------------

std::vector<rows> privacy_office::transact(std::vector<statement> statements) {
  const auto deadline = [] { return std::chrono::steady_clock::now() + statement_max; };
  if (!connection_ || !connection_->is_open()) {
    auto opened = connection::open(settings_.eraser, deadline());
    if (!opened) throw unavailable_error(opened.error());
    connection_ = std::move(*opened);
  }
  statements.insert(statements.begin(), {{}, "BEGIN", {}});
  statements.push_back({{}, "COMMIT", {}});
  auto answers = connection_->pipeline(statements, deadline());
  if (!answers) {
    connection_->close();
    // The database's words may quote what somebody wrote.
    throw unavailable_error("SQLSTATE " + (answers.error().sqlstate.empty() ? "none" : answers.error().sqlstate));
  }
  answers->erase(answers->begin());
  answers->pop_back();
  return std::move(*answers);
}

rows privacy_office::one(std::string sql, parameters params) {
  return std::move(transact({{{}, std::move(sql), std::move(params)}}).front());
}

std::string privacy_office::hmac_of(const domain::personal_subject& who) const {
  std::string text(to_word(who.kind));
  text += ':';
  if (who.kind == domain::subject_kind::phrase)
    text += domain::folded(who.text);
  else
    for (char c : who.text) text += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  HMAC(EVP_sha256(), settings_.key.data(), static_cast<int>(settings_.key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), reinterpret_cast<unsigned char*>(out.data()),
       &size);
  out.resize(size);
  return out;
}

void privacy_office::note(std::string action, std::string details, std::string by, domain::role role) {
  domain::caller who;
  who.sub = std::move(by);
  who.role = role;
  auto stored = [action](domain::result<std::monostate> result) {
    if (!result) log::error("an entry of the trail was not stored", {{"action", action}});
  };
  trail_.submit({note_write{{}, action, std::move(details), who, clock_.now()}, std::chrono::steady_clock::now() + 30s,
                 domain::completion<std::monostate>(stored)});
}

}  // namespace usher::store
