// The key of DATA/jwt.key: made on first use, readable by its owner only.
#pragma once

#include <string>
#include <vector>

#include "net/jwt.hpp"

namespace usher::app {

/// Makes `path` with a random HS256 secret when there is no such file. Throws `std::runtime_error` when it can't.
void ensure_signing_key(const std::string& path);

/// Makes `path` with this text, readable by its owner only, unless there is such a file meanwhile. Throws
/// `std::runtime_error` when it can't.
void place_private_file(const std::string& path, const std::string& text);

/// Throws `std::runtime_error`.
[[nodiscard]] std::string read_whole_file(const std::string& path);

/// The text of such a file, without the end of its line. Throws `std::runtime_error`.
[[nodiscard]] std::string read_secret(const std::string& path);

/// The keys of a key file. Throws `std::runtime_error` with the reason; never shows the secret.
[[nodiscard]] std::vector<net::jwt_key> load_keys(const std::string& path);

}  // namespace usher::app
