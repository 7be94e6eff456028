#include "store/doorkeeper_rows.hpp"

#include "domain/json_writer.hpp"

namespace usher::store {

namespace {

/// Enough of a token's hash to tell a session from others.
constexpr std::size_t session_name_bytes = 8;

/// An entry of the desk's own trail.
constexpr std::string_view add_entry =
    "INSERT INTO usher.audit_log (id, organization_id, at, actor_sub, actor_role, action, details) ";
constexpr std::string_view of_desk = ", '00000000-0000-0000-0000-000000000000'::uuid, ";

template <class Write>
std::string details_of(Write write) {
  std::string out;
  domain::json_writer w(out);
  w.begin_object();
  write(w);
  w.end_object();
  return out;
}

std::string session_name(std::string_view token_hash) { return hex_of(token_hash.substr(0, session_name_bytes)); }

}  // namespace

std::string hex_of(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto value = static_cast<unsigned char>(c);
    out += digits[value >> 4U];
    out += digits[value & 15U];
  }
  return out;
}

statement find_password(const std::string& user) {
  return {{},
          "SELECT p.hash, a.organizations::text[] FROM usher.staff_passwords p JOIN usher.support_agents a ON "
          "a.id = p.agent_id WHERE p.agent_id = $1",
          parameters().text(user)};
}

statement begin_session(const new_session& what) {
  parameters row;
  row.bytes(what.token_hash).text(what.user).at(what.created).at(what.expires).text(what.password_hash);
  row.uuid(what.organization.value_or(domain::organization_id{}).value).uuid(domain::new_uuid_v7());
  row.text(details_of([&](domain::json_writer& w) {
    w.member("session", session_name(what.token_hash));
    w.member("organization_id", what.organization);
    w.member("expires_at", what.expires);
    w.member("turned_away", what.turned_away);
  }));
  // A password that is being changed: its row is locked, and is another one afterwards.
  return {{},
          "WITH made AS (INSERT INTO usher.staff_sessions (token_hash, agent_id, created_at, seen_at, expires_at, "
          "narrowed_to) SELECT $1, p.agent_id, $3, $3, $4, nullif($6, '00000000-0000-0000-0000-000000000000'::uuid)"
          " FROM usher.staff_passwords p WHERE p.agent_id = $2 AND p.hash = $5 FOR SHARE RETURNING agent_id) " +
              std::string(add_entry) + "SELECT $7" + std::string(of_desk) +
              "$3, a.id, a.role, 'session.started', $8::jsonb FROM made m JOIN usher.support_agents a ON a.id = "
              "m.agent_id",
          std::move(row)};
}

statement end_oldest_sessions(const std::string& user, int kept) {
  return {{},
          "DELETE FROM usher.staff_sessions s USING (SELECT token_hash FROM usher.staff_sessions WHERE agent_id = $1 "
          "ORDER BY created_at DESC, token_hash OFFSET $2) old WHERE s.token_hash = old.token_hash RETURNING "
          "s.token_hash",
          parameters().text(user).int4(kept)};
}

statement end_session(const std::string& token_hash, domain::instant now) {
  parameters row;
  row.bytes(token_hash).uuid(domain::new_uuid_v7()).at(now);
  row.text(details_of([&](domain::json_writer& w) { w.member("session", session_name(token_hash)); }));
  return {{},
          "WITH gone AS (DELETE FROM usher.staff_sessions WHERE token_hash = $1 RETURNING agent_id) " +
              std::string(add_entry) + "SELECT $2" + std::string(of_desk) +
              "$3, g.agent_id, coalesce(a.role, 'agent'), 'session.ended', $4::jsonb FROM gone g LEFT JOIN "
              "usher.support_agents a ON a.id = g.agent_id",
          std::move(row)};
}

statement note_refusal(const std::string& user, int turned_away, domain::instant now) {
  parameters row;
  row.uuid(domain::new_uuid_v7()).at(now).text(user);
  row.text(details_of([&](domain::json_writer& w) { w.member("turned_away", turned_away); }));
  return {{},
          std::string(add_entry) + "SELECT $1" + std::string(of_desk) +
              "$2, a.id, a.role, 'session.refused', $4::jsonb FROM usher.support_agents a WHERE a.id = $3",
          std::move(row)};
}

statement change_password(const std::string& user, const std::string& hash, domain::instant now) {
  return {{},
          "INSERT INTO usher.staff_passwords (agent_id, hash, changed_at) SELECT a.id, $2, $3 FROM "
          "usher.support_agents a WHERE a.id = $1 ON CONFLICT (agent_id) DO UPDATE SET hash = excluded.hash, "
          "changed_at = excluded.changed_at",
          parameters().text(user).text(hash).at(now)};
}

statement end_all_sessions(const std::string& user, domain::instant now) {
  return {{},
          "WITH gone AS (DELETE FROM usher.staff_sessions WHERE agent_id = $1 RETURNING 1) " + std::string(add_entry) +
              "SELECT $2" + std::string(of_desk) +
              "$3, 'system', 'system', 'password.changed', jsonb_build_object('agent_id', a.id, 'sessions_ended', "
              "(SELECT count(*) FROM gone)) FROM usher.support_agents a WHERE a.id = $1",
          parameters().text(user).uuid(domain::new_uuid_v7()).at(now)};
}

}  // namespace usher::store
