// `usher retrain`: the model learns from what people have corrected, or stays.
#include <array>
#include <filesystem>
#include <fstream>

#include <catch2/catch_test_macros.hpp>

#include "tests/support/child_process.hpp"
#include "tests/support/desk.hpp"

using namespace usher::test;
namespace fs = std::filesystem;

namespace {

finished retrain(const fs::path& data, std::vector<std::string> more = {}) {
  std::vector<std::string> command{USHER_BINARY, "retrain", "--quiet", "--data", data.string()};
  command.insert(command.end(), more.begin(), more.end());
  return run(command, std::chrono::minutes{8});
}

const std::string corpus = std::string(USHER_TEST_DATA) + "/corpus/tickets.jsonl";

/// What this desk calls by a word of its own, which no shipped model can know.
std::string text_of(int i) {
  static constexpr std::array names{"Anna", "Bea", "Carla", "Dora", "Elsa", "Frida"};
  return "The zwirbelkranz of " + std::string(names.at(static_cast<std::size_t>(i) % names.size())) +
         " is not as it was, number " + std::to_string(i) + ". Could you look at the zwirbelkranz?";
}

}  // namespace

TEST_CASE("retrain: corrections teach, the old model is kept, and both ways need a restart only", "[retrain]") {
  desk d;
  const auto data = d.server.data();
  auto customer = d.customer();
  auto agent = d.as("agent");

  const auto early = retrain(data, {corpus});
  CAPTURE(early.out, early.err);
  CHECK(early.code == 3);  // nobody has corrected anything
  CHECK_FALSE(fs::exists(data / "model.bin"));
  CHECK(retrain(data, {"--revert"}).code == 1);
  CHECK(retrain(data).code != 0);  // without files

  for (int i = 0; i < 60; ++i) {
    auto created = customer.post(tickets_path, R"({"subject":"Zwirbelkranz","body":")" + text_of(i) + "\"}");
    REQUIRE(created.status == 201);
    const json t(created.body);
    if (t.text("/category") == "registry_gifts") continue;
    auto changed = agent.put(path_of(t.text("/id")), R"({"category":"registry_gifts"})");
    REQUIRE(changed.status == 200);
  }
  const std::string question = R"({"subject":"Zwirbelkranz","body":"Where is our zwirbelkranz?"})";
  const auto ask = [&] {
    auto by = d.as("agent");
    auto answer = by.post("/api/support/ai/categorize", question);
    REQUIRE(answer.status == 200);
    return json(answer.body).text("/category");
  };
  const auto before = ask();
  REQUIRE(before != "registry_gifts");

  const auto done = retrain(data, {corpus});
  CAPTURE(done.out, done.err);
  REQUIRE(done.code == 0);
  CHECK(fs::exists(data / "model.bin"));
  CHECK(ask() == before);  // the running desk goes by what it has
  CHECK(d.server.stop() == 0);
  d.server.start();
  CHECK(ask() == "registry_gifts");

  CHECK(retrain(data, {"--revert"}).code == 0);
  CHECK(d.server.stop() == 0);
  d.server.start();
  CHECK(ask() == before);
}

TEST_CASE("retrain: a damaged model of the desk's own keeps no server from starting", "[retrain]") {
  desk d;
  CHECK(d.server.stop() == 0);
  std::ofstream(d.server.data() / "model.bin") << "no model";
  d.server.start();
  auto by = d.as("agent");
  CHECK(
      by.post("/api/support/ai/categorize", R"({"subject":"RSVP","body":"Guests can't send the RSVP form."})").status ==
      200);
  CHECK(d.server.log().contains("model.bin"));
}
