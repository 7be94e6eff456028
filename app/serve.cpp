#include <pthread.h>
#include <csignal>

#include <atomic>
#include <filesystem>
#include <future>
#include <iostream>
#include <thread>

#include "actors/desk.hpp"
#include "app/commands.hpp"
#include "app/demo.hpp"
#include "app/signing_key.hpp"
#include "metrics/desk_metrics.hpp"
#include "metrics/log/log.hpp"
#include "net/router.hpp"
#include "net/server.hpp"
#include "store/store.hpp"

namespace usher::app {

namespace {

using namespace std::chrono_literals;

/// How long each part of the drain may take; together less than the ten seconds of the contract.
constexpr auto http_drain_max = 4s;
constexpr auto desk_drain_max = 3s;
constexpr auto store_drain_max = 2s;

/// Hands what the front door sees to the metrics.
class http_watcher final : public net::observer {
 public:
  explicit http_watcher(metrics::desk_metrics& metrics) : metrics_(metrics) {
    std::vector<std::string> routes;
    for (auto label : net::route_labels()) routes.emplace_back(label);
    metrics_.set_routes(routes);
  }
  void request_done(std::size_t route, net::method how, int status, double seconds) noexcept override {
    metrics_.http_request_done(route, to_word(how), status, seconds);
  }

 private:
  metrics::desk_metrics& metrics_;
};

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

/// The parts of a running server, in the order in which they start; they stop the other way round.
class running_desk {
 public:
  explicit running_desk(const serve_settings& settings)
      : settings_(settings),
        keys_(load_keys(settings.jwt_key)),
        tokens_(keys_),
        metrics_(USHER_VERSION, USHER_COMMIT),
        watcher_(metrics_),
        database_(database_options(),
                  [this](double seconds, std::size_t batch) { metrics_.store_committed(seconds, batch); }),
        desk_(clock_, database_.writer(), database_.reader(), metrics_, desk_options()),
        server_(door(), static_cast<unsigned>(settings.io_threads)) {
    metrics_.set_gauge_sources({[this] { return static_cast<double>(desk_.timers_armed()); },
                                [this] { return static_cast<double>(database_.queue_depth()); }});
  }

  /// Listens, so that `/readyz` tells how far the recovery is, then recovers.
  void start() {
    auto port = server_.start(settings_.listen_address, settings_.listen_port);
    bool v6 = settings_.listen_address.find(':') != std::string::npos;
    url_ =
        "http://" + (v6 ? "[" + settings_.listen_address + "]" : settings_.listen_address) + ":" + std::to_string(port);
    std::cout << "listening on " << url_ << std::endl;
    desk_.recover(database_.recovery());
    auto health = desk_.door().health();
    log::info("ready", {{"tickets", health.tickets_loaded}, {"url", url_}});
  }

  void show_demo() {
    if (!settings_.demo) return;
    seed_demo(desk_.door(), clock_);
    database_.seed_demo_agents();
    if (keys_.front().algorithm() == net::jwt_algorithm::hs256)
      std::cout << demo_welcome(url_, keys_.front(), clock_.now(), settings_.data + "/demo-tokens.json") << std::flush;
  }

  /// Stop accepting; finish what is in flight; commit; end (contract, section 1).
  void stop() {
    server_.drain(http_drain_max);
    desk_.drain(desk_drain_max);
    server_.stop();
    database_.stop(store_drain_max);
  }

  void stop_database() { database_.stop(store_drain_max); }

 private:
  [[nodiscard]] store::database_options database_options() const {
    store::database_options options;
    options.conninfo = settings_.database;
    options.data = settings_.data;
    options.lanes = static_cast<int>(settings_.writer_lanes);
    options.readers = static_cast<int>(settings_.read_connections);
    return options;
  }
  [[nodiscard]] actors::desk_options desk_options() const {
    actors::desk_options options;
    options.limits.shards = settings_.shards;
    options.worker_threads = settings_.worker_threads;
    return options;
  }
  net::front_door door() {
    net::front_door door;
    door.desk = &desk_.door();
    door.clock = &clock_;
    door.tokens = &tokens_;
    door.watcher = &watcher_;
    door.metrics_text = [this] { return metrics_.text(); };
    door.version = USHER_VERSION;
    door.commit = USHER_COMMIT;
    door.require_if_match = settings_.require_if_match;
    return door;
  }

  serve_settings settings_;
  domain::system_clock_port clock_;
  std::vector<net::jwt_key> keys_;
  net::token_verifier tokens_;
  metrics::desk_metrics metrics_;
  http_watcher watcher_;
  store::database database_;
  actors::desk desk_;
  net::server server_;
  std::string url_;
};

void wait_for_signal(const sigset_t& signals) {
  int received = 0;
  while (sigwait(&signals, &received) != 0) {
  }
}

}  // namespace

int serve(const serve_settings& settings) {
  log::level level = log::level::info;
  (void)log::parse_level(settings.log_level, level);
  log::start(level);
  // Before the first thread, so that all of them inherit it: signals are for `sigwait` alone.
  auto signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  std::filesystem::create_directories(settings.data);
  ensure_signing_key(settings.jwt_key);
  running_desk desk(settings);

  std::atomic<bool> serving{false};
  std::promise<void> stop;
  std::jthread on_signal([&] {
    wait_for_signal(signals);
    if (serving) return stop.set_value();
    // Still recovering: nobody was served, only the database has to end well.
    desk.stop_database();
    std::_Exit(0);
  });
  desk.start();
  serving = true;
  desk.show_demo();
  stop.get_future().wait();
  log::info("draining");
  std::thread impatient([signals] {
    wait_for_signal(signals);
    std::_Exit(1);
  });
  impatient.detach();
  desk.stop();
  log::info("stopped");
  return 0;
}

}  // namespace usher::app
