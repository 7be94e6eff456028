// Requests that two programs could frame in two ways: refused, and what follows them on the connection is never served.
#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

#include "server_fixture.hpp"

using namespace usher;
using namespace usher::test;
using namespace std::string_literals;

namespace {

const std::string poison = "GET /livez HTTP/1.1\r\nHost: desk\r\nX-Request-Id: poison\r\n\r\n";

/// One refusal, and nothing after it.
void check_no_second_answer(const server_fixture& with, const std::string& bytes) {
  CAPTURE(bytes);
  auto client = with.client();
  client.send(bytes + poison);
  const auto first = client.read();
  REQUIRE(first);
  CHECK(first->status >= 400);
  CHECK(first->status < 500);
  CHECK(first->header("connection") == "close");
  CHECK(first->header("x-request-id") != "poison");
  CHECK_FALSE(client.read());
}

std::string post(const std::string& fields) {
  return "POST /api/support/tickets HTTP/1.1\r\nHost: desk\r\n" + fields + "\r\n";
}

}  // namespace

TEST_CASE("a transfer coding in any spelling is refused, with a length beside it and without") {
  server_fixture with;
  const std::string chunked = "5\r\nhello\r\n0\r\n\r\n";
  for (const auto& coding : {"Transfer-Encoding: chunked"s,
                             "transfer-encoding: CHUNKED"s,
                             "Transfer-Encoding:chunked"s,
                             "Transfer-Encoding:\tchunked"s,
                             "Transfer-Encoding: \t chunked \t"s,
                             "Transfer-Encoding: xchunked"s,
                             "Transfer-Encoding: chunked, identity"s,
                             "Transfer-Encoding: identity, chunked"s,
                             "Transfer-Encoding: \"chunked\""s,
                             "Transfer-Encoding: chunked;q=1"s,
                             "Transfer-Encoding: ch\xd5nked"s,
                             "Transfer-Encoding: cow"s,
                             "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"s,
                             "Transfer-Encoding : chunked"s,
                             "Transfer-Encoding\t: chunked"s,
                             "Transfer-Encoding\x0b: chunked"s,
                             " Transfer-Encoding: chunked"s,
                             "X: a\r\n Transfer-Encoding: chunked"s,
                             "X: a\nTransfer-Encoding: chunked"s,
                             "X: a\rTransfer-Encoding: chunked"s,
                             "Transfer-Encoding:\r\n chunked"s,
                             "Transfer-Encoding:\n chunked"s,
                             "Transfer-Encoding: chun\0ked"s,
                             "Transfer-Encoding\0: chunked"s,
                             "Transfer-Encoding"s}) {
    check_no_second_answer(with, post(coding + "\r\n") + chunked);
    check_no_second_answer(with, post(coding + "\r\nContent-Length: 4\r\n") + chunked);
    check_no_second_answer(with, post("Content-Length: 4\r\n" + coding + "\r\n") + chunked);
  }
  check_no_second_answer(with, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc");
}

TEST_CASE("a length that is not one plain number is refused") {
  server_fixture with;
  for (const auto& length : {"+5"s,
                             "-5"s,
                             "0x5"s,
                             "5 5"s,
                             "5,5"s,
                             "5, 6"s,
                             "5;"s,
                             "5.0"s,
                             "1e1"s,
                             "5_0"s,
                             "\"5\""s,
                             ""s,
                             "five"s,
                             "\xd9\xa5"s,
                             "5\0"s,
                             "18446744073709551616"s,
                             "18446744073709551621"s,
                             "4294967301\r\nContent-Length: 5"s,
                             "5\r\nContent-Length: 5"s,
                             "5\r\ncontent-length: 0"s,
                             "0\r\nContent-Length: 44"s,
                             "5\r\n 5"s,
                             "\r\n 5"s,
                             "5\rX: a"s})
    check_no_second_answer(with, post("Content-Length: " + length + "\r\n") + "hello");
  check_no_second_answer(with, post("Content-Length : 5\r\n") + "hello");
  check_no_second_answer(with, post("X: a\nContent-Length: 5\r\n") + "hello");
}

TEST_CASE("line breaks, folds, spaces and bytes that others might read otherwise are refused") {
  server_fixture with;
  const std::string rest = "Host: desk\r\n\r\n";
  for (const auto& bytes : {"GET / HTTP/1.1\n" + rest,
                            "GET / HTTP/1.1\r" + rest,
                            "GET  / HTTP/1.1\r\n" + rest,
                            "GET /\tHTTP/1.1\r\n" + rest,
                            "GET / HTTP/1.1 \r\n" + rest,
                            " GET / HTTP/1.1\r\n" + rest,
                            "GET /a b HTTP/1.1\r\n" + rest,
                            "GET / HTTP/1.2\r\n" + rest,
                            "GET / HTTP/2.0\r\n" + rest,
                            "GET / http/1.1\r\n" + rest,
                            "GET / HTTP/11\r\n" + rest,
                            "GET /\r\n" + rest,
                            "GET / HTTP/1.1\r\nX: a\r\n\tb\r\n" + rest,
                            "GET / HTTP/1.1\r\n X: a\r\n" + rest,
                            "GET / HTTP/1.1\r\n: a\r\n" + rest,
                            "GET / HTTP/1.1\r\nX\r\n" + rest,
                            "GET / HTTP/1.1\r\nX Y: a\r\n" + rest,
                            "GET / HTTP/1.1\r\nX(: a\r\n" + rest,
                            "GET / HTTP/1.1\r\nX: a\0b\r\n"s + rest,
                            "GET / HTTP/1.1\r\nX: a\rb\r\n" + rest,
                            "GET / HTTP/1.1\r\nX: a\nY: b\r\n" + rest,
                            "GET http://other/ HTTP/1.1\r\n" + rest,
                            "GET //other/livez\\ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"s,
                            "GET / HTTP/1.1\r\nHost: desk\r\nHost: desk\r\n\r\n"s,
                            "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"s,
                            "GET / HTTP/1.1\r\nHost: desk@evil\r\n\r\n"s,
                            "GET / HTTP/1.1\r\nHost: desk#\r\n\r\n"s})
    check_no_second_answer(with, bytes);
}

TEST_CASE("what only looks like framing is not framing: the length says where the next request begins") {
  server_fixture with;
  const auto header =
      "Authorization: Bearer " + with.token(domain::role::requester) + "\r\nContent-Type: application/json\r\n";
  for (const auto& name : {"Transfer_Encoding", "X-Transfer-Encoding", "Transfer-Encodin", "TE"}) {
    CAPTURE(name);
    const std::string body = R"({"subject":"a","body":"b"})";
    auto client = with.client();
    client.send(post(header + name + ": chunked\r\nContent-Length: " + std::to_string(body.size()) + "\r\n") + body +
                poison);
    const auto first = client.read();
    REQUIRE(first);
    CHECK(first->status == 201);
    const auto second = client.read();
    REQUIRE(second);
    CHECK(second->header("x-request-id") == "poison");
    CHECK(second->status == 200);
  }
}

TEST_CASE("a body of a GET, and a body that is refused, are not taken for requests") {
  server_fixture with;
  for (const auto* target : {"/livez", "/api/support/tickets", "/nowhere"}) {
    CAPTURE(target);
    auto client = with.client();
    client.send("GET "s + target + " HTTP/1.1\r\nHost: desk\r\nContent-Length: " + std::to_string(poison.size()) +
                "\r\n\r\n" + poison + "GET /version HTTP/1.1\r\nHost: desk\r\nX-Request-Id: after\r\n\r\n");
    REQUIRE(client.read());
    const auto next = client.read();
    if (next) CHECK(next->header("x-request-id") == "after");
  }
}

TEST_CASE("every shape cut at every byte is an answer or a closed connection, and never two answers") {
  server_fixture with;
  const auto whole = post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n";
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    CAPTURE(cut);
    auto client = with.client();
    client.send(whole.substr(0, cut));
    client.send(whole.substr(cut) + poison);
    const auto first = client.read();
    if (first) CHECK((first->status == 400 || first->status == 411));
    CHECK_FALSE(client.read());
  }
}
