// Who lets staff in with a password, and who is in.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "domain/completion.hpp"
#include "domain/time.hpp"

namespace usher::domain {

/// In characters.
inline constexpr std::size_t password_characters_min = 12;
inline constexpr std::size_t password_characters_max = 128;

struct login_question {
  std::string user;
  std::string password;
  std::uint64_t address = 0;  ///< what is counted as one client
};

/// What a session's token stands for. The role is not part of it: that is the agent's as it is now.
struct staff_session {
  std::string user;
  std::string csrf_token;  ///< made from the token, so that who has not got the one does not get the other
  instant expires{};
};

struct login_answer {
  enum class verdict : std::uint8_t {
    welcome,
    wrong,  ///< no such account, or not its password: nobody learns which
    wait,   ///< not looked at: too many were wrong before
  };
  verdict what = verdict::wrong;
  std::string token;
  staff_session session;
  std::chrono::seconds wait{0};
};

/// Thread-safe. A completion is called once, on the doorkeeper's thread or the caller's. Errors: `overloaded`,
/// `unavailable`, `shutting_down`.
class doorkeeper {
 public:
  virtual ~doorkeeper() = default;
  virtual void log_in(login_question what, completion<login_answer> done) = 0;
  /// The session is over at once, here; when the answer comes, also after a restart.
  virtual void log_out(std::string_view token, completion<std::monostate> done) = 0;
  /// Nothing when there is no such session, or no more. What is found has been seen now.
  [[nodiscard]] virtual std::optional<staff_session> find(std::string_view token, instant now) = 0;
};

}  // namespace usher::domain
