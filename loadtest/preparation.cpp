#include "loadtest/preparation.hpp"

#include <stdexcept>

#include "domain/json_writer.hpp"
#include "loadtest/workplace.hpp"

namespace usher::load {

namespace {

/// Whoever mistypes an address should not have to wait long.
constexpr std::chrono::seconds give_up_after{10};

http_response must(std::expected<http_response, std::string> answer) {
  if (!answer) throw std::runtime_error(answer.error());
  return std::move(*answer);
}

/// One in four knows wedding days.
std::string agent_body(const crowd_member& who, std::string_view role, std::size_t number) {
  std::string body;
  domain::json_writer w(body);
  w.begin_object();
  w.member("id", who.sub);
  w.member("name", who.sub);
  w.member("role", role);
  w.member("capacity", 500);
  w.member("wedding_specialist", number % 4 == 0);
  w.end_object();
  return body;
}

bool enter(workplace& at, const actor& admin, const std::vector<crowd_member>& people, std::string_view role) {
  for (std::size_t i = 0; i < people.size(); ++i) {
    auto answer = must(at.desk.call({"POST", "/api/support/agents", admin.token, {}, agent_body(people[i], role, i)}));
    if (answer.status == 404 || answer.status == 405) return false;
    if (!answer.ok() && answer.status != 409)
      throw std::runtime_error("POST /api/support/agents: " + std::to_string(answer.status) + " " + answer.body);
    auto online = "/api/support/agents/" + people[i].sub + "/presence";
    must(at.desk.call({"PUT", online, people[i].token, {}, R"({"status":"online"})"}));
  }
  return true;
}

}  // namespace

std::string organization_body(std::string_view name, std::string_view tier) {
  std::string body;
  domain::json_writer w(body);
  w.begin_object();
  w.member("name", name);
  w.member("tier", tier);
  w.member("time_zone", "Europe/Paris");
  w.end_object();
  return body;
}

void make_organizations(const target& where, const crowd& people) {
  api_counts counts;
  workplace at(where, {.total_max = give_up_after}, counts);
  for (const auto& o : people.organizations) {
    auto path = "/api/support/organizations/" + o.id;
    if (must(at.desk.get(path, people.admin.token)).status == 200) continue;
    auto answer = must(at.desk.call({"PUT", path, people.admin.token, {}, organization_body(o.name, o.tier)}));
    if (!answer.ok())
      throw std::runtime_error("PUT " + path + ": " + std::to_string(answer.status) + " " +
                               at.reader.problem_code(answer.body));
  }
}

bool register_agents(const target& where, const crowd& people) {
  api_counts counts;
  workplace at(where, {.total_max = give_up_after}, counts);
  return enter(at, people.admin, people.agents, "agent") && enter(at, people.admin, people.supervisors, "supervisor") &&
         enter(at, people.admin, people.managers, "manager");
}

}  // namespace usher::load
