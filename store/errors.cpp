#include "store/errors.hpp"

#include <algorithm>
#include <array>

namespace usher::store {

namespace {

using domain::errc;

struct meaning {
  std::string_view prefix;  ///< of the SQLSTATE: all five characters, or the class's two
  errc code;
};

// The first match holds, so the exceptions stand before their classes (PostgreSQL 15, appendix A).
constexpr std::array<meaning, 14> meanings{{
    {"57014", errc::timed_out},       // query_canceled
    {"08", errc::unavailable},        // connection exception
    {"22", errc::rejected_by_store},  // data exception
    {"23", errc::rejected_by_store},  // integrity constraint violation
    {"25", errc::unavailable},        // invalid transaction state: a standby after a failover, above all
    {"28", errc::unavailable},        // invalid authorization
    {"40", errc::unavailable},        // transaction rollback: serialization, deadlock
    {"53", errc::unavailable},        // insufficient resources: disk full, out of memory, too many connections
    {"54", errc::rejected_by_store},  // program limit exceeded: a value too long for its index
    {"55P03", errc::unavailable},     // lock_not_available
    {"57", errc::unavailable},        // operator intervention: shutdown, crash, starting up
    {"58", errc::unavailable},        // system error outside PostgreSQL: input and output
    {"3D", errc::unavailable},        // no such database (yet)
    {"", errc::internal},
}};

}  // namespace

errc to_errc(std::string_view sqlstate) noexcept {
  if (sqlstate.empty()) return errc::unavailable;
  const auto* found =
      std::find_if(meanings.begin(), meanings.end(), [&](const meaning& m) { return sqlstate.starts_with(m.prefix); });
  return found->code;
}

errc to_errc(const sql_error& why) noexcept {
  if (why.timed_out) return errc::timed_out;
  if (why.lost) return errc::unavailable;
  if (why.sqlstate == "23505" && why.constraint == "idempotency_keys_pkey") return errc::idempotency_in_flight;
  return to_errc(why.sqlstate);
}

domain::error to_error(const sql_error& why) { return domain::error(to_errc(why)); }

bool is_passing(const sql_error& why) noexcept {
  if (why.lost || why.timed_out) return true;
  auto code = to_errc(why.sqlstate);
  return code == errc::unavailable || code == errc::timed_out;
}

}  // namespace usher::store
