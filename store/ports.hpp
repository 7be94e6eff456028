// What the desk asks of the store: a port for writes and one for reads. No libpq here; tests bring fakes.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/completion.hpp"
#include "domain/event_feed.hpp"
#include "domain/notification.hpp"
#include "domain/organization.hpp"
#include "domain/record_query.hpp"
#include "domain/settings_change.hpp"
#include "domain/ticket_events.hpp"
#include "domain/ticket_query.hpp"

namespace usher::store {

using steady_time = std::chrono::steady_clock::time_point;

/// An answer kept under an idempotency key, as a row of `idempotency_keys`.
struct idempotency_record {
  domain::organization_id organization;  ///< nil for staff that no organization narrows
  std::string caller_sub;
  std::string route;
  std::string key;
  std::string fingerprint;  ///< of the request's body, 32 bytes
  int status = 0;
  std::string body;
  std::optional<domain::ticket_id> ticket;
  std::int64_t version = 0;
  domain::instant created_at{};
};

/// A change of one ticket, with all that commits together with it.
struct ticket_write {
  domain::change change;
  std::optional<idempotency_record> idempotency;
  /// A change of another ticket that is committed together with it: the other side of a merge.
  std::shared_ptr<const domain::change> also = nullptr;
  std::vector<domain::notification> notifications = {};
};

/// Tells people of the desk about something that Usher can't mend itself, as a row of `system_alerts`.
struct alert_write {
  std::string kind;   ///< e.g. `ticket_quarantined`
  std::string level;  ///< `info`, `warning`, `critical`
  std::string detail;
  std::optional<domain::ticket_id> ticket;
  std::optional<domain::organization_id> organization;
  domain::instant at{};
  std::vector<domain::notification> notifications{};
  domain::uuid id = domain::new_uuid_v7();
};

/// A change of what people have set. The policies that clocks may be given after it are stored with it.
struct settings_write {
  domain::settings_table table = domain::settings_table::policies;
  std::string key;
  std::string row;  ///< the text of a JSON object, a member a column; empty: the row goes
  std::string action;
  domain::caller by;
  domain::instant at{};
  std::vector<domain::clock_policy_ptr> policies;
  std::optional<idempotency_record> idempotency;
  std::optional<domain::organization_id> organization = {};  ///< whose row it is; nothing: the desk's
  std::string break_glass = {};           ///< why it was made although a freeze held; empty: none did
  std::optional<alert_write> alert = {};  ///< told together with it, of the desk itself
};

/// A notification of an endpoint that nobody is delivering now is to be delivered, once more, at once.
struct redelivery_write {
  domain::uuid id;
  domain::webhook_id endpoint;
  domain::organization_id organization;
  domain::caller by;
  domain::instant at{};
};

/// Policies that clocks are about to go by: stored before any clock does.
struct policies_write {
  std::vector<domain::clock_policy_ptr> policies;
};

/// Creates or replaces an organization. `expected` is the version that is stored now; 0 for one that must not exist
/// yet.
struct organization_write {
  domain::organization organization;
  std::int64_t expected = 0;
  domain::caller by;
};

/// Somebody has taken an alert.
struct alert_taken_write {
  domain::uuid id;
  domain::organization_id organization;  ///< nil: the desk's own
  std::string by;
  domain::instant at{};
  std::vector<domain::notification> notifications{};
  domain::role by_role = domain::role::system;
  std::string events{};  ///< for the audit trail: `domain::trail_of`
};

/// What the desk looked like, as a row of `sla_monitoring_snapshots`.
struct snapshot_write {
  domain::uuid id;
  domain::instant at{};
  std::string figures;  ///< the text of a JSON object
};

/// What has been kept as long as it may be (contract, sections 2 and 3): found by `reader::list_expired`, and judged
/// again by the deletion itself.
struct expired_rows {
  std::vector<domain::organization_id> key_owners;  ///< with idempotency keys that are too old; nil is staff
  std::vector<domain::organization_id> ticket_owners;
  std::vector<domain::ticket_id> tickets;  ///< deleted too long ago to be restored
  bool snapshots = false;                  ///< there are snapshots that are too old

  [[nodiscard]] bool empty() const noexcept { return key_owners.empty() && tickets.empty() && !snapshots; }
};

/// Until when each kind of thing goes.
struct expiry {
  domain::instant keys_before{};
  domain::instant tickets_deleted_before{};
  domain::instant snapshots_before{};
};

/// Erases for good what has expired: a bounded batch of each kind.
struct purge_write {
  expiry limits;
  expired_rows what;
};

/// Rows of one kind that one purge deletes.
inline constexpr int purge_rows_max = 5000;
/// Tickets that one purge erases, with all that hangs on them.
inline constexpr int purge_tickets_max = 100;

/// A stretch of the audit trail: entries with `from <= id < to`, by id.
struct trail_query {
  domain::uuid from;
  domain::uuid to;
  int limit = 500;
  std::optional<domain::ticket_id> ticket;  ///< of this one only
};

/// The sums of the tickets of a day, in the place of those that were stored.
struct rollup_write {
  std::string day;          ///< `2026-06-13`, in UTC
  domain::instant as_of{};  ///< changes up to it are in the sums
  std::string rows;         ///< the text of a JSON array of objects, a member a column of `usher.analytics_days`
};

/// Keeps an answer under its key, for requests that are not one change of one ticket.
struct answer_write {
  idempotency_record record;
};

/// An entry of the audit trail that is no change of a row that a lane writes: what was done elsewhere, and by whom.
struct note_write {
  domain::organization_id organization;  ///< nil: the desk's own
  std::string action;
  std::string details;  ///< the text of a JSON object
  domain::caller by;
  domain::instant at{};
};

struct write {
  std::variant<ticket_write, organization_write, alert_write, answer_write, policies_write, settings_write,
               alert_taken_write, redelivery_write, rollup_write, snapshot_write, purge_write, note_write>
      what;
  /// Past it the write is given up, if it is certain that it was not committed. `max()` never gives up.
  steady_time give_up_at = steady_time::max();
  /// Called once, from a lane's thread, after COMMIT or after it is certain that nothing was committed. Errors:
  /// `overloaded`, `unavailable`, `rejected_by_store` (the database refuses a value), `version_mismatch` (the stored
  /// version is not `before`'s: the caller's state is stale), `idempotency_in_flight` (the key exists already),
  /// `conflict`.
  domain::completion<std::monostate> done;
};

/// Thread-safe.
class writer {
 public:
  virtual ~writer() = default;
  /// Queues a write. Writes of one organization are committed in the order in which they are submitted by one thread.
  virtual void submit(write what) = 0;
  /// Whether the database answers; false from the first lost connection until it is back.
  [[nodiscard]] virtual bool reachable() const noexcept = 0;
};

/// Whose rows a read may see: row-level security is set up from it.
struct scope {
  /// Customers, and staff who are narrowed to one organization. Absent: all organizations.
  std::optional<domain::organization_id> organization;
  [[nodiscard]] static scope of(const domain::caller& by) { return {by.organization}; }
};

/// A page of a list by id only: live tickets are filled in from memory.
struct ticket_id_page {
  std::vector<domain::ticket_id> ids;
  std::string next_cursor;
};

/// Thread-safe. Every question has a deadline; completions run on a thread of the pool. Errors: `unavailable`,
/// `overloaded`, `timed_out`, `not_found`, `bad_cursor`.
class reader {
 public:
  virtual ~reader() = default;

  virtual void list_tickets(domain::ticket_query query, scope who, steady_time deadline,
                            domain::completion<ticket_id_page> done) = 0;
  /// Tickets with their clocks, folded from `support_sla_events`. Unknown ids are left out; deleted ones are not.
  virtual void load_tickets(std::vector<domain::ticket_id> ids, scope who, steady_time deadline,
                            domain::completion<std::vector<domain::ticket_ptr>> done) = 0;
  virtual void find_ticket(std::int64_t number, scope who, steady_time deadline,
                           domain::completion<domain::ticket_id> done) = 0;
  virtual void list_messages(domain::ticket_id ticket, scope who, bool with_internal, int limit, std::string cursor,
                             steady_time deadline, domain::completion<domain::page<domain::message>> done) = 0;
  virtual void list_organizations(scope who, int limit, std::string cursor, steady_time deadline,
                                  domain::completion<domain::page<domain::organization>> done) = 0;
  /// Every event of the ticket's clocks, in the order in which they were written.
  virtual void list_clock_events(domain::ticket_id ticket, scope who, steady_time deadline,
                                 domain::completion<std::vector<domain::clock_changed>> done) = 0;
  /// The first `limit` tickets whose timer should have gone off by `now`, as the database has it.
  virtual void list_due(domain::instant now, int limit, steady_time deadline,
                        domain::completion<std::vector<domain::ticket_id>> done) = 0;
  /// What of `limits` there is to purge, up to the size of one purge.
  virtual void list_expired(expiry limits, steady_time deadline, domain::completion<expired_rows> done) = 0;
  /// Entries that tell of events.
  virtual void list_trail(trail_query query, scope who, steady_time deadline,
                          domain::completion<std::vector<domain::trail_entry>> done) = 0;
  virtual void list_records(domain::record_query query, scope who, steady_time deadline,
                            domain::completion<domain::page<std::string>> done) = 0;
  /// The record under this key; `not_found` when there is none, or when it is older than 24 h at `now`.
  virtual void find_idempotent(domain::organization_id organization, std::string caller_sub, std::string route,
                               std::string key, domain::instant now, steady_time deadline,
                               domain::completion<idempotency_record> done) = 0;
};

/// How an agent has done so far.
struct agent_record {
  std::string agent;
  std::int64_t scores = 0;  ///< how many customers have scored
  std::int64_t sum = 0;     ///< of their scores
};
/// How many tickets of an organization an agent has resolved lately.
struct customer_record {
  domain::organization_id organization;
  std::string agent;
  std::int64_t tickets = 0;
};

/// What a desk needs once, at its start. Blocking; throws `store::unavailable_error` when the database can't be read.
class recovery {
 public:
  virtual ~recovery() = default;
  [[nodiscard]] virtual std::int64_t highest_ticket_number() = 0;
  [[nodiscard]] virtual std::int64_t count_live_tickets() = 0;
  [[nodiscard]] virtual std::vector<domain::organization> all_organizations() = 0;
  [[nodiscard]] virtual domain::desk_settings settings() = 0;
  [[nodiscard]] virtual std::vector<agent_record> agent_records() { return {}; }
  /// Of tickets created since then.
  [[nodiscard]] virtual std::vector<customer_record> customer_records(domain::instant) { return {}; }
  /// Splits the live tickets into `parts` ranges of ids of about the same size, for loading in parallel: the upper
  /// bounds, rising, the last one all ones.
  [[nodiscard]] virtual std::vector<domain::ticket_id> split_live_tickets(int parts) = 0;
  /// The next up to `limit` live tickets with `after < id <= up_to`, by id, with their clocks. Each calling thread gets
  /// a connection of its own.
  [[nodiscard]] virtual std::vector<domain::ticket_ptr> load_live_tickets(domain::ticket_id after,
                                                                          domain::ticket_id up_to, int limit) = 0;
};

}  // namespace usher::store
