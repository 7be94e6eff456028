#include "store/doorkeeper.hpp"

#include <stdexcept>

#include "metrics/log/log.hpp"
#include "store/doorkeeper_rows.hpp"
#include "store/password_hash.hpp"

namespace usher::store {

namespace {

using namespace std::chrono_literals;
using domain::login_answer;

constexpr auto statement_max = 10s;
constexpr auto seen_written_every = 60s;
constexpr std::size_t seen_written_at_once = 200;
/// That wait for the trail; a password is looked at ten times a second at most.
constexpr std::size_t refusals_max = 200;

constexpr std::string_view session_options =
    " -c usher.doorkeeper=on -c timezone=UTC -c jit=off -c idle_in_transaction_session_timeout=60s";

bool is_token(std::string_view text) { return text.size() == 64; }

std::vector<domain::organization_id> organizations_of(const rows& found) {
  std::vector<domain::organization_id> out;
  for (const auto& text : found.texts(0, 1))
    if (const auto id = domain::organization_id::parse(text)) out.push_back(*id);
  return out;
}

std::vector<rows> run_transaction(connection& on, std::vector<statement> statements) {
  statements.insert(statements.begin(), {{}, "BEGIN", {}});
  statements.push_back({{}, "COMMIT", {}});
  auto answers = on.pipeline(statements, std::chrono::steady_clock::now() + statement_max);
  if (!answers) {
    on.close();
    // The database's words may quote what somebody sent.
    throw unavailable_error("SQLSTATE " + (answers.error().sqlstate.empty() ? "none" : answers.error().sqlstate));
  }
  answers->erase(answers->begin());
  answers->pop_back();
  return std::move(*answers);
}

connection connect(const connect_target& target) {
  auto opened = connection::open(target, std::chrono::steady_clock::now() + statement_max);
  if (!opened) throw unavailable_error(opened.error());
  return std::move(*opened);
}

}  // namespace

doorkeeper::doorkeeper(doorkeeper_settings settings, const domain::clock_port& clock)
    : settings_(std::move(settings)), clock_(clock), throttle_(settings_.throttle) {
  settings_.target.options += session_options;
}

doorkeeper::~doorkeeper() { stop(); }

void doorkeeper::start() {
  try_to_look();
  thread_ = std::thread([this] { run(); });
}

void doorkeeper::stop() {
  std::deque<login> logins;
  std::deque<logout> logouts;
  {
    std::scoped_lock guard(mutex_);
    stopping_ = true;
    logins = std::exchange(logins_, {});
    logouts = std::exchange(logouts_, {});
  }
  wakes_.notify_all();
  for (auto& each : logins) each.done(domain::fail(domain::errc::shutting_down));
  for (auto& each : logouts) each.done(domain::fail(domain::errc::shutting_down));
  if (thread_.joinable()) thread_.join();
}

// -- any thread -------------------------------------------------------------------------------------------------------

std::optional<login_answer> doorkeeper::told_to_wait(const domain::login_question& what) {
  const auto left = throttle_.wait(what.user, what.address, clock_.steady_now());
  if (left.count() <= 0) return std::nullopt;
  throttle_.turned_away(what.user);
  login_answer out;
  out.what = login_answer::verdict::wait;
  out.wait = std::chrono::ceil<std::chrono::seconds>(left);
  return out;
}

void doorkeeper::log_in(domain::login_question what, domain::completion<login_answer> done) {
  domain::result<login_answer> now = domain::fail(domain::errc::overloaded);
  {
    std::scoped_lock guard(mutex_);
    if (stopping_)
      now = domain::fail(domain::errc::shutting_down);
    else if (auto wait = told_to_wait(what))
      now = std::move(*wait);
    else if (logins_.size() < settings_.logins_waiting_max) {
      logins_.push_back({std::move(what), std::move(done)});
      return wakes_.notify_one();
    }
  }
  forget(what.password);
  done(std::move(now));
}

void doorkeeper::log_out(std::string_view token, domain::completion<std::monostate> done) {
  auto hash = sha256_of(token);
  auto why = domain::errc::overloaded;
  {
    std::scoped_lock guard(mutex_);
    if (stopping_) {
      why = domain::errc::shutting_down;
    } else if (logouts_.size() < settings_.logouts_waiting_max) {
      sessions_.erase(hash);
      logouts_.push_back({std::move(hash), std::move(done)});
      return wakes_.notify_one();
    }
  }
  done(domain::fail(why));
}

std::optional<domain::staff_session> doorkeeper::find(std::string_view token, domain::instant now,
                                                      domain::session_use use) {
  if (!is_token(token)) return std::nullopt;
  const auto hash = sha256_of(token);
  domain::staff_session out;
  {
    std::scoped_lock guard(mutex_);
    const auto found = sessions_.find(hash);
    if (found == sessions_.end() || is_over(found->second, now)) return std::nullopt;
    if (use == domain::session_use::request) found->second.seen = std::max(found->second.seen, now);
    out = {found->second.user, {}, found->second.expires, found->second.organization};
  }
  out.csrf_token = hex_of(csrf_bytes_of(token));
  return out;
}

// -- the thread -------------------------------------------------------------------------------------------------------

void doorkeeper::run() {
  for (;;) {
    std::optional<std::variant<login, logout>> next;
    {
      std::unique_lock guard(mutex_);
      wakes_.wait_until(guard, look_at_, [this] { return stopping_ || !logins_.empty() || !logouts_.empty(); });
      if (stopping_) break;
      if (!logouts_.empty()) {
        next = std::move(logouts_.front());
        logouts_.pop_front();
      } else if (!logins_.empty()) {
        next = std::move(logins_.front());
        logins_.pop_front();
      }
    }
    if (next) std::visit([this](auto& each) { work_on(std::move(each)); }, *next);
    if (std::chrono::steady_clock::now() >= look_at_) try_to_look();
  }
  if (!refusals_.empty()) try_to_look();
}

void doorkeeper::try_to_look() {
  try {
    look();
  } catch (const std::exception& why) {
    look_at_ = std::chrono::steady_clock::now() + settings_.look_every;
    log::warn("the sessions of staff were not read", {{"error", why.what()}});
  }
}

void doorkeeper::work_on(login what) {
  domain::result<login_answer> out = domain::fail(domain::errc::unavailable);
  try {
    out = try_login(what.what);
  } catch (const std::exception& why) {
    log::warn("a login was not answered", {{"error", why.what()}});
  }
  forget(what.what.password);
  what.done(std::move(out));
}

domain::result<login_answer> doorkeeper::try_login(domain::login_question& what) {
  {
    // Others that waited with it may have failed since.
    std::scoped_lock guard(mutex_);
    if (auto wait = told_to_wait(what)) return std::move(*wait);
  }
  const auto found = std::move(transact({find_password(what.user)}).front());
  // The first login takes longer, whoever it is.
  if (nobodys_hash_.empty()) nobodys_hash_ = hash_password(random_token_bytes());
  const auto known = found.size() == 1;
  const auto hash = known ? found.text(0, 0) : nobodys_hash_;
  const auto right = verify_password(hash, what.password);
  if (known && right) {
    auto own = organizations_of(found);
    const auto scope = domain::choose_scope(own, what.organization);
    if (!scope.decided) {
      login_answer out;
      out.what = login_answer::verdict::choose;
      out.organizations = std::move(own);
      return out;
    }
    auto out = let_in(what.user, hash, scope.organization);
    if (!out || out->what == login_answer::verdict::welcome) return out;
  }
  std::scoped_lock guard(mutex_);
  throttle_.failed(what.user, what.address, clock_.steady_now());
  if (known && refusals_.size() < refusals_max)
    refusals_.push_back(note_refusal(what.user, throttle_.take_turned_away(what.user), clock_.now()));
  return login_answer{};
}

domain::result<login_answer> doorkeeper::let_in(const std::string& user, const std::string& hash,
                                                const std::optional<domain::organization_id>& organization) {
  int turned_away = 0;
  {
    std::scoped_lock guard(mutex_);
    if (sessions_.size() >= settings_.sessions_max) return domain::fail(domain::errc::overloaded);
    turned_away = throttle_.take_turned_away(user);
  }
  const auto now = clock_.now();
  const auto token = hex_of(random_token_bytes());
  const auto key = sha256_of(token);
  session made{user, now + settings_.session_max, now, now, organization};
  const auto done =
      transact_with_refusals({begin_session({key, user, hash, now, made.expires, organization, turned_away}),
                              end_oldest_sessions(user, settings_.sessions_of_agent_max)});
  login_answer out;
  if (done[0].affected() != 1) return out;
  out.what = login_answer::verdict::welcome;
  out.token = token;
  out.session = {user, hex_of(csrf_bytes_of(token)), made.expires, organization};
  std::scoped_lock guard(mutex_);
  for (int i = 0; i < done[1].size(); ++i) sessions_.erase(done[1].text(i, 0));
  sessions_.emplace(key, std::move(made));
  throttle_.succeeded(user);
  return out;
}

void doorkeeper::work_on(logout what) {
  domain::result<std::monostate> out = domain::fail(domain::errc::unavailable);
  try {
    transact({end_session(what.hash, clock_.now())});
    out = std::monostate{};
  } catch (const std::exception& why) {
    log::warn("a logout was not stored", {{"error", why.what()}});
  }
  // It may have been read again in between.
  {
    std::scoped_lock guard(mutex_);
    sessions_.erase(what.hash);
  }
  what.done(std::move(out));
}

void doorkeeper::look() {
  const auto now = clock_.now();
  std::vector<statement> all;
  {
    std::scoped_lock guard(mutex_);
    for (auto& [hash, each] : sessions_) {
      if (each.seen - each.written < seen_written_every || all.size() >= seen_written_at_once) continue;
      parameters row;
      row.bytes(hash).at(each.seen);
      all.push_back(
          {{}, "UPDATE usher.staff_sessions SET seen_at = $2 WHERE token_hash = $1 AND seen_at < $2", std::move(row)});
    }
  }
  parameters over;
  over.at(now).at(now - settings_.idle_max - seen_written_every);
  all.push_back({{}, "DELETE FROM usher.staff_sessions WHERE expires_at <= $1 OR seen_at <= $2", std::move(over)});
  parameters most;
  most.int8(static_cast<std::int64_t>(settings_.sessions_max));
  all.push_back({{},
                 "SELECT token_hash, agent_id, expires_at, seen_at, narrowed_to FROM usher.staff_sessions ORDER BY "
                 "created_at DESC LIMIT $1",
                 std::move(most)});
  const auto listed = all.size() - 1;
  const auto found = std::move(transact_with_refusals(std::move(all))[listed]);
  session_map next;
  for (int i = 0; i < found.size(); ++i) {
    session each{found.text(i, 1), found.at(i, 2), found.at(i, 3), found.at(i, 3), {}};
    if (!found.is_null(i, 4)) each.organization = domain::organization_id{found.uuid(i, 4)};
    next.emplace(found.text(i, 0), std::move(each));
  }
  look_at_ = std::chrono::steady_clock::now() + settings_.look_every;
  std::scoped_lock guard(mutex_);
  for (auto& [hash, each] : next)
    if (const auto mine = sessions_.find(hash); mine != sessions_.end())
      each.seen = std::max(each.seen, mine->second.seen);
  // Over, though the row does not know it yet.
  for (const auto& each : logouts_) next.erase(each.hash);
  sessions_ = std::move(next);
}

std::vector<rows> doorkeeper::transact_with_refusals(std::vector<statement> statements) {
  statements.insert(statements.end(), refusals_.begin(), refusals_.end());
  auto done = transact(std::move(statements));
  refusals_.clear();
  return done;
}

std::vector<rows> doorkeeper::transact(std::vector<statement> statements) {
  if (!connection_ || !connection_->is_open()) connection_ = connect(settings_.target);
  return run_transaction(*connection_, std::move(statements));
}

// -- another program --------------------------------------------------------------------------------------------------

connect_target as_doorkeeper(connect_target target) {
  target.options += " -c role=usher_doorkeeper";
  return target;
}

bool set_password(connect_target target, const std::string& user, std::string_view password, domain::instant now) {
  target.options += session_options;
  auto on = connect(target);
  const auto done =
      run_transaction(on, {change_password(user, hash_password(password), now), end_all_sessions(user, now)});
  return done[0].affected() == 1;
}

}  // namespace usher::store
