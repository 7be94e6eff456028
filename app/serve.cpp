#include <malloc.h>
#include <pthread.h>
#include <csignal>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <future>
#include <iostream>
#include <optional>
#include <thread>

#include "actors/desk.hpp"
#include "app/commands.hpp"
#include "app/demo.hpp"
#include "app/descriptors.hpp"
#include "app/desk_model.hpp"
#include "app/heartbeat.hpp"
#include "app/personal_data.hpp"
#include "app/reloader.hpp"
#include "app/renewals.hpp"
#include "app/signing_key.hpp"
#include "app/text_judge.hpp"
#include "metrics/desk_metrics.hpp"
#include "metrics/log/log.hpp"
#include "net/router.hpp"
#include "net/server.hpp"
#include "outbox/courier.hpp"
#include "store/doorkeeper.hpp"
#include "store/privacy_office.hpp"
#include "store/store.hpp"

namespace usher::app {

namespace {

using namespace std::chrono_literals;

/// How long each part of the drain may take; together less than the ten seconds of the contract.
constexpr auto http_drain_max = 4s;
constexpr auto desk_drain_max = 3s;
constexpr auto courier_stop_max = 1s;
constexpr auto store_drain_max = 1500ms;

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
  void refused(net::refused_for why, std::string_view what) noexcept override {
    metrics_.http_refused(net::to_word(why), what);
  }

 private:
  metrics::desk_metrics& metrics_;
};

/// Signs the links of emails; the key of the tokens may be a public one.
std::string link_key_of(const serve_settings& settings) { return settings.data + "/link.key"; }

sigset_t awaited_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  return set;
}

std::unique_ptr<net::tls_door> make_tls_door(const serve_settings& settings) {
  if (settings.tls_certificate.empty()) return nullptr;
  auto identity = net::load_tls_identity(settings.tls_certificate, settings.tls_key);
  if (!identity) throw std::runtime_error(identity.error().detail);
  return std::make_unique<net::tls_door>(std::move(*identity));
}

/// The parts of a running server, in the order in which they start; they stop the other way round.
class running_desk {
 public:
  running_desk(const serve_settings& settings, const outgoing_settings& outgoing)
      : settings_(settings),
        outgoing_(outgoing),
        webhook_rules_(outgoing.webhooks),
        keys_(load_keys(settings.jwt_key)),
        tokens_(keys_),
        tls_(make_tls_door(settings)),
        reloader_(watched()),
        metrics_(USHER_VERSION, USHER_COMMIT),
        watcher_(metrics_),
        scores_(read_secret(link_key_of(settings)),
                [this] { return settings_.public_url.empty() ? url_ : settings_.public_url; }),
        rates_(static_cast<std::uint32_t>(settings.rate_limit_caller),
               static_cast<std::uint32_t>(settings.rate_limit_organization),
               static_cast<std::uint32_t>(settings.rate_limit_address)),
        gate_({.target = settings.overload_target}),
        language_model_(make_language_model()),
        database_(database_settings()),
        desk_(clock_, database_.writes(), database_.reads(), metrics_, desk_options()),
        courier_(database_.deliveries(), make_channels(outgoing_, clock_), clock_, {}, courier_observer()),
        privacy_(personal_data(database_.eraser(), read_secret(link_key_of(settings)), desk_.door(), clock_), clock_,
                 database_.writes()),
        doorkeeper_(store::doorkeeper_settings{database_.doorkeeper()}, clock_),
        server_(door(), static_cast<unsigned>(settings.io_threads)),
        heartbeat_(settings.heartbeat_url, settings.monitor_interval, [this] { return is_well(); }) {
    courier_now_ = &courier_;
    metrics_.set_gauge_sources(gauges());
  }

  /// Listens, so that `/readyz` tells how far the recovery is, then recovers.
  void start() {
    auto port = server_.start(settings_.listen_address, settings_.listen_port);
    bool v6 = settings_.listen_address.find(':') != std::string::npos;
    url_ = (tls_ ? "https://" : "http://") + (v6 ? "[" + settings_.listen_address + "]" : settings_.listen_address) +
           ":" + std::to_string(port);
    std::cout << "listening on " << url_ << std::endl;
    reloader_.start();
    database_.seed_patterns(shipped_library());
    if (settings_.demo) database_.seed_demo_agents();
    judge_.use(desk_model(settings_.data));  // before the desk is ready: no ticket is judged by another one
    doorkeeper_.start();                     // before the desk is ready: nobody is taken for logged out
    desk_.recover(database_.recovered());
    judge_.adopt(*desk_.door().settings()->patterns);
    courier_.start();
    privacy_.start();
    if (language_model_) language_model_->start(desk_.door());
    database_.end_recovery();
    malloc_trim(0);  // the pages that the tickets were read from go back to the system
    auto health = desk_.door().health();
    heartbeat_.start();
    log::info("ready", {{"tickets", health.tickets_loaded}, {"url", url_}});
  }

  void show_demo() {
    if (!settings_.demo) return;
    seed_demo(desk_.door(), clock_);
    const auto login = demo_login(database_.doorkeeper(), settings_.data + "/demo-login.json", clock_.now());
    if (keys_.front().algorithm() == net::jwt_algorithm::hs256)
      std::cout << demo_welcome(url_, login, keys_.front(), clock_.now(), settings_.data + "/demo-tokens.json")
                << std::flush;
  }

  /// Stop accepting; finish what is in flight; commit; end (contract, section 1).
  void stop() {
    reloader_.stop();
    if (language_model_) language_model_->stop();
    heartbeat_.stop();
    courier_.stop_claiming();
    server_.drain(http_drain_max);
    privacy_.stop();
    doorkeeper_.stop();
    desk_.drain(desk_drain_max);
    courier_.stop(std::chrono::steady_clock::now() + courier_stop_max);
    server_.stop();
    database_.drain(std::chrono::steady_clock::now() + store_drain_max);
    database_.stop();
  }

  /// Reads keys and certificates again. Any thread.
  void reload() { reloader_.reload_all(); }
  void stop_database() { database_.stop(); }
  /// While another thread is still at work on the database's connections.
  void stop_database_server() { database_.stop_server(); }

 private:
  [[nodiscard]] std::unique_ptr<language_model> make_language_model() {
    if (!outgoing_.language_model) return nullptr;
    return std::make_unique<language_model>(*outgoing_.language_model, metrics_);
  }
  [[nodiscard]] store::database_settings database_settings() {
    store::database_settings out;
    if (!settings_.database.empty()) out.conninfo = settings_.database;
    out.data_directory = settings_.data;
    out.lanes = static_cast<int>(settings_.writer_lanes);
    out.migrations = {settings_.freeze, clock_.now(), settings_.break_glass};
    out.readers = static_cast<int>(settings_.read_connections);
    out.observer.on_commit = [this](double seconds, std::size_t batch) { metrics_.store_committed(seconds, batch); };
    out.observer.on_notifications = [this](const std::vector<store::outbox_queue>& queues) {
      if (auto* courier = courier_now_.load()) courier->wake(queues);
    };
    return out;
  }
  [[nodiscard]] actors::desk_options desk_options() {
    actors::desk_options options;
    options.limits.shards = settings_.shards;
    options.worker_threads = settings_.worker_threads;
    options.judge = &judge_;
    options.second = language_model_.get();
    options.assignment = settings_.assignment;
    options.freeze = settings_.freeze;
    options.incidents = settings_.incidents;
    options.score_link = [this](const domain::ticket& t) { return scores_.link_to(t); };
    options.prepare_patterns = [this](domain::pattern_library_ptr patterns,
                                      domain::completion<std::function<void()>> ready) {
      judge_.prepare(std::move(patterns), std::move(ready));
    };
    options.monitor_interval = settings_.monitor_interval;
    options.emergency_contacts = outgoing_.emergency_contacts;
    return options;
  }
  /// Since it was last asked the monitor has found everything in order, and the desk takes requests.
  bool is_well() {
    const auto rounds = desk_.monitor().good_rounds();
    return std::exchange(rounds_seen_, rounds) < rounds && desk_.door().health().ready();
  }
  [[nodiscard]] outbox::courier_observer courier_observer() {
    outbox::courier_observer out;
    out.on_try = [this](std::string_view channel, std::string_view outcome, std::optional<double> lateness) {
      metrics_.delivery_tried(channel, outcome);
      if (lateness) metrics_.notification_left(*lateness);
    };
    out.on_gone = [this](domain::webhook_id endpoint, const std::string& why) { desk_.disable_webhook(endpoint, why); };
    out.on_given_up = [this](const store::outbox_row& what, const std::string& why) {
      store::alert_write alert{
          "notification_not_delivered",
          "warning",
          what.queue.channel + " gave up on " + what.event + " (" + to_string(what.id) + "): " + why,
          what.ticket,
          what.organization,
          clock_.now()};
      if (what.organization.is_nil()) alert.organization.reset();
      desk_.raise(std::move(alert));
    };
    return out;
  }
  [[nodiscard]] metrics::gauge_sources gauges() {
    metrics::gauge_sources out;
    out.outbox_pending = [this] { return static_cast<double>(courier_.pending()); };
    out.outbox_oldest_seconds = [this] { return courier_.oldest_pending_age(); };
    out.timers_armed = [this] { return static_cast<double>(desk_.timers_armed()); };
    out.store_queue_depth = [this] { return static_cast<double>(database_.queue_depth()); };
    out.store_reachable = [this] { return desk_.door().health().store_reachable ? 1.0 : 0.0; };
    out.ready = [this] { return desk_.door().health().ready() ? 1.0 : 0.0; };
    out.agents_online = [this] { return desk_.agents_online(); };
    out.agent_load_ratio = [this] { return desk_.agent_load_ratio(); };
    return out;
  }
  [[nodiscard]] std::vector<watched_files> watched() {
    std::vector<watched_files> out{watch_keys(settings_.jwt_key, tokens_)};
    if (tls_) out.push_back(watch_certificate(settings_.tls_certificate, settings_.tls_key, *tls_));
    return out;
  }
  net::front_door door() {
    net::front_door door;
    door.desk = &desk_.door();
    door.clock = &clock_;
    door.tokens = &tokens_;
    door.tls = tls_.get();
    door.proxies = settings_.trusted_proxies;
    door.cors_origins = settings_.cors_origins;
    door.watcher = &watcher_;
    door.judge = &judge_;
    door.webhooks = &webhook_rules_;
    door.rates = &rates_;
    door.gate = &gate_;
    door.scores = &scores_;
    door.privacy = &privacy_;
    door.staff = &doorkeeper_;
    door.secure_cookies = tls_ != nullptr || settings_.public_url.starts_with("https://");
    door.metrics_text = [this] { return metrics_.text(); };
    door.version = USHER_VERSION;
    door.commit = USHER_COMMIT;
    door.require_if_match = settings_.require_if_match;
    door.bounds.connections_max = make_room(settings_.connections);
    door.bounds.connections_of_address_max = settings_.connections_per_address;
    return door;
  }

  serve_settings settings_;
  outgoing_settings outgoing_;
  webhook_rules webhook_rules_;
  domain::system_clock_port clock_;
  /// For the lanes, which are there before it.
  std::atomic<outbox::courier*> courier_now_{nullptr};
  std::vector<net::jwt_key> keys_;
  net::token_verifier tokens_;
  std::unique_ptr<net::tls_door> tls_;
  reloader reloader_;
  metrics::desk_metrics metrics_;
  text_judge judge_{&metrics_};
  http_watcher watcher_;
  net::score_links scores_;
  net::rate_limiter rates_;
  net::overload_gate gate_;
  std::unique_ptr<language_model> language_model_;
  store::database database_;
  actors::desk desk_;
  outbox::courier courier_;
  store::privacy_office privacy_;
  store::doorkeeper doorkeeper_;
  net::server server_;
  std::int64_t rounds_seen_ = 0;
  heartbeat heartbeat_;
  std::string url_;
};

/// Who may end the process: the thread that gets a signal before the desk serves, and the one that starts it after.
enum class stage { starting, serving, leaving, failed };

/// Comes back for a signal to stop; SIGHUP is for `on_reload`.
template <class Reload>
void wait_for_signal(const sigset_t& signals, Reload on_reload) {
  while (true) {
    int received = 0;
    if (sigwait(&signals, &received) != 0) continue;
    if (received != SIGHUP) return;
    on_reload();
  }
}

}  // namespace

int serve(const serve_settings& settings, const outgoing_settings& outgoing) {
  log::level level = log::level::info;
  (void)log::parse_level(settings.log_level, level);
  log::start(level);
  for (const auto& variable : unknown_environment())
    log::warn("no setting has this name in the environment",
              {{"variable", variable.name}, {"did_you_mean", variable.nearest}});
  // Before the first thread, so that all of them inherit it: signals are for `sigwait` alone.
  auto signals = awaited_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  std::filesystem::create_directories(settings.data);
  ensure_signing_key(settings.jwt_key);
  ensure_signing_key(link_key_of(settings));

  std::optional<running_desk> desk;
  std::atomic<running_desk*> built{nullptr};
  std::atomic<stage> at{stage::starting};
  std::promise<void> stop;
  std::jthread on_signal([&] {
    wait_for_signal(signals, [&] {
      // What starts has just read it all.
      if (auto* made = built.load(); made != nullptr && at == stage::serving) made->reload();
    });
    if (auto before = stage::starting; at.compare_exchange_strong(before, stage::leaving)) {
      // Nobody was served, only the database has to end well: by our hand, or, while its own start takes its time, by
      // the signal that the kernel gives it at our end.
      if (auto* made = built.load()) made->stop_database_server();
      std::_Exit(0);
    }
    stop.set_value();
  });
  const auto move_on = [&](stage next) {
    auto before = stage::starting;
    if (!at.compare_exchange_strong(before, next) && before == stage::leaving) on_signal.join();  // it ends the process
  };
  try {
    built = &desk.emplace(settings, outgoing);
    desk->start();
    move_on(stage::serving);
    desk->show_demo();
  } catch (const std::exception& problem) {
    move_on(stage::failed);
    // The thread that waits for signals can't be woken: leave from here, once the database has ended well.
    log::error("could not start", {{"error", problem.what()}});
    std::cerr << "usher serve: " << problem.what() << std::endl;
    if (desk) desk->stop_database();
    std::_Exit(1);
  }
  stop.get_future().wait();
  log::info("draining");
  std::thread impatient([signals] {
    wait_for_signal(signals, [] {});
    std::_Exit(1);
  });
  impatient.detach();
  desk->stop();
  log::info("stopped");
  return 0;
}

}  // namespace usher::app
