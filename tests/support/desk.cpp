#include "tests/support/desk.hpp"

#include <stdexcept>

#include "tests/support/template_data.hpp"

namespace usher::test {

std::expected<http_response, std::string> person::try_ask(std::string_view method, std::string_view target,
                                                          std::string_view body, const header_list& headers) {
  header_list all = headers;
  if (!token_.empty()) all.emplace_back("Authorization", "Bearer " + token_);
  if (!body.empty()) all.emplace_back("Content-Type", "application/json");
  return client_.send(method, target, all, body);
}

http_response person::ask(std::string_view method, std::string_view target, std::string_view body,
                          const header_list& headers) {
  auto answer = try_ask(method, target, body, headers);
  if (!answer) throw std::runtime_error(std::string(method) + " " + std::string(target) + ": " + answer.error());
  return *answer;
}

desk::desk(std::vector<std::string> arguments)
    : server(
          [this] {
            copy_template_data(dir_.path() / "data");
            return dir_.path() / "data";
          }(),
          std::move(arguments)),
      tokens_(server.data()) {
  server.start();
}

desk::desk(const std::string& external_database)
    : external_database_(external_database),
      server(dir_.path() / "data", {"--database", external_database}),
      tokens_(server.data()) {
  server.start();
}

std::unique_ptr<pg> desk::database() const {
  return std::make_unique<pg>(external_database_.empty() ? embedded_database(server.data()) : external_database_);
}

person desk::as(const std::string& role, const std::string& sub, const std::string& organization) {
  return {server.where(), tokens_.of(role, sub.empty() ? "the-" + role : sub, organization)};
}

std::string path_of(const std::string& id, std::string_view rest) {
  return std::string(tickets_path) + "/" + id + std::string(rest);
}

json create(person& by, const std::string& subject, const std::string& more) {
  auto answer =
      by.post(tickets_path, "{\"subject\":" + json_string(subject) + ",\"body\":\"Please help.\"" + more + "}");
  if (answer.status != 201) throw std::runtime_error("create: " + std::to_string(answer.status) + " " + answer.body);
  return json(answer.body);
}

std::vector<json> walk(person& by, const std::string& target, int limit) {
  std::vector<json> all;
  std::string base = target + (target.find('?') == std::string::npos ? "?" : "&") + "limit=" + std::to_string(limit);
  std::string next = base;
  while (true) {
    auto answer = by.get(next);
    if (answer.status != 200) throw std::runtime_error(next + ": " + std::to_string(answer.status) + answer.body);
    json page(answer.body);
    for (auto& item : page.items("/data")) all.push_back(item);
    if (!page.truth("/has_more")) return all;
    next = base + "&cursor=" + page.text("/next_cursor");
  }
}

}  // namespace usher::test
