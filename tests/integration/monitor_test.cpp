// The monitor over HTTP, its heartbeat, and what it erases.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <csignal>

#include <atomic>
#include <thread>

#include "domain/time.hpp"
#include "tests/integration/http_checks.hpp"
#include "tests/support/poll.hpp"

using namespace usher::test;

namespace {

/// Answers every connection with 204 and counts.
class ping_counter {
 public:
  ping_counter() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
    REQUIRE(listen(fd_, 16) == 0);
    socklen_t size = sizeof at;
    REQUIRE(getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    port_ = ntohs(at.sin_port);
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  ~ping_counter() {
    thread_.request_stop();
    thread_.join();
    close(fd_);
  }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/ping/secret"; }
  [[nodiscard]] int count() const { return count_; }

 private:
  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd wait{fd_, POLLIN, 0};
      if (poll(&wait, 1, 50) <= 0) continue;
      int client = accept(fd_, nullptr, nullptr);
      char buffer[4096];
      auto got = recv(client, buffer, sizeof buffer, 0);
      if (got > 0 && std::string_view(buffer, static_cast<std::size_t>(got)).starts_with("GET /ping/secret HTTP/1.1"))
        ++count_;
      constexpr std::string_view answer = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
      (void)send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
      close(client);
    }
  }

  int fd_;
  std::uint16_t port_ = 0;
  std::atomic<int> count_{0};
  std::jthread thread_;
};

}  // namespace

TEST_CASE("monitor: snapshots are taken, listed by time, and shown with the ladder") {
  desk d(std::vector<std::string>{"--monitor-interval", "1"});
  auto customer = d.customer();
  (void)create(customer, "One");
  (void)create(customer, "Two");
  auto supervisor = d.as("supervisor");
  const std::string path = "/api/support/snapshots";
  REQUIRE(wait_until(
      [&] {
        auto latest = must(supervisor.get(path + "?limit=1"), 200).items("/data");
        return !latest.empty() && latest[0].number("/open") == 2;
      },
      30s, 100ms));
  auto all = walk(supervisor, path, 2);
  REQUIRE(all.size() >= 2);
  for (std::size_t i = 1; i < all.size(); ++i) CHECK(all[i].text("/at") < all[i - 1].text("/at"));
  auto latest = all.front();
  CHECK(latest.number("/by_tier/FREE/open") == 2);
  CHECK(latest.number("/queue_age/count") == 2);
  CHECK(latest.number("/unassigned") == 2);
  auto before = must(supervisor.get(path + "?to=" + latest.text("/at")), 200).items("/data");
  for (const auto& each : before) CHECK(each.text("/at") < latest.text("/at"));
  CHECK_FALSE(must(supervisor.get(path + "?from=" + latest.text("/at")), 200).items("/data").empty());
  CHECK(problem(supervisor.get(path + "?from=yesterday")) == 400);
  CHECK(problem(d.as("agent").get(path)) == 403);
  CHECK(problem(d.as("supervisor", "nina", org_a).get(path)) == 403);

  auto agent = d.as("agent");
  auto ladder = must(agent.get("/api/support/escalation?state=armed&limit=3"), 200);
  CHECK(ladder.items("/data").size() == 3);
  CHECK(ladder.text("/data/0/state") == "armed");
  CHECK(ladder.number("/snapshot/open") == 2);
  CHECK(walk(agent, "/api/support/escalation?state=armed", 3).size() == 16);
}

TEST_CASE("monitor: the heartbeat comes while all is well, and stops with the database") {
  ping_counter outside;
  desk d(std::vector<std::string>{"--monitor-interval", "1", "--heartbeat-url", outside.url()});
  REQUIRE(wait_until([&] { return outside.count() >= 2; }, 30s));
  CHECK(d.server.log().find("/ping/secret") == std::string::npos);
  auto postmaster = d.server.postmaster();
  REQUIRE(postmaster);
  ::kill(*postmaster, SIGSTOP);
  for (auto child : children_of(*postmaster)) ::kill(child, SIGSTOP);
  auto resume = [&] {
    for (auto child : children_of(*postmaster)) ::kill(child, SIGCONT);
    ::kill(*postmaster, SIGCONT);
  };
  // What was on its way may still come; then it is quiet.
  int before = -1;
  bool quiet = wait_until(
      [&] {
        int now = outside.count();
        return std::exchange(before, now) == now;
      },
      30s, 3s);
  int then = outside.count();
  resume();
  CHECK(quiet);
  CHECK(wait_until([&] { return outside.count() > then; }, 60s));
}

TEST_CASE("monitor: a heartbeat's URL that is none is refused at the start") {
  auto answer = run({USHER_BINARY, "serve", "--heartbeat-url", "ftp://example.com", "--print-config"});
  CHECK(answer.code != 0);
  CHECK(answer.err.find("heartbeat-url") != std::string::npos);
  auto shown = run({USHER_BINARY, "serve", "--heartbeat-url", "https://example.com/secret", "--print-config"});
  CHECK(shown.code == 0);
  CHECK(shown.out.find("secret") == std::string::npos);
}

TEST_CASE("monitor: a ticket deleted thirty days ago is erased, and one of yesterday can be restored") {
  desk d(std::vector<std::string>{"--monitor-interval", "1"});
  auto customer = d.customer();
  auto manager = d.as("manager");
  auto old = create(customer, "the old canary").text("/id");
  auto recent = create(customer, "the recent one").text("/id");
  for (const auto& id : {old, recent}) CHECK(manager.remove(path_of(id)).status == 204);
  d.database()->rows("update usher.support_tickets set deleted_at = deleted_at - interval '30 days' where id = $1",
                     {old});
  auto left = [&] { return d.database()->count("select count(*) from usher.support_tickets where id = $1", {old}); };
  REQUIRE(wait_until([&] { return left() == 0; }, 30s, 100ms));
  CHECK(d.database()->count("select count(*) from usher.ticket_search where ticket_id = $1", {old}) == 0);
  CHECK(problem(manager.post(path_of(old, "/restore"), "")) == 404);
  must(manager.post(path_of(recent, "/restore"), ""), 200);
}
