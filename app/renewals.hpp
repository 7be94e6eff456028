// What a running server reads again: the keys of tokens and the certificate of the front door.
#pragma once

#include <string>

#include "app/reloader.hpp"
#include "net/jwt.hpp"
#include "net/tls.hpp"

namespace usher::app {

/// `tokens` outlives it. The same keys, written or touched again, leave what was verified with them as it is. Throws
/// `std::runtime_error` when the file can't be read.
[[nodiscard]] watched_files watch_keys(const std::string& path, net::token_verifier& tokens);

/// `door` outlives it.
[[nodiscard]] watched_files watch_certificate(const std::string& certificate, const std::string& key,
                                              net::tls_door& door);

}  // namespace usher::app
