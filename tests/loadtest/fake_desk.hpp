// A desk of a few routes, that can be told to forget.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include <openssl/evp.h>

#include "domain/ids.hpp"
#include "tests/loadtest/measured_server.hpp"

namespace usher::test {

/// Answers as the contract says, as far as the harness looks. Shared with a measured server's thread.
class fake_desk {
 public:
  /// Every so many-th ticket and message is acknowledged, and gone; 0: none.
  explicit fake_desk(std::uint64_t forgets_every = 0) : forgets_every_(forgets_every) {}

  measured_answer operator()(const measured_request& r) {
    std::scoped_lock guard(mutex_);
    auto path = r.target.substr(0, r.target.find('?'));
    if (path == "/metrics") return {.body = "usher_http_requests_total{route=\"x\",status=\"200\"} 1\n"};
    if (path.starts_with("/api/support/organizations/")) return {.status = r.method == "GET" ? 404 : 201};
    if (path.ends_with("/messages")) return messages(r, path);
    if (path == "/api/support/tickets" && r.method == "POST") return create(r);
    auto found = tickets_.find(path.substr(path.rfind('/') + 1));
    if (found != tickets_.end()) return {.body = found->second};
    return {.status = 404, .body = R"({"code":"not_found"})"};
  }

  [[nodiscard]] std::uint64_t forgotten() const {
    std::scoped_lock guard(mutex_);
    return forgotten_;
  }

 private:
  /// The claim `org` of a token.
  static std::string organization(const std::string& token) {
    auto from = token.find('.') + 1;
    auto part = token.substr(from, token.find('.', from) - from);
    for (auto& c : part) c = c == '-' ? '+' : c == '_' ? '/' : c;
    while (part.size() % 4 != 0) part += '=';
    std::string out(part.size(), '\0');
    EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(part.data()),
                    static_cast<int>(part.size()));
    auto at = out.find("\"org\":\"");
    return at == std::string::npos ? std::string() : out.substr(at + 7, 36);
  }

  [[nodiscard]] bool forgets() {
    bool now = forgets_every_ != 0 && ++written_ % forgets_every_ == 0;
    forgotten_ += now ? 1 : 0;
    return now;
  }

  measured_answer create(const measured_request& r) {
    auto id = domain::to_string(domain::new_uuid_v7());
    auto ticket = R"({"id":")" + id + R"(","number":1,"organization_id":")" + organization(r.token) +
                  R"(","tier":"FREE","requester_id":"x","subject":"s","body":"b","status":"open","priority":"low",)" +
                  R"("version":1,"created_at":"2026-06-13T19:00:00.000Z"})";
    if (!forgets()) tickets_[id] = ticket;
    return {.status = 201, .body = ticket};
  }

  measured_answer messages(const measured_request& r, const std::string& path) {
    auto& thread = threads_[path];
    if (r.method == "GET") return {.body = "{\"data\":[" + thread + "],\"has_more\":false,\"next_cursor\":null}"};
    auto message = R"({"id":")" + domain::to_string(domain::new_uuid_v7()) +
                   R"(","author":{"id":"x","role":"agent"},"body":"b","visibility":"public"})";
    if (!forgets()) thread += (thread.empty() ? "" : ",") + message;
    return {.status = 201, .body = message};
  }

  const std::uint64_t forgets_every_;
  mutable std::mutex mutex_;
  std::uint64_t written_ = 0;
  std::uint64_t forgotten_ = 0;
  std::map<std::string, std::string> tickets_;
  std::map<std::string, std::string> threads_;
};

}  // namespace usher::test
