// Signed ends of the audit trail's chains, kept elsewhere: they show later that nothing was cut off.
#pragma once

#include <string>
#include <vector>

#include "store/audit_examination.hpp"

namespace usher::app {

/// Makes `path` with a random Ed25519 key when there is no such file, and its public half beside it, in `path`.pub.
/// Throws `std::runtime_error` when it can't.
void ensure_checkpoint_key(const std::string& path);

/// The text of a checkpoint: a JSON object with the chains' ends, the time and the signature by the key in `key_file`.
/// Throws `std::runtime_error`.
[[nodiscard]] std::string sign_checkpoint(const std::vector<store::chain_head>& heads, domain::instant at,
                                          const std::string& key_file);

/// The ends in a checkpoint's text. Throws `std::runtime_error` when the text is none, or not signed by the key of
/// which `public_key_file` has the public half.
[[nodiscard]] std::vector<store::chain_head> read_checkpoint(const std::string& text,
                                                             const std::string& public_key_file);

}  // namespace usher::app
