// What the channels don't show of the HTTP client: GET, and TLS with a certificate that nobody trusts.
#include "outbox/http_client.hpp"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

#include "tests/outbox/outbox_fixture.hpp"

using namespace usher::test;

namespace {

template <auto Free>
struct freeing {
  template <class T>
  void operator()(T* thing) const noexcept {
    Free(thing);
  }
};
template <class T, auto Free>
using owned = std::unique_ptr<T, freeing<Free>>;

/// A server's side of TLS, with a certificate for 127.0.0.1 that it has signed itself.
owned<SSL_CTX, SSL_CTX_free> self_signed() {
  const owned<EVP_PKEY, EVP_PKEY_free> key(EVP_EC_gen("P-256"));
  const owned<X509, X509_free> certificate(X509_new());
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  auto* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("127.0.0.1"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  owned<SSL_CTX, SSL_CTX_free> context(SSL_CTX_new(TLS_server_method()));
  REQUIRE(SSL_CTX_use_certificate(context.get(), certificate.get()) == 1);
  REQUIRE(SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1);
  return context;
}

http_answer get(const std::string& url, http_limits limits = patient) {
  http_request request;
  request.method = http_request::verb::get;
  request.url = url;
  return http_client(egress_policy::unrestricted(), limits).send(request);
}

}  // namespace

TEST_CASE("http client: GET, and an answer with its body", "[outbox][http]") {
  local_server server(answering(response(200, "Content-Type: text/plain\r\n", "all well")));
  const auto answer = get(server.url() + "/ping/1");
  CHECK(answer.failure == http_failure::none);
  CHECK(answer.status == 200);
  CHECK(answer.body == "all well");
  REQUIRE(server.requests().size() == 1);
  CHECK(server.requests().front().method == "GET");
  CHECK(server.requests().front().target == "/ping/1");
}

TEST_CASE("http client: a body is cut at the limit", "[outbox][http]") {
  local_server server(answering(response(200, "", std::string(5000, 'x'))));
  const auto answer = get(server.url(), {5s, 20s, 1000});
  CHECK(answer.status == 200);
  CHECK(answer.body == std::string(1000, 'x'));
}

TEST_CASE("http client: cookies are not kept, and connections are not used again", "[outbox][http]") {
  local_server server(answering(response(200, "Set-Cookie: a=b\r\n")));
  const http_client client(egress_policy::unrestricted(), patient);
  http_request request;
  request.url = server.url();
  for (int i = 0; i < 3; ++i) CHECK(client.send(request).status == 200);
  CHECK(server.connections() == 3);
  for (const auto& got : server.requests()) CHECK_FALSE(got.headers.contains("cookie"));
}

TEST_CASE("http client: a server that does not speak TLS gets no request over https", "[outbox][http]") {
  local_server plain([](connection& c) {
    c.send(response(200));
    c.wait_for_close();
  });
  const auto answer = get("https://127.0.0.1:" + std::to_string(plain.port()) + "/");
  CHECK(answer.failure == http_failure::unconnected);
  CHECK(answer.status == 0);
}

TEST_CASE("http client: a certificate that nobody vouches for ends it", "[outbox][http]") {
  const auto context = self_signed();
  std::atomic<int> agreed = 0;
  local_server server([&](connection& c) {
    const owned<SSL, SSL_free> tls(SSL_new(context.get()));
    SSL_set_fd(tls.get(), c.socket());
    char buffer[4096];
    if (SSL_accept(tls.get()) == 1 && SSL_read(tls.get(), buffer, sizeof buffer) > 0) ++agreed;
  });
  const auto answer = get("https://127.0.0.1:" + std::to_string(server.port()) + "/");
  CHECK(answer.failure == http_failure::unconnected);
  CHECK(answer.status == 0);
  CHECK(server.connections() == 1);
  CHECK(agreed == 0);
}
