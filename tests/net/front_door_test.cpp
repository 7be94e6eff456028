// The front door under TLS, behind a proxy, and seen by a browser.
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <memory>

#include "net/cors.hpp"
#include "net/tls.hpp"
#include "server_fixture.hpp"

using namespace usher;
using test::raw_client;
using test::raw_response;
using test::server_fixture;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view live = "GET /livez HTTP/1.1\r\nHost: desk\r\n\r\n";

/// A directory of its own, and certificates in it.
class vault {
 public:
  vault() {
    std::string name = (fs::temp_directory_path() / "usher-tls-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    dir_ = name;
  }
  vault(const vault&) = delete;
  vault& operator=(const vault&) = delete;
  ~vault() { fs::remove_all(dir_); }

  /// A certificate that signs itself, for `name`, and its key.
  void make(const std::string& name) const {
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 86'400);
    X509_set_pubkey(made.get(), key.get());
    auto* subject = X509_get_subject_name(made.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1,
                               -1, 0);
    X509_set_issuer_name(made.get(), subject);
    REQUIRE(X509_sign(made.get(), key.get(), EVP_sha256()) > 0);
    std::unique_ptr<FILE, decltype(&fclose)> cert_file(fopen(cert(name).c_str(), "w"), fclose);
    std::unique_ptr<FILE, decltype(&fclose)> key_file(fopen(this->key(name).c_str(), "w"), fclose);
    REQUIRE(PEM_write_X509(cert_file.get(), made.get()) == 1);
    REQUIRE(PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    REQUIRE(chmod(this->key(name).c_str(), 0600) == 0);
  }
  [[nodiscard]] std::string cert(const std::string& name) const { return (dir_ / (name + ".pem")).string(); }
  [[nodiscard]] std::string key(const std::string& name) const { return (dir_ / (name + ".key")).string(); }
  [[nodiscard]] net::tls_identity identity(const std::string& name) const {
    auto out = net::load_tls_identity(cert(name), key(name));
    REQUIRE(out);
    return *out;
  }

 private:
  fs::path dir_;
};

/// A second server on the same desk, with another door.
struct other_door {
  explicit other_door(net::front_door door) : server(std::move(door), 1), port(server.start("127.0.0.1", 0)) {}
  net::server server;
  std::uint16_t port;
};

struct tls_wish {
  int least = TLS1_2_VERSION;
  int most = TLS1_3_VERSION;
  std::string_view protocols{};  ///< as ALPN writes them
  const char* ciphers = nullptr;
};

/// A client that takes any certificate and tells whose it got.
class tls_client {
 public:
  tls_client(std::uint16_t port, const tls_wish& wish)
      : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
        bio_(BIO_new_ssl_connect(context_.get()), BIO_free_all) {
    SSL* ssl = this->ssl();
    SSL_set_security_level(ssl, 0);
    SSL_set_min_proto_version(ssl, wish.least);
    SSL_set_max_proto_version(ssl, wish.most);
    if (wish.ciphers != nullptr) SSL_set_cipher_list(ssl, wish.ciphers);
    if (!wish.protocols.empty())
      SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(wish.protocols.data()),
                          static_cast<unsigned>(wish.protocols.size()));
    BIO_set_conn_hostname(bio_.get(), ("127.0.0.1:" + std::to_string(port)).c_str());
    works_ = BIO_do_handshake(bio_.get()) == 1;
  }

  [[nodiscard]] bool works() const { return works_; }
  [[nodiscard]] SSL* ssl() const {
    SSL* out = nullptr;
    BIO_get_ssl(bio_.get(), &out);
    return out;
  }
  [[nodiscard]] std::string peer() const {
    char name[64]{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get0_peer_certificate(ssl())), NID_commonName, name,
                              sizeof name);
    return name;
  }
  [[nodiscard]] std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }
  /// The answer as it came; its body has a length.
  std::string ask(std::string_view bytes) {
    BIO_write(bio_.get(), bytes.data(), static_cast<int>(bytes.size()));
    std::string out;
    char part[4096];
    while (true) {
      const auto end = out.find("\r\n\r\n");
      const auto at = out.find("Content-Length: ");
      if (end != std::string::npos && at != std::string::npos &&
          out.size() >= end + 4 + std::stoul(out.substr(at + 16)))
        return out;
      const auto count = BIO_read(bio_.get(), part, sizeof part);
      if (count <= 0) return out;
      out.append(part, static_cast<std::size_t>(count));
    }
  }
  /// Whether the server says goodbye, instead of dropping the line.
  bool is_told_goodbye() {
    char rest = 0;
    const auto got = SSL_read(ssl(), &rest, 1);
    return got <= 0 && SSL_get_error(ssl(), got) == SSL_ERROR_ZERO_RETURN;
  }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<BIO, decltype(&BIO_free_all)> bio_;
  bool works_ = false;
};

}  // namespace

TEST_CASE("under TLS the desk is served as it is without") {
  vault files;
  files.make("first");
  net::tls_door tls(files.identity("first"));
  server_fixture with;
  auto door = with.door;
  door.tls = &tls;
  other_door under(door);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    tls_client client(under.port, {version, version, "\x02h2\x08http/1.1"});
    REQUIRE(client.works());
    CHECK(SSL_version(client.ssl()) == version);
    CHECK(client.peer() == "first");
    CHECK(client.protocol() == "http/1.1");
    for (int i = 0; i < 20; ++i) {
      const auto got = client.ask(live);
      CHECK(got.starts_with("HTTP/1.1 200 OK\r\n"));
      CHECK(got.contains("\r\nStrict-Transport-Security: max-age=31536000\r\n"));
      CHECK(got.ends_with(R"({"status":"alive"})"));
    }
    const std::string long_body = R"({"subject":"Cake","body":")" + std::string(20'000, 'x') + "\"}";
    CHECK(client.ask(with.request("POST /api/support/tickets", long_body)).starts_with("HTTP/1.1 201 "));
    CHECK(client.ask("GET /livez HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n").contains("200 OK"));
    CHECK(client.is_told_goodbye());
  }
  auto plain = with.client();
  const auto got = plain.ask(live);
  REQUIRE(got);
  CHECK(got->header("strict-transport-security").empty());
}

TEST_CASE("old TLS, weak ciphers and other protocols are turned away, and so is who says nothing") {
  vault files;
  files.make("first");
  net::tls_door tls(files.identity("first"));
  server_fixture with;
  auto door = with.door;
  door.tls = &tls;
  other_door under(door);
  door.bounds.header_timeout = 200ms;
  other_door hasty(door);
  CHECK_FALSE(tls_client(under.port, {TLS1_VERSION, TLS1_1_VERSION}).works());
  CHECK_FALSE(tls_client(under.port, {TLS1_2_VERSION, TLS1_2_VERSION, {}, "AES128-SHA"}).works());
  CHECK_FALSE(tls_client(under.port, {TLS1_2_VERSION, TLS1_2_VERSION, {}, "ECDHE-ECDSA-AES128-SHA256"}).works());
  CHECK_FALSE(tls_client(under.port, {.protocols = "\x02h2"}).works());
  CHECK(tls_client(under.port, {}).works());
  raw_client silent(hasty.port);
  CHECK(silent.is_closed());
  raw_client plain(under.port);
  plain.send(live);
  CHECK_FALSE(plain.read());
  CHECK(test::eventually([&] { return under.server.connections() + hasty.server.connections() == 0; }));
}

TEST_CASE("a new certificate is for new connections; the others go on") {
  vault files;
  files.make("first");
  files.make("second");
  net::tls_door tls(files.identity("first"));
  server_fixture with;
  auto door = with.door;
  door.tls = &tls;
  other_door under(door);
  tls_client before(under.port, {});
  REQUIRE(before.works());
  CHECK(before.ask(live).contains("200 OK"));
  tls.replace(files.identity("second"));
  tls_client after(under.port, {});
  REQUIRE(after.works());
  CHECK(after.peer() == "second");
  CHECK(before.peer() == "first");
  CHECK(before.ask(live).contains("200 OK"));
}

TEST_CASE("a certificate that can't be served is refused with its reason") {
  vault files;
  files.make("first");
  files.make("second");
  const auto detail = [&](const std::string& cert, const std::string& key) {
    const auto made = net::load_tls_identity(cert, key);
    return made ? std::string() : made.error().detail;
  };
  CHECK(detail(files.cert("first"), files.key("first")).empty());
  CHECK(detail(files.cert("first"), files.key("second")).contains("is not the PEM key of"));
  CHECK(detail(files.cert("none"), files.key("first")).contains("No such file"));
  CHECK(detail(files.key("first"), files.key("first")).contains("holds no PEM certificate"));
  REQUIRE(chmod(files.key("first").c_str(), 0644) == 0);
  CHECK(detail(files.cert("first"), files.key("first")).contains("is open to others than its owner"));
  REQUIRE(chmod(files.key("first").c_str(), 0640) == 0);
  CHECK(detail(files.cert("first"), files.key("first")).empty());
  const auto left = net::expiry_of(files.identity("second")) - domain::system_clock_port().now();
  CHECK(left > 23h);
  CHECK(left <= 24h);
}

TEST_CASE("every answer says how it may be shown") {
  server_fixture with;
  auto client = with.client();
  for (const std::string target : {"/livez", "/docs", "/", "/nowhere", "/api/support/tickets"}) {
    CAPTURE(target);
    const auto got = client.ask("GET " + target + " HTTP/1.1\r\nHost: desk\r\n\r\n");
    REQUIRE(got);
    CHECK(got->header("x-content-type-options") == "nosniff");
    CHECK(got->header("referrer-policy") == "no-referrer");
    CHECK(got->header("cache-control") == "no-store");
    CHECK(got->header("content-security-policy").contains("default-src 'none'"));
    CHECK(got->header("content-security-policy").contains("frame-ancestors 'none'"));
    CHECK(got->header("access-control-allow-origin").empty());
  }
}

TEST_CASE("pages of other origins read what the operator lets them") {
  server_fixture with;
  auto door = with.door;
  door.cors_origins = net::parse_origins("https://studio.example, http://127.0.0.1:3000").value();
  other_door named(door);
  door.cors_origins = {"*"};
  other_door any(door);
  const auto get = [](std::uint16_t port, const std::string& origin, const std::string& line = "GET /livez",
                      const std::string& more = "") {
    raw_client client(port);
    return client.ask(line + " HTTP/1.1\r\nHost: desk\r\nOrigin: " + origin + "\r\n" + more + "\r\n")
        .value_or(raw_response{});
  };
  CHECK(get(with.port, "https://studio.example").header("access-control-allow-origin").empty());
  auto got = get(named.port, "https://studio.example");
  CHECK(got.header("access-control-allow-origin") == "https://studio.example");
  CHECK(got.header("access-control-expose-headers").contains("ETag"));
  for (const std::string foreign : {"https://studio.example.evil.example", "http://studio.example", "null",
                                    "https://studio.example:444", "*", "https://STUDIO.example"})
    CHECK(get(named.port, foreign).header("access-control-allow-origin").empty());
  // A browser asks first, without a token.
  got = get(named.port, "http://127.0.0.1:3000", "OPTIONS /api/support/tickets",
            "Access-Control-Request-Method: POST\r\n");
  CHECK(got.status == 204);
  CHECK(got.header("access-control-allow-origin") == "http://127.0.0.1:3000");
  CHECK(got.header("access-control-allow-methods").contains("PATCH"));
  CHECK(got.header("access-control-allow-headers").contains("Authorization"));
  CHECK(got.header("access-control-allow-credentials").empty());
  // What is refused can be read as well.
  got = get(named.port, "https://studio.example", "GET /api/support/tickets");
  CHECK(got.status == 401);
  CHECK(got.header("access-control-allow-origin") == "https://studio.example");
  got = get(any.port, "https://anybody.example");
  CHECK(got.header("access-control-allow-origin") == "*");
  CHECK(got.header("access-control-allow-credentials").empty());
  for (const std::string wrong :
       {"studio.example", "https://studio.example/", "https://a.example,*", "ftp://a.example"})
    CHECK_FALSE(net::parse_origins(wrong));
}

TEST_CASE("who a proxy speaks for") {
  const auto list = net::address_list::parse("10.0.0.0/8, 192.0.2.7, fd00::/8").value();
  const auto in = [&](const char* text) { return list.contains(boost::asio::ip::make_address(text)); };
  CHECK(in("10.255.0.1"));
  CHECK(in("::ffff:10.1.2.3"));
  CHECK(in("192.0.2.7"));
  CHECK(in("fd12::1"));
  CHECK_FALSE(in("11.0.0.1"));
  CHECK_FALSE(in("192.0.2.8"));
  CHECK_FALSE(in("fe80::1"));
  CHECK_FALSE(net::address_list().contains(boost::asio::ip::make_address("127.0.0.1")));
  using lines = std::vector<std::string_view>;
  CHECK(list.client_behind(lines{"203.0.113.9"}) == "203.0.113.9");
  CHECK(list.client_behind(lines{"1.1.1.1, 203.0.113.9, 10.0.0.2"}) == "203.0.113.9");  // what it claims is not read
  CHECK(list.client_behind(lines{"1.1.1.1", "203.0.113.9", "10.0.0.2, 10.0.0.3"}) == "203.0.113.9");
  CHECK(list.client_behind(lines{"203.0.113.9:4711"}) == "203.0.113.9");
  CHECK(list.client_behind(lines{"[2001:db8::1]:4711"}) == "2001:db8::1");
  CHECK(list.client_behind(lines{"2001:DB8:0::1"}) == "2001:db8::1");
  CHECK(list.client_behind(lines{"10.0.0.9, 10.0.0.2"}) == "10.0.0.9");
  for (const std::string_view wrong : {"", "unknown", "203.0.113.9,", "1.2.3.4 x", "_hidden", "fe80::1%eth0"})
    CHECK(list.client_behind(lines{wrong}).empty());
  for (const std::string wrong : {"10.0.0.0/33", "fd00::/129", "10.0.0.0/", "10.0.0.0/8/8", "proxy", "1.2.3"})
    CHECK_FALSE(net::address_list::parse(wrong));
}
