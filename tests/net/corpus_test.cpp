// llhttp's requests, good and bad: each gets an answer or a closed connection, and the server lives on.
#include <fstream>
#include <sstream>

#include <catch2/catch_test_macros.hpp>

#include "net/base64url.hpp"
#include "net/json_reader.hpp"
#include "server_fixture.hpp"

using namespace usher;
using test::server_fixture;

TEST_CASE("every request of llhttp's is answered or cut") {
  server_fixture with;
  std::ifstream file(std::string(USHER_TEST_DATA) + "/http/llhttp_requests.json");
  std::ostringstream text;
  text << file.rdbuf();
  net::json_reader reader;
  const auto document = reader.read(text.str());
  REQUIRE(document);
  int count = 0;
  for (const auto& vector : *(*document)->find("vectors")) {
    std::string bytes;
    REQUIRE(net::decode_base64url(vector.find("bytes")->text, bytes));
    CAPTURE(vector.find("name")->text, vector.find("title")->text);
    for (const std::size_t part : {bytes.size(), std::size_t{7}}) {
      auto client = with.client();
      for (std::size_t at = 0; at < bytes.size(); at += part)
        if (!client.send(std::string_view(bytes).substr(at, part))) break;
      client.finish_sending();
      while (const auto got = client.read(bytes.starts_with("HEAD"))) {
        CHECK(got->status >= 200);
        CHECK(got->status < 505);
      }
      CHECK(client.is_closed());
    }
    ++count;
  }
  CHECK(count > 150);
  auto client = with.client();
  CHECK(client.ask("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")->status == 200);
}
