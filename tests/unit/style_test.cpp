// The rules of the house that a grep can see: which library stays in which room, and how long a file may get.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

namespace fs = std::filesystem;

namespace {

constexpr std::size_t source_lines_max = 400;

struct source {
  std::string path;  ///< from the root of the tree
  std::vector<std::string> lines;

  [[nodiscard]] bool is_in(const std::string& folder) const { return path.starts_with(folder + "/"); }
};

std::vector<source> sources() {
  std::vector<source> all;
  fs::path root = USHER_SOURCE_TREE;
  for (const char* room :
       {"app", "domain", "classifier", "actors", "store", "net", "outbox", "metrics", "loadtest", "tests", "bench"}) {
    if (!fs::exists(root / room)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / room)) {
      auto kind = entry.path().extension();
      if (!entry.is_regular_file() || (kind != ".cpp" && kind != ".hpp")) continue;
      source read{entry.path().lexically_relative(root).string(), {}};
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) read.lines.push_back(line);
      all.push_back(std::move(read));
    }
  }
  return all;
}

/// Files outside `rooms` that include what `header` matches.
std::vector<std::string> strays(const std::string& header, const std::set<std::string>& rooms) {
  std::regex include(R"(^\s*#\s*include\s*[<"](?:)" + header + ")");
  std::vector<std::string> found;
  for (const auto& file : sources()) {
    bool allowed = false;
    for (const auto& room : rooms) allowed = allowed || file.is_in(room);
    if (allowed) continue;
    for (const auto& line : file.lines) {
      if (std::regex_search(line, include)) found.push_back(file.path + ": " + line);
    }
  }
  return found;
}

using none = std::vector<std::string>;

}  // namespace

TEST_CASE("style: the grep sees the tree, and finds what is there", "[style]") {
  CHECK(sources().size() > 40);
  CHECK_FALSE(strays("catch2/", {}).empty());
}

TEST_CASE("style: CAF stays in actors/", "[style]") {
  CHECK(strays("caf/", {"actors", "tests/actors", "tests/simulation"}) == none{});
}

TEST_CASE("style: libpq stays in store/", "[style]") {
  CHECK(strays("(?:postgresql/)?libpq", {"store", "tests"}) == none{});
}

TEST_CASE("style: Beast and Asio stay in net/", "[style]") {
  CHECK(strays("boost/(?:beast|asio)", {"net", "loadtest", "bench", "tests"}) == none{});
}

TEST_CASE("style: simdjson stays in net/", "[style]") {
  CHECK(strays("simdjson", {"net", "loadtest", "tests"}) == none{});
}

TEST_CASE("style: zlib stays in net/", "[style]") { CHECK(strays("zlib", {"net", "tests"}) == none{}); }

TEST_CASE("style: prometheus-cpp stays in metrics/", "[style]") {
  CHECK(strays("prometheus/", {"metrics", "tests"}) == none{});
}

TEST_CASE("style: libcurl stays in outbox/", "[style]") { CHECK(strays("curl/", {"outbox"}) == none{}); }

TEST_CASE("style: domain knows nobody", "[style]") {
  for (const auto& file : sources()) {
    if (!file.is_in("domain")) continue;
    for (const auto& line : file.lines) {
      if (!line.starts_with("#include \"")) continue;
      CAPTURE(file.path, line);
      CHECK(line.starts_with("#include \"domain/"));
    }
  }
}

TEST_CASE("style: net sees of actors the gateway only, and nothing of the store", "[style]") {
  for (const auto& file : sources()) {
    if (!file.is_in("net")) continue;
    for (const auto& line : file.lines) {
      if (!line.starts_with("#include \"")) continue;
      CAPTURE(file.path, line);
      CHECK_FALSE(line.starts_with("#include \"store/"));
      CHECK((!line.starts_with("#include \"actors/") || line == "#include \"actors/gateway.hpp\""));
    }
  }
}

TEST_CASE("style: no file is too long", "[style]") {
  for (const auto& file : sources()) {
    CAPTURE(file.path);
    CHECK(file.lines.size() <= source_lines_max);
  }
}

TEST_CASE("style: every header guards itself once", "[style]") {
  for (const auto& file : sources()) {
    if (!file.path.ends_with(".hpp")) continue;
    CAPTURE(file.path);
    CHECK(std::count(file.lines.begin(), file.lines.end(), "#pragma once") == 1);
  }
}
