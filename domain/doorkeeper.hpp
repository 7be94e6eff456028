// Who lets staff in with a password, and who is in.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "domain/completion.hpp"
#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace usher::domain {

/// In characters.
inline constexpr std::size_t password_characters_min = 12;
inline constexpr std::size_t password_characters_max = 128;

struct login_question {
  std::string user;
  std::string password;
  std::uint64_t address = 0;                      ///< what is counted as one client
  std::optional<organization_id> organization{};  ///< which one the session is to be narrowed to
};

/// What a session's token stands for. The role is not part of it: that is the agent's as it is now.
struct staff_session {
  std::string user;
  std::string csrf_token;  ///< made from the token, so that who has not got the one does not get the other
  instant expires{};
  std::optional<organization_id> organization{};  ///< what it is narrowed to
};

/// Whether a session still is its agent's, who is limited to the organizations of `own` now; empty is all.
[[nodiscard]] bool may_go_on(const staff_session& session, std::span<const organization_id> own);

/// What a new session is narrowed to.
struct session_scope {
  bool decided = false;  ///< otherwise one of the agent's organizations has to be named
  std::optional<organization_id> organization{};
};
/// An agent who is limited to one organization gets a session of that one; one who is limited to several says which;
/// one who is not limited may ask for less than the whole desk.
[[nodiscard]] session_scope choose_scope(std::span<const organization_id> own,
                                         const std::optional<organization_id>& asked);

struct login_answer {
  enum class verdict : std::uint8_t {
    welcome,
    wrong,   ///< no such account, or not its password: nobody learns which
    wait,    ///< not looked at: too many were wrong before
    choose,  ///< one of `organizations` has to be named
  };
  verdict what = verdict::wrong;
  std::string token;
  staff_session session;
  std::chrono::seconds wait{0};
  std::vector<organization_id> organizations{};  ///< the agent's own, to choose from
};

/// Who looks at a session: a stream that goes on by itself is no sign that somebody is there.
enum class session_use : std::uint8_t { request, stream };

/// Thread-safe. A completion is called once, on the doorkeeper's thread or the caller's. Errors: `overloaded`,
/// `unavailable`, `shutting_down`.
class doorkeeper {
 public:
  virtual ~doorkeeper() = default;
  virtual void log_in(login_question what, completion<login_answer> done) = 0;
  /// The session is over at once, here; when the answer comes, also after a restart.
  virtual void log_out(std::string_view token, completion<std::monostate> done) = 0;
  /// Nothing when there is no such session, or no more. What is found for a request has been seen now.
  [[nodiscard]] virtual std::optional<staff_session> find(std::string_view token, instant now, session_use use) = 0;
};

}  // namespace usher::domain
