// Lost connections: nothing that was acknowledged is lost, and nothing is written twice.
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <csignal>
#include <set>
#include <thread>

#include "fixture.hpp"
#include "relay.hpp"

using namespace usher;
using namespace usher::test;

namespace {

constexpr auto forever = store::steady_time::max();

/// Submits, remembers what was acknowledged, and compares with what is stored.
class ledger {
 public:
  ledger(scratch_server& pg, store::writer& lanes) : pg_(pg), lanes_(lanes) {}

  void submit(domain::organization_id organization) {
    auto change = created({organization, ++number_});
    auto id = change.after->id;
    ++open_;
    store::write write{store::ticket_write{std::move(change), std::nullopt}, forever, {}};
    write.done = domain::completion<std::monostate>([this, id](domain::result<std::monostate> result) {
      std::scoped_lock guard(mutex_);
      result ? acknowledged_.insert(to_string(id)) : refused_.insert(to_string(id));
      --open_;
    });
    lanes_.submit(std::move(write));
  }
  bool settled() {
    return eventually([this] { return open_ == 0; }, 30s);
  }

  /// Every acknowledged ticket is there with all its rows, and nothing else is.
  void check() {
    REQUIRE(settled());
    CHECK(refused_.empty());
    std::set<std::string> stored;
    auto rows = pg_.ask("SELECT id FROM usher.support_tickets");
    for (int i = 0; i < rows.size(); ++i) stored.insert(domain::to_string(rows.uuid(i, 0)));
    CHECK(stored == acknowledged_);
    auto count = static_cast<std::int64_t>(acknowledged_.size());
    CHECK(pg_.number("SELECT count(*) FROM usher.audit_log WHERE ticket_id IS NOT NULL") == count);
    CHECK(pg_.number("SELECT count(*) FROM usher.support_sla_events") == 2 * count);
    CHECK(pg_.number("SELECT count(*) FROM usher.ticket_classifications") == count);
  }

 private:
  scratch_server& pg_;
  store::writer& lanes_;
  std::int64_t number_ = 0;
  std::mutex mutex_;
  std::set<std::string> acknowledged_;
  std::set<std::string> refused_;
  std::atomic<int> open_{0};
};

store::lane_settings through(const scratch_directory& directory) {
  store::lane_settings settings;
  settings.target = {"host=" + directory.path().string() +
                         " port=5432 dbname=usher user=usher_writer sslmode=disable gssencmode=disable",
                     {}};
  settings.lanes = 1;
  settings.backoff_max = 30ms;
  return settings;
}

}  // namespace

TEST_CASE("store: a connection that is cut around COMMIT loses nothing and doubles nothing", "[store][loss]") {
  scratch_server pg;
  scratch_directory directory;
  relay between(directory.path(), pg.ask("SHOW unix_socket_directories").text(0, 0));
  store::writer_lanes lanes(through(directory));
  auto organization = add_organization(lanes);
  ledger all(pg, lanes);
  for (int round = 0; round < 10; ++round) {
    for (auto how : {cut::before_commit, cut::after_commit}) {
      CAPTURE(round, static_cast<int>(how));
      between.order(how);
      for (int i = 0; i < 3; ++i) all.submit(organization);
      REQUIRE(all.settled());
      CHECK(between.has_cut());
    }
  }
  all.check();
}

TEST_CASE("store: a connection that is cut at any byte loses nothing and doubles nothing", "[store][loss]") {
  scratch_server pg;
  scratch_directory directory;
  relay between(directory.path(), pg.ask("SHOW unix_socket_directories").text(0, 0));
  store::writer_lanes lanes(through(directory));
  auto organization = add_organization(lanes);
  ledger all(pg, lanes);
  all.submit(organization);
  REQUIRE(all.settled());
  // A batch of one is some 1,700 bytes and its COMMIT some 60; from some point on the cut hits the batch after.
  int cuts = 0;
  for (std::int64_t at = 1; at < 2200; at += at < 1500 ? 97 : 13) {
    CAPTURE(at);
    between.order(cut::after_bytes, at);
    all.submit(organization);
    REQUIRE(all.settled());
    if (between.has_cut()) ++cuts;
  }
  CHECK(cuts > 40);
  between.order(cut::none);
  all.check();
}

TEST_CASE("store: server processes that are ended at random lose nothing and double nothing", "[store][loss]") {
  scratch_server pg;
  auto settings = pg.lanes(2);
  settings.backoff_max = 20ms;
  settings.batch_writes_max = 16;
  store::writer_lanes lanes(settings);
  std::vector<domain::organization_id> organizations;
  for (int i = 0; i < 6; ++i) organizations.push_back(add_organization(lanes));
  ledger all(pg, lanes);
  std::atomic<bool> over{false};
  std::atomic<std::int64_t> ended{0};
  std::jthread killer([&] {
    while (!over) {
      ended += pg.number(
          "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'usher_writer' AND random() < "
          "0.5");
    }
  });
  for (int i = 0; i < 3000; ++i) {
    all.submit(organizations[static_cast<std::size_t>(i) % organizations.size()]);
    if (i % 100 == 0) std::this_thread::sleep_for(10ms);
  }
  REQUIRE(all.settled());
  over = true;
  killer.join();
  CHECK(ended > 5);
  all.check();
}

TEST_CASE("store: a server that is killed under load comes back, and the writes with it", "[store][loss]") {
  scratch_server pg;
  store::writer_lanes lanes(pg.lanes(2));
  store::read_pool reads(pg.reads());
  auto organization = add_organization(lanes);
  auto other = add_organization(lanes);
  ledger all(pg, lanes);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 300; ++i) all.submit(i % 2 == 0 ? organization : other);
    ::kill(pg.server().pid(), SIGKILL);
    for (int i = 0; i < 300; ++i) all.submit(i % 2 == 0 ? organization : other);
    REQUIRE(all.settled());
  }
  CHECK(eventually([&] { return lanes.reachable(); }));
  all.check();
  // The readers' connections were lost as well, and are made anew.
  auto seen = answer_of<store::ticket_id_page>([&](auto done) { reads.list_tickets({}, {}, soon(), std::move(done)); });
  CHECK(seen.value().ids.size() == 25);
}

TEST_CASE("store: reads without a database are unavailable at once, and in time", "[store][loss]") {
  scratch_server pg;
  store::read_pool reads(pg.reads());
  auto ask = [&] {
    return answer_of<store::ticket_id_page>(
        [&](auto done) { reads.list_tickets({}, {}, std::chrono::steady_clock::now() + 2s, std::move(done)); });
  };
  REQUIRE(ask());
  pg.server().stop();
  CHECK(ask().error().code == domain::errc::unavailable);
  pg.server().start();
  CHECK(ask());
}
