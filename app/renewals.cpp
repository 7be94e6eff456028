#include "app/renewals.hpp"

#include <utility>

#include "app/signing_key.hpp"

namespace usher::app {

watched_files watch_keys(const std::string& path, net::token_verifier& tokens) {
  return {"jwt-key", {path}, [path, &tokens, held = read_whole_file(path)]() mutable -> domain::result<void> {
            auto text = read_whole_file(path);
            if (text == held) return {};
            tokens.replace(load_keys(path));
            held = std::move(text);
            return {};
          }};
}

watched_files watch_certificate(const std::string& certificate, const std::string& key, net::tls_door& door) {
  return {"tls-cert", {certificate, key}, [certificate, key, &door]() -> domain::result<void> {
            auto next = net::load_tls_identity(certificate, key);
            if (!next) return std::unexpected(std::move(next).error());
            door.replace(std::move(*next));
            return {};
          }};
}

}  // namespace usher::app
