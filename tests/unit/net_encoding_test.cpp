// gzip of responses (contract, section 2): who takes it, and what is worth it.
#include <catch2/catch_test_macros.hpp>

#include "net/gzip_writer.hpp"
#include "net/head_parser.hpp"
#include "net/response_writer.hpp"

using namespace usher::net;

namespace {

bool takes_gzip(std::string_view header) {
  accepted_codings codings;
  codings.add(header);
  return codings.prefers_gzip();
}

response with_body(std::string body, std::string_view type = json_content) {
  response out;
  out.content_type = type;
  out.body = std::move(body);
  return out;
}

}  // namespace

TEST_CASE("encoding: gzip when the client accepts it, and prefers it", "[net]") {
  for (const auto* yes :
       {"gzip", "GZip", "x-gzip", "br, gzip", "gzip;q=0.001", "gzip ; Q=1.000", "*", "deflate,*;q=0.5",
        "gzip;q=0.5, identity;q=0.5", "br;q=1.0, gzip;q=0.8, *;q=0.1", ",gzip,,", "identity;q=0, *"}) {
    CAPTURE(yes);
    CHECK(takes_gzip(yes));
  }
  for (const auto* no : {"", "identity", "br", "gzip;q=0", "gzip;q=0.000", "*;q=0", "gzip;q=0, *",
                         "gzip;q=0.4, identity", "gzip;q=2", "gzip;q=1.001", "gzip;q=0.1234", "gzip;q=", "gzip;x=1",
                         "gzip;q=.5", "gzipped", "identity;q=1, *;q=0.5", "gzip;q=1;x"}) {
    CAPTURE(no);
    CHECK_FALSE(takes_gzip(no));
  }
}

TEST_CASE("encoding: a header that comes twice is one list", "[net]") {
  request_head head;
  REQUIRE(parse_head("GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\naccept-encoding: gzip\r\n\r\n", head));
  CHECK(head.codings.prefers_gzip());
  head = {};
  REQUIRE(parse_head("GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip;q=0.5\r\nAccept-Encoding: identity\r\n\r\n",
                     head));
  CHECK_FALSE(head.codings.prefers_gzip());
}

TEST_CASE("encoding: bodies of 1 KiB and streams of events go out as they are", "[net]") {
  const std::string long_enough(1025, 'a');
  CHECK(is_compressible(with_body(long_enough)));
  CHECK(is_compressible(with_body(long_enough, problem_content)));
  CHECK(is_compressible(with_body(long_enough, "text/html; charset=utf-8")));
  CHECK_FALSE(is_compressible(with_body(std::string(1024, 'a'))));
  CHECK_FALSE(is_compressible(with_body(long_enough, "text/event-stream")));
  CHECK_FALSE(is_compressible(with_body(long_enough, "image/png")));
  auto encoded = with_body(long_enough);
  add_header(encoded, "Content-Encoding", "br");
  CHECK_FALSE(is_compressible(encoded));
}

TEST_CASE("encoding: what would not shrink stays", "[net]") {
  gzip_writer gzip;
  std::string noise;
  for (std::uint64_t i = 0, x = 1; i < 2000; ++i) {
    x = x * 6364136223846793005ULL + 1442695040888963407ULL;
    noise += static_cast<char>(x >> 56U);
  }
  auto what = with_body(noise);
  gzip.compress(what);
  CHECK(what.body == noise);
  CHECK(what.headers.empty());
}

TEST_CASE("encoding: every answer that has a body, or stands for one, varies with it", "[net]") {
  for (const auto& [status, varies] : {std::pair{200, true}, {201, true}, {204, false}, {304, true}, {404, true}}) {
    CAPTURE(status);
    response what;
    what.status = status;
    std::string out;
    write_response(out, what, {.request_id = "id", .date = "now"});
    CHECK((out.find("\r\nVary: Accept-Encoding\r\n") != std::string::npos) == varies);
  }
}

TEST_CASE("encoding: RateLimit fields name the policies that were asked", "[net]") {
  response_frame frame{.request_id = "id", .date = "now"};
  std::string out;
  write_response(out, response{}, frame);
  CHECK(out.find("RateLimit") == std::string::npos);
  frame.caller_rate = {100, 7};
  out.clear();
  write_response(out, response{}, frame);
  CHECK(out.find("RateLimit: \"caller\";r=7;t=1\r\nRateLimit-Policy: \"caller\";q=100;w=1\r\n") != std::string::npos);
  frame.organization_rate = {1000, 0};
  out.clear();
  write_response(out, response{}, frame);
  CHECK(out.find("RateLimit: \"caller\";r=7;t=1, \"organization\";r=0;t=1\r\n"
                 "RateLimit-Policy: \"caller\";q=100;w=1, \"organization\";q=1000;w=1\r\n") != std::string::npos);
}
