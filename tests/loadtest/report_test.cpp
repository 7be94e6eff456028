// The report, looked at in a real browser.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "loadtest/run_report.hpp"
#include "tests/loadtest/fake_desk.hpp"
#include "tests/loadtest/small_run.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/json.hpp"
#include "tests/support/temp_dir.hpp"

using namespace usher::load;
using namespace usher::test;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

/// A run with everything that the page shows: refusals, failures, a stall, what the server says, a limit, something
/// lost.
run_result eventful() {
  std::uint64_t scrapes = 0;
  measured_server server([&](const measured_request& r, std::uint64_t n) -> measured_answer {
    if (r.target == "/metrics") {
      auto count = std::to_string(100 * ++scrapes);
      return {.body = "usher_http_requests_total{route=\"x\",status=\"200\"} " + count +
                      "\nusher_tickets_created_total{tier=\"FREE\"} " + count +
                      "\nusher_http_request_duration_seconds_bucket{le=\"0.1\"} " + count +
                      "\nusher_http_request_duration_seconds_bucket{le=\"+Inf\"} " + count +
                      "\nprocess_resident_memory_bytes 25000000\nprocess_cpu_seconds_total " + std::to_string(scrapes) +
                      "\nusher_sla_breaches_total 3\nusher_store_queue_depth 4\n"};
    }
    if (n % 17 == 0) return {.status = 503};
    if (n % 23 == 0) return {.status = 500};
    return {.delay = std::chrono::milliseconds{n % 11}, .stall = n == 150 ? 300ms : 0ms};
  });
  auto load =
      steady_load("/x", 100, "4s", "description = \"a </script> & <b>bold</b> one\"\nthresholds = [\"errors < 1%\"]");
  load.replace(load.find("metrics = \"\""), 12, "metrics = \"/metrics\"");
  auto r = play(server, load);
  r.limit = giving_way{3, 100, 90, 88, "errors < 1%", 0.04, true};
  verification v;
  v.tickets = 10;
  r.total.lost = 1;
  v.tickets_lost_in_api = 1;
  v.first_lost.push_back("API: ticket <x>: status 404");
  r.verified = v;
  return r;
}

finished chromium(const std::vector<std::string>& more, const std::string& page) {
  temp_dir profile;
  // Root may run it without the sandbox only; the page is our own.
  std::vector<std::string> command{"chromium",
                                   "--headless=new",
                                   "--no-sandbox",
                                   "--disable-gpu",
                                   "--hide-scrollbars",
                                   "--window-size=1240,2400",
                                   "--no-first-run",
                                   "--user-data-dir=" + (profile.path() / "profile").string(),
                                   "--virtual-time-budget=10000"};
  command.insert(command.end(), more.begin(), more.end());
  command.push_back("file://" + page);
  return run(std::move(command), 120s);
}

std::size_t times(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++count;
  return count;
}

std::uint32_t big_endian(const std::string& bytes, std::size_t at) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < 4; ++i) out = (out << 8U) | static_cast<unsigned char>(bytes[at + i]);
  return out;
}

}  // namespace

TEST_CASE("report: Chromium draws the page, without a script error and without asking anybody") {
  temp_dir dir;
  auto page = (dir.path() / "report.html").string();
  write_page(page, eventful());
  auto text = read_file(page);
  CHECK(text.find("<link") == std::string::npos);
  CHECK(text.find(" src=") == std::string::npos);
  CHECK_THAT(text, ContainsSubstring("default-src 'none'"));

  auto seen = chromium({"--dump-dom", "--enable-logging=stderr", "--v=0"}, page);
  CAPTURE(seen.err);
  REQUIRE(seen.code == 0);
  CHECK_THAT(seen.out, ContainsSubstring("data-ready=\"yes\""));
  CHECK(seen.err.find("CONSOLE") == std::string::npos);  // how Chromium logs errors and refused requests
  CHECK(times(seen.out, "<svg") == 11);
  CHECK(times(seen.out, "<rect") > 20);
  CHECK(seen.out.find("NaN") == std::string::npos);
  CHECK_THAT(seen.out, ContainsSubstring("a &lt;/script&gt; &amp; &lt;b&gt;bold&lt;/b&gt; one"));
  for (const char* part : {"Latency", "Heat map", "Answers", "Memory of the server", "It gave way", "Thresholds",
                           "crossed", "ticket &lt;x&gt;", "refused", "unplanned"})
    CHECK_THAT(seen.out, ContainsSubstring(part));
}

TEST_CASE("report: a screenshot shows more than an empty page") {
  temp_dir dir;
  auto page = (dir.path() / "report.html").string();
  auto picture = (dir.path() / "report.png").string();
  auto empty = (dir.path() / "empty.html").string();
  auto empty_picture = (dir.path() / "empty.png").string();
  write_page(page, eventful());
  std::ofstream(empty) << "<!doctype html><title>x</title>";
  REQUIRE(chromium({"--screenshot=" + picture}, page).code == 0);
  REQUIRE(chromium({"--screenshot=" + empty_picture}, empty).code == 0);
  auto bytes = read_file(picture);
  REQUIRE(bytes.size() > 24);
  CHECK(bytes.substr(1, 3) == "PNG");
  CHECK(big_endian(bytes, 16) == 1240);
  CHECK(big_endian(bytes, 20) == 2400);
  CHECK(bytes.size() > 5 * read_file(empty_picture).size());
  // For those who want to look themselves.
  if (const char* keep = std::getenv("USHER_SCREENSHOTS"))
    std::filesystem::copy_file(picture, std::filesystem::path(keep) / "usher-load-report.png",
                               std::filesystem::copy_options::overwrite_existing);
}

TEST_CASE("report: the summary is JSON and names what was measured") {
  auto r = eventful();
  json told(to_json(r));
  CHECK(told.number("/all/requests") == 400);
  CHECK(told.number("/all/statuses/200") + told.number("/all/statuses/503") + told.number("/all/statuses/500") == 400);
  CHECK(told.number("/server/breaches") == 0);
  CHECK(told.real("/server/memory_before_bytes") == 25e6);
  CHECK(told.items("/server/series").size() >= 4);
  CHECK(told.text("/limit/condition") == "errors < 1%");
  CHECK_FALSE(told.truth("/passed"));
  for (const auto& point : told.items("/series"))
    CHECK(point.items("/heat").size() == told.items("/heat_edges_ms").size() + 1);
}
