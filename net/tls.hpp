// What the front door shows of itself under TLS: certificate and key, and how they are used.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "domain/error.hpp"
#include "domain/time.hpp"

struct ssl_ctx_st;

namespace usher::net {

/// A certificate with its key, ready to serve: TLS 1.2 and 1.3, ciphers with forward secrecy only, ALPN `http/1.1`.
using tls_identity = std::shared_ptr<ssl_ctx_st>;

/// Reads a PEM chain, the server's own certificate first, and a PEM key. `invalid` says what is wrong: a file that
/// can't be read, a key that others than its owner and group may read, a key of another certificate.
[[nodiscard]] domain::result<tls_identity> load_tls_identity(const std::string& certificate_file,
                                                             const std::string& key_file);
/// When the certificate runs out.
[[nodiscard]] domain::instant expiry_of(const tls_identity& identity);

/// The identity in force. Connections keep the one that they began with. Thread-safe.
class tls_door {
 public:
  explicit tls_door(tls_identity first) : now_(std::move(first)) {}
  void replace(tls_identity next) {
    const std::scoped_lock guard(mutex_);
    now_.swap(next);
  }
  [[nodiscard]] tls_identity identity() const {
    const std::scoped_lock guard(mutex_);
    return now_;
  }

 private:
  mutable std::mutex mutex_;
  tls_identity now_;
};

}  // namespace usher::net
