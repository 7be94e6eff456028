// A whole desk for one test: a data directory, a server on it, and people who talk to it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/http_client.hpp"
#include "tests/support/json.hpp"
#include "tests/support/pg.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/tokens.hpp"

namespace usher::test {

/// One person with one connection. Not thread-safe. A request that gets no answer throws; a server's refusal does not.
class person {
 public:
  person(endpoint where, std::string token, std::chrono::milliseconds time_limit = std::chrono::seconds{20})
      : client_(std::move(where), time_limit), token_(std::move(token)) {}

  http_response get(std::string_view target, const header_list& headers = {}) {
    return ask("GET", target, "", headers);
  }
  http_response post(std::string_view target, std::string_view body, const header_list& headers = {}) {
    return ask("POST", target, body, headers);
  }
  http_response put(std::string_view target, std::string_view body, const header_list& headers = {}) {
    return ask("PUT", target, body, headers);
  }
  http_response patch(std::string_view target, std::string_view body, const header_list& headers = {}) {
    return ask("PATCH", target, body, headers);
  }
  http_response remove(std::string_view target, const header_list& headers = {}) {
    return ask("DELETE", target, "", headers);
  }
  /// Like the others, but a cut connection is an answer too.
  [[nodiscard]] std::expected<http_response, std::string> try_ask(std::string_view method, std::string_view target,
                                                                  std::string_view body,
                                                                  const header_list& headers = {});

 private:
  http_response ask(std::string_view method, std::string_view target, std::string_view body,
                    const header_list& headers);

  http_client client_;
  std::string token_;
};

inline constexpr std::string_view tickets_path = "/api/support/tickets";

/// Organizations that every test may use; they exist from the first ticket of a requester on.
inline const std::string org_a = "0197a000-0000-7000-8000-00000000000a";
inline const std::string org_b = "0197a000-0000-7000-8000-00000000000b";

/// Started on a copy of a migrated data directory, which costs less than a database of its own.
class desk {
 public:
  explicit desk(std::vector<std::string> arguments = {});
  /// On another database than the embedded one, which the server is told by `--database`.
  explicit desk(const std::string& external_database);

  [[nodiscard]] person as(const std::string& role, const std::string& sub = "", const std::string& organization = "");
  [[nodiscard]] person customer(const std::string& organization = org_a) { return as("requester", "", organization); }
  [[nodiscard]] std::string token(const std::string& role, const std::string& sub, const std::string& organization) {
    return tokens_.of(role, sub, organization);
  }
  /// The desk's database as its superuser; it has to be up.
  [[nodiscard]] std::unique_ptr<pg> database() const;

 private:
  temp_dir dir_;
  std::string external_database_;

 public:
  server_process server;

 private:
  tokens tokens_;
};

[[nodiscard]] std::string path_of(const std::string& id, std::string_view rest = "");

/// Creates a ticket with a subject and fails loudly when that is refused.
[[nodiscard]] json create(person& by, const std::string& subject, const std::string& more = "");

/// All items of a list, page by page.
[[nodiscard]] std::vector<json> walk(person& by, const std::string& target, int limit = 100);

}  // namespace usher::test
