// What the courier asks of the store. No libpq here; tests bring fakes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/desk_settings.hpp"
#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace usher::store {

/// What is delivered independently of everything else: a channel, or one endpoint of the channel `webhook`. Webhooks
/// without an endpoint are those of one that was removed.
struct outbox_queue {
  std::string channel;
  std::optional<domain::webhook_id> endpoint;

  auto operator<=>(const outbox_queue&) const = default;
};

/// A row of `usher.outbox` that is to be delivered now.
struct outbox_row {
  domain::uuid id;
  domain::organization_id organization;
  outbox_queue queue;
  std::string event;
  std::string recipient;
  std::string payload;
  std::optional<domain::ticket_id> ticket;
  domain::instant created_at{};
  int attempts = 0;  ///< tries before
};

struct outbox_endpoint {
  std::string url;
  std::vector<std::string> secrets;  ///< bytes, the newest first
  bool disabled = false;
};

struct outbox_claim {
  std::vector<outbox_row> rows;
  std::map<domain::webhook_id, outbox_endpoint> endpoints;
};

/// How many rows of a queue may be taken.
struct outbox_wish {
  outbox_queue queue;
  int rows_max = 1;
};

/// One try, and what follows from it: delivered, given up (neither), or `next_attempt_at`.
struct outbox_try {
  domain::uuid id;
  int attempt = 1;
  domain::instant at{};
  domain::milliseconds took{0};
  int status = 0;  ///< of HTTP; 0 when there was no answer
  std::string outcome;
  std::string detail;
  bool delivered = false;
  std::optional<domain::instant> next_attempt_at;
};

/// What waits in one queue.
struct outbox_level {
  outbox_queue queue;
  std::int64_t pending = 0;
  std::optional<domain::instant> due;  ///< the earliest that nobody has taken
  domain::instant oldest{};            ///< when the oldest was written
};

/// Blocking, for one thread. Every call throws `store::unavailable_error` when the database doesn't answer; then it is
/// not known whether it took effect, and it can be repeated.
class outbox_store {
 public:
  virtual ~outbox_store() = default;
  /// Takes what is due at `now`, up to the wishes, and keeps others from it until `lease_until`. Of a ticket's events
  /// an endpoint gets only the earliest that is not settled.
  [[nodiscard]] virtual outbox_claim claim(const std::vector<outbox_wish>& wishes, domain::instant now,
                                           domain::instant lease_until) = 0;
  /// Writes tries down. One that is there already is left as it is.
  virtual void record(const std::vector<outbox_try>& tries, domain::instant now) = 0;
  /// Gives back what was taken and not tried.
  virtual void release(const std::vector<domain::uuid>& ids) = 0;
  [[nodiscard]] virtual std::vector<outbox_level> survey(domain::instant now) = 0;
  /// Removes settled rows written before `before`, a batch at a time; how many.
  virtual std::int64_t purge(domain::instant before) = 0;
};

}  // namespace usher::store
