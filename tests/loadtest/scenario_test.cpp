// Scenario files: what is shipped is good, and mistakes are named.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "loadtest/crowd.hpp"
#include "loadtest/steps.hpp"

using namespace usher::load;
using Catch::Matchers::ContainsSubstring;
using namespace std::chrono_literals;

namespace {

constexpr const char* good = R"(
[[stages]]
duration = "1s"
rate = 1
[[journeys]]
name = "a"
steps = [{ do = "create" }]
)";

std::string complaint(const std::string& text) {
  try {
    (void)parse_scenario(text, "test");
  } catch (const std::runtime_error& problem) {
    return problem.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("scenario: the five that are promised are shipped, and can be read") {
  for (const char* name : {"smoke", "wedding-saturday", "peak-season", "soak", "breakpoint"}) {
    CAPTURE(name);
    auto what = load_scenario(name);
    CHECK_FALSE(what.description.empty());
    CHECK_FALSE(what.thresholds.empty());
    CHECK(what.duration() >= 30s);
  }
  CHECK(shipped_scenarios().size() == 5);
}

TEST_CASE("scenario: the Saturday has the wall at ten times the morning, and 5,000 who write within a minute") {
  auto what = load_scenario("wedding-saturday");
  CHECK(what.stages[2].to == 10 * what.stages[0].to);
  REQUIRE(what.bursts.size() == 1);
  CHECK(what.bursts[0].count == 5000);
  CHECK(what.bursts[0].within == 60s);
  CHECK(what.cast.customers >= 5000);
  CHECK(what.journeys[what.bursts[0].journey].category == "website_outage");
}

TEST_CASE("scenario: every kind of step can be written, and has its rule") {
  for (std::size_t k = 0; k < actions; ++k) {
    auto kind = static_cast<action>(k);
    CAPTURE(to_word(kind));
    std::string step = "{ do = \"" + std::string(to_word(kind)) + "\"";
    if (kind == action::request) step += ", target = \"/\"";
    auto what = parse_scenario(
        "[[stages]]\nduration = \"1s\"\nrate = 1\n[[journeys]]\nname = \"a\"\nsteps = [" + step + " }]\n", "test");
    CHECK(what.journeys[0].steps[0].kind == kind);
    CHECK_FALSE(what.journeys[0].steps[0].expect.empty());
  }
}

TEST_CASE("scenario: mistakes are told with their place") {
  CHECK(complaint(good) == "none");
  CHECK_THAT(complaint(""), ContainsSubstring("there are no stages"));
  CHECK_THAT(complaint("x ="), ContainsSubstring("scenario test: ") && ContainsSubstring("line 1"));
  CHECK_THAT(complaint("desciption = \"x\"\n" + std::string(good)), ContainsSubstring("desciption is no key"));
  CHECK_THAT(complaint(std::string(good) + "weigth = 2\n"), ContainsSubstring("journeys[1].weigth is no key"));
  CHECK_THAT(complaint("[[stages]]\nduration = \"1\"\nrate = 1\n"),
             ContainsSubstring("stages[1].duration is not a dura"));
  CHECK_THAT(complaint("[[stages]]\nduration = \"1s\"\nrate = -1\n"),
             ContainsSubstring("stages[1].rate is not a number"));
  CHECK_THAT(complaint("[[stages]]\nduration = \"1s\"\n"), ContainsSubstring("stages[1].rate is missing"));
  CHECK_THAT(complaint("thresholds = [\"lost = 0\"]\n" + std::string(good)),
             ContainsSubstring("expected a comparison"));
  CHECK_THAT(complaint("[cast]\nagents = 0\n[[stages]]\nduration = \"1s\"\nrate = 1\n[[journeys]]\nname = \"a\"\n"
                       "who = \"agent\"\nsteps = [{ do = \"list\" }]\n"),
             ContainsSubstring("needs people of the role agent"));
  CHECK_THAT(complaint(std::string(good) + "[[bursts]]\nat = \"0s\"\nwithin = \"2s\"\ncount = 1\njourney = \"a\"\n"),
             ContainsSubstring("go beyond the last stage"));
  CHECK_THAT(complaint(std::string(good) + "[[bursts]]\nat = \"0s\"\ncount = 1\njourney = \"z\"\n"),
             ContainsSubstring("bursts[1].journey names none: z"));
}

TEST_CASE("crowd: customers are dealt with a heavy tail, and everybody is somebody") {
  cast_plan plan;
  plan.organizations = 50;
  plan.customers = 5000;
  plan.tail = 1;
  auto people = make_crowd(plan, nullptr, 3);
  REQUIRE(people.customers.size() == 5000);
  std::size_t sum = 0;
  for (const auto& o : people.organizations) {
    CHECK(o.customers >= 1);
    sum += o.customers;
  }
  CHECK(sum == 5000);
  CHECK(people.organizations[0].customers > 800);
  CHECK(people.organizations[0].customers > 5 * people.organizations[20].customers);
  auto again = make_crowd(plan, nullptr, 3);
  CHECK(again.organizations[7].id == people.organizations[7].id);
  CHECK(again.customers[4321].organization == people.customers[4321].organization);
}

TEST_CASE("durations: read as people write them") {
  CHECK(parse_duration("250us") == 250us);
  CHECK(parse_duration("1.5s") == 1500ms);
  CHECK(parse_duration("2m") == 2min);
  CHECK(parse_duration("1h") == 1h);
  for (const char* bad : {"", "5", "s", "-1s", "1d", "1 s", "1e9h", "nans"}) CHECK_FALSE(parse_duration(bad));
}
