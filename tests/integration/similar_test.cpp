// Similar tickets and suspected incidents, through a whole desk.
#include "tests/integration/http_checks.hpp"
#include "tests/support/poll.hpp"

using namespace usher::test;

namespace {

std::string texts(const std::string& subject, const std::string& body) {
  return R"({"subject":)" + json_string(subject) + R"(,"body":)" + json_string(body) + "}";
}

/// A ticket with this text; finished when `by` is given.
std::string add(person& customer, const std::string& subject, const std::string& body, person* by = nullptr) {
  auto id = must(customer.post(tickets_path, texts(subject, body)), 201).text("/id");
  if (by != nullptr) must(by->patch(path_of(id), R"({"status":"resolved"})"), 200);
  return id;
}

std::vector<std::string> ids(const json& answer, std::string_view list = "/similar") {
  std::vector<std::string> out;
  for (const auto& each : answer.items(list)) out.push_back(each.text("/id"));
  return out;
}

std::string organization(int n) {
  const auto digits = std::to_string(n);
  return "0197a000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

/// A ticket of this category from each of the organizations from `from` on.
void write_in(desk& d, std::string_view category, int organizations, int from) {
  for (int n = from; n < from + organizations; ++n) {
    auto customer = d.customer(organization(n));
    (void)create(customer, "It does not work", R"(,"category":")" + std::string(category) + "\"");
  }
}

}  // namespace

TEST_CASE("similar: the finished tickets of the same organization that are most alike, and the public articles") {
  desk d;
  auto ours = d.customer(org_a);
  auto theirs = d.customer(org_b);
  auto agent = d.as("agent");
  auto narrowed = d.as("agent", "", org_a);
  auto supervisor = d.as("supervisor");
  const std::string subject = "Gallery uploads fail on the seating chart";
  const std::string body = "Photographs of the seating chart can't be uploaded to the gallery since yesterday.";
  const auto alike = add(ours, subject, body, &agent);
  const auto less = add(ours, "Photographs look blurred", "The photographs in the gallery are not sharp.", &agent);
  const auto other = add(ours, "Invoice for the deposit", "Please send the receipt of our payment again.", &agent);
  const auto open = add(ours, subject, body);
  const auto foreign = add(theirs, subject, body, &agent);
  const auto dropped = add(ours, subject, body, &agent);
  must(supervisor.post("/api/support/kb/articles",
                       R"({"title":"Gallery uploads","body":"When photographs fail to upload.","published":true})"),
       201);
  must(supervisor.post("/api/support/kb/articles",
                       R"({"title":"Gallery uploads, a draft","body":"When photographs fail to upload."})"),
       201);
  CHECK(d.as("manager").remove(path_of(dropped)).status == 204);

  SECTION("of a ticket") {
    auto seen = must(ours.get(path_of(open) + "?include=similar"), 200);
    CHECK(seen.text("/id") == open);
    REQUIRE(!seen.items("/similar").empty());
    CHECK(seen.text("/similar/0/id") == alike);
    CHECK(seen.text("/similar/0/subject") == subject);
    CHECK(seen.number("/similar/0/number") > 0);
    CHECK(seen.real("/similar/0/score") == 1.0);
    for (const auto& id : ids(seen)) CHECK((id == alike || id == less));
    CHECK_FALSE(must(ours.get(path_of(open)), 200).has("/similar"));
    // Not itself.
    for (const auto& id : ids(must(agent.get(path_of(alike) + "?include=similar"), 200))) CHECK(id == less);
    // Whoever sees both organizations is shown the ticket's.
    CHECK(ids(must(agent.get(path_of(foreign) + "?include=similar"), 200)).empty());
    CHECK(problem(theirs.get(path_of(open) + "?include=similar")) == 404);
    CHECK(problem(ours.get(path_of(open) + "?include=messages")) == 400);
    CHECK(problem(ours.get(path_of(open) + "?include=")) == 400);
  }
  SECTION("of a text, or of a ticket that is named") {
    auto named = must(agent.post("/api/support/ai/categorize", R"({"ticket_id":")" + open + "\"}"), 200);
    CHECK(ids(named).front() == alike);
    for (const auto& id : ids(named)) CHECK((id == alike || id == less));
    REQUIRE(named.items("/articles").size() == 1);
    CHECK(named.text("/articles/0/title") == "Gallery uploads");

    auto of_all = ids(must(agent.post("/api/support/ai/categorize", texts(subject, body)), 200));
    CHECK(std::ranges::count(of_all, alike) == 1);
    CHECK(std::ranges::count(of_all, foreign) == 1);
    CHECK(std::ranges::count(of_all, other) == 0);
    auto of_one = ids(must(narrowed.post("/api/support/ai/categorize", texts(subject, body)), 200));
    CHECK(std::ranges::count(of_one, alike) == 1);
    CHECK(std::ranges::count(of_one, foreign) == 0);

    auto nothing = must(agent.post("/api/support/ai/categorize", texts("?", "!! ' & | :* \\")), 200);
    CHECK(nothing.items("/similar").empty());
    CHECK(nothing.items("/articles").empty());
  }
}

TEST_CASE("incident: ten organizations make one alert, nine make none") {
  desk d;
  auto agent = d.as("agent");
  write_in(d, "guest_data", 9, 1);
  write_in(d, "general_question", 11, 1);
  write_in(d, "rsvp", 13, 1);
  // Alerts are stored in the order in which they are raised: with this one all others are there.
  write_in(d, "media_gallery", 10, 1);
  const std::string alerts = "/api/support/alerts?kind=incident_suspected";
  auto told = [&](std::string_view category) {
    int out = 0;
    for (const auto& alert : must(agent.get(alerts), 200).items("/data"))
      out += alert.text("/detail").find(" about " + std::string(category) + " since ") != std::string::npos ? 1 : 0;
    return out;
  };
  REQUIRE(wait_until([&] { return told("media_gallery") == 1; }, 60s));
  CHECK(told("rsvp") == 1);
  CHECK(must(agent.get(alerts), 200).items("/data").size() == 2);
  const auto alert = must(agent.get(alerts), 200).items("/data").at(1);
  CHECK(alert.text("/level") == "critical");
  CHECK(alert.text("/detail").starts_with("10 tickets of 10 organizations about rsvp since "));
  CHECK(alert.is_null("/organization_id"));
}
