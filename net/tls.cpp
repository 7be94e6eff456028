#include "net/tls.hpp"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <string_view>

namespace usher::net {

using domain::errc;
using domain::fail;
using domain::result;

namespace {

constexpr const char* ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr std::string_view protocol = "\x08http/1.1";

/// A client that asks for other protocols only is told so; one that does not ask is served.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  const auto* mine = reinterpret_cast<const unsigned char*>(protocol.data());
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, mine, protocol.size(), offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

/// A key with a passphrase would ask for it on the terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

domain::error wrong(const std::string& file, std::string_view what) {
  std::array<char, 256> reason{};
  const auto code = ERR_get_error();
  ERR_error_string_n(code, reason.data(), reason.size());
  ERR_clear_error();
  const auto* words = ERR_reason_error_string(code);
  return {errc::invalid, file + " " + std::string(what) + (words == nullptr ? "" : ": " + std::string(words))};
}

std::optional<domain::error> check_access(const std::string& file, bool is_key) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) return domain::error(errc::invalid, file + ": " + std::strerror(errno));
  if (!S_ISREG(found.st_mode)) return domain::error(errc::invalid, file + " is not a file");
  // A group that reads keys is common (`ssl-cert`); anybody is not.
  if (is_key && (found.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) != 0)
    return domain::error(errc::invalid, file + " is open to others than its owner; chmod 600 it");
  return std::nullopt;
}

}  // namespace

result<tls_identity> load_tls_identity(const std::string& certificate_file, const std::string& key_file) {
  if (auto no = check_access(certificate_file, false)) return std::unexpected(std::move(*no));
  if (auto no = check_access(key_file, true)) return std::unexpected(std::move(*no));
  ERR_clear_error();
  tls_identity out(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!out) return fail(errc::internal, "OpenSSL has no context to give");
  auto* context = out.get();
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1)
    return std::unexpected(wrong(certificate_file, "holds no PEM certificate"));
  // A key of another certificate is refused here already.
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return std::unexpected(wrong(key_file, "is not the PEM key of " + certificate_file));
  if (SSL_CTX_check_private_key(context) != 1)
    return std::unexpected(wrong(key_file, "is not the PEM key of " + certificate_file));
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 || SSL_CTX_set_cipher_list(context, ciphers) != 1)
    return std::unexpected(wrong(certificate_file, "can't be served"));
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  return out;
}

domain::instant expiry_of(const tls_identity& identity) {
  std::tm parts{};
  const auto* certificate = SSL_CTX_get0_certificate(identity.get());
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return {};
  return domain::instant(std::chrono::seconds(::timegm(&parts)));
}

}  // namespace usher::net
