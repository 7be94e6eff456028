// Lets staff in with a password: a thread with a connection of its own, as `usher_doorkeeper`.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <variant>

#include "domain/doorkeeper.hpp"
#include "domain/login_throttle.hpp"
#include "store/connection.hpp"

namespace usher::store {

struct doorkeeper_settings {
  connect_target target;
  std::size_t logins_waiting_max = 16;
  std::size_t logouts_waiting_max = 256;
  std::size_t sessions_max = 10'000;
  int sessions_of_agent_max = 20;  ///< the oldest one ends for a new one
  std::chrono::hours session_max{12};
  std::chrono::hours idle_max{2};
  /// How long a password that was changed by another program goes on.
  std::chrono::milliseconds look_every{2000};
  domain::throttle_rules throttle{};
};

/// Sessions are rows, and a map that the front door looks at. The map is read anew every two seconds, so that sessions
/// which another program has ended (`usher password`) end here; when a session was seen is written once a minute.
class doorkeeper final : public domain::doorkeeper {
 public:
  doorkeeper(doorkeeper_settings settings, const domain::clock_port& clock);
  ~doorkeeper() override;
  doorkeeper(const doorkeeper&) = delete;
  doorkeeper& operator=(const doorkeeper&) = delete;

  /// Reads the sessions that are there. When that can't be now it goes on trying, and nobody is logged in.
  void start();
  void stop();

  void log_in(domain::login_question what, domain::completion<domain::login_answer> done) override;
  void log_out(std::string_view token, domain::completion<std::monostate> done) override;
  [[nodiscard]] std::optional<domain::staff_session> find(std::string_view token, domain::instant now,
                                                          domain::session_use use) override;

 private:
  struct login {
    domain::login_question what;
    domain::completion<domain::login_answer> done;
  };
  struct logout {
    std::string hash;
    domain::completion<std::monostate> done;
  };
  struct session {
    std::string user;
    domain::instant expires{};
    domain::instant seen{};
    domain::instant written{};  ///< the `seen` that the row has
    std::optional<domain::organization_id> organization{};
  };
  using session_map = std::unordered_map<std::string, session>;

  void run();
  void work_on(login what);
  void work_on(logout what);
  void look();
  void try_to_look();
  [[nodiscard]] domain::result<domain::login_answer> try_login(domain::login_question& what);
  [[nodiscard]] domain::result<domain::login_answer> let_in(const std::string& user, const std::string& hash,
                                                            const std::optional<domain::organization_id>& organization);
  [[nodiscard]] std::optional<domain::login_answer> told_to_wait(const domain::login_question& what);
  [[nodiscard]] bool is_over(const session& s, domain::instant now) const {
    return now >= s.expires || now - s.seen >= settings_.idle_max;
  }
  std::vector<rows> transact(std::vector<statement> statements);
  /// The same, with the refusals that are not in the trail yet behind them.
  std::vector<rows> transact_with_refusals(std::vector<statement> statements);

  doorkeeper_settings settings_;
  const domain::clock_port& clock_;
  std::string nobodys_hash_;  ///< what is verified for an account that there is not
  std::optional<connection> connection_;
  /// Of accounts that there are, for the trail. Written later: a login that is refused takes as long as one to an
  /// account that there is not.
  std::vector<statement> refusals_;
  steady_time look_at_{};

  mutable std::mutex mutex_;  ///< of all that follows
  std::condition_variable wakes_;
  std::deque<login> logins_;
  std::deque<logout> logouts_;
  bool stopping_ = false;
  session_map sessions_;
  domain::login_throttle throttle_;
  std::thread thread_;
};

/// Sets an agent's password and ends the agent's sessions. False when there is no such agent. Throws
/// `std::runtime_error`.
[[nodiscard]] bool set_password(connect_target target, const std::string& user, std::string_view password,
                                domain::instant now);
/// `target` as the doorkeeper's role.
[[nodiscard]] connect_target as_doorkeeper(connect_target target);

}  // namespace usher::store
