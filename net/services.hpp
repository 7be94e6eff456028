// What handlers work with.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "actors/gateway.hpp"
#include "domain/doorkeeper.hpp"
#include "domain/judge.hpp"
#include "domain/privacy_office.hpp"
#include "domain/time.hpp"
#include "domain/webhook_guard.hpp"
#include "net/address_list.hpp"
#include "net/json_reader.hpp"
#include "net/jwt.hpp"
#include "net/limits.hpp"
#include "net/observer.hpp"
#include "net/overload_gate.hpp"
#include "net/rate_limiter.hpp"
#include "net/score_links.hpp"
#include "net/tls.hpp"
#include "net/token_cache.hpp"

namespace usher::net {

/// What the app gives to the front door. Everything pointed to outlives the server.
struct front_door {
  gateway* desk = nullptr;
  const domain::clock_port* clock = nullptr;
  const token_verifier* tokens = nullptr;
  observer* watcher = nullptr;                      ///< may be null
  const domain::judge* judge = nullptr;             ///< who reads texts; null: nobody
  const domain::webhook_guard* webhooks = nullptr;  ///< who knows where events may be sent
  /// The text of `/metrics`; called on an io thread.
  std::function<std::string()> metrics_text;
  std::string version = "0.0.0";
  std::string commit;             ///< empty when it is not known
  rate_limiter* rates = nullptr;  ///< null lets all through
  overload_gate* gate = nullptr;  ///< null lets all in
  bool require_if_match = false;
  domain::privacy_office* privacy = nullptr;  ///< who exports and erases; null: nobody, the answer is 503
  domain::doorkeeper* staff = nullptr;        ///< who lets staff in with a password; null: nobody
  bool secure_cookies = false;                ///< the desk is reached over TLS
  const score_links* scores = nullptr;        ///< null: no links without a login
  limits bounds;
  const tls_door* tls = nullptr;          ///< null: plain HTTP
  address_list proxies;                   ///< whose `X-Forwarded-For` is believed
  std::vector<std::string> cors_origins;  ///< whose pages may read the answers; empty: nobody's
};

/// One for each io thread: the shared things, and the buffers of this thread.
struct services {
  explicit services(const front_door& d) : door(d), tokens(d.bounds.tokens_cached_max) {}

  const front_door& door;
  json_reader json;
  token_cache tokens;

  [[nodiscard]] gateway& desk() const noexcept { return *door.desk; }
  [[nodiscard]] domain::instant now() const { return door.clock->now(); }
};

}  // namespace usher::net
