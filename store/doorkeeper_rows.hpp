// What the doorkeeper asks the database, as SQL. What becomes of a session goes into the trail in the same statement.
#pragma once

#include <optional>
#include <string>

#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "store/connection.hpp"

namespace usher::store {

/// Bytes as hexadecimal digits.
[[nodiscard]] std::string hex_of(std::string_view bytes);

/// A row of `hash, organizations` when the agent has a password.
[[nodiscard]] statement find_password(const std::string& user);

/// A session that begins.
struct new_session {
  std::string token_hash;
  std::string user;
  std::string password_hash;  ///< what was verified: when it is another one by now, there is no session
  domain::instant created{};
  domain::instant expires{};
  std::optional<domain::organization_id> organization{};
  int turned_away = 0;  ///< tries of the account that were not looked at before
};
/// Touches one row when the session is there.
[[nodiscard]] statement begin_session(const new_session& what);
/// The agent's sessions but the newest `kept`; the token hashes of those that are gone.
[[nodiscard]] statement end_oldest_sessions(const std::string& user, int kept);
/// By a logout.
[[nodiscard]] statement end_session(const std::string& token_hash, domain::instant now);
/// Of an account that there is: nobody else's tries are noted.
[[nodiscard]] statement note_refusal(const std::string& user, int turned_away, domain::instant now);

/// Touches one row when there is such an agent.
[[nodiscard]] statement change_password(const std::string& user, const std::string& hash, domain::instant now);
/// After `change_password`, in its transaction: a login that waited for it is seen by a statement of its own only.
[[nodiscard]] statement end_all_sessions(const std::string& user, domain::instant now);

}  // namespace usher::store
