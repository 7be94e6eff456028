#include "store/store.hpp"

#include "metrics/log/log.hpp"

namespace usher::store {

namespace {

/// Millions of entries, after a dump was restored.
constexpr auto adoption_max = std::chrono::minutes{10};
constexpr auto connecting_max = std::chrono::seconds{30};

steady_time in(std::chrono::milliseconds limit) { return std::chrono::steady_clock::now() + limit; }

std::unique_ptr<embedded_postgres> start_server(const std::filesystem::path& directory) {
  auto server = std::make_unique<embedded_postgres>(embedded_postgres::settings{.directory = directory});
  server->start();
  return server;
}

}  // namespace

connect_target target_of(const std::string& conninfo, std::string_view role) {
  return {conninfo, "-c role=" + std::string(role)};
}

database::database(database_settings settings) {
  if (!settings.conninfo) embedded_ = start_server(settings.data_directory);
  auto on =
      connection::open({embedded_ ? embedded_->conninfo("postgres") : *settings.conninfo, {}}, in(connecting_max));
  if (!on) throw unavailable_error(on.error());
  const auto held_back = migrate(*on, settings.migrations).held_back;
  on->close();
  if (held_back)
    log::warn("a freeze holds migrations back",
              {{"reason", held_back->reason}, {"until", domain::format_rfc3339(*held_back->until)}});
  try {
    connect(std::move(settings));
  } catch (const std::exception& why) {
    if (!held_back) throw;
    throw std::runtime_error(std::string("the schema is older than this program, and a wedding day's freeze holds the "
                                         "migration back (--break-glass REASON does it nevertheless): ") +
                             why.what());
  }
}

void database::connect(database_settings settings) {
  auto target = [&](std::string_view role) {
    return embedded_ ? connect_target{embedded_->conninfo(role), {}} : target_of(*settings.conninfo, role);
  };
  audit_chain chain(target("usher_sealer"));
  if (auto adopted = chain.adopt(in(adoption_max)); !adopted) throw unavailable_error(adopted.error());
  lane_settings lanes;
  writer_target_ = target("usher_writer");
  lanes.target = writer_target_;
  lanes.lanes = settings.lanes;
  lanes.queue_max = settings.lane_queue_max;
  lanes.observer = std::move(settings.observer);
  lanes_ = std::make_unique<writer_lanes>(std::move(lanes));
  readers_ = std::make_unique<read_pool>(
      read_settings{target("usher_reader"), target("usher_staff"), settings.readers, settings.read_queue_max});
  const auto login = embedded_ ? embedded_->conninfo("usher_staff") : *settings.conninfo;
  recovery_ = std::make_unique<recovery_source>(target_of(login, "usher_staff_reader"));
  eraser_target_ = target("usher_eraser");
  doorkeeper_target_ = target("usher_doorkeeper");
  deliveries_ = std::make_unique<outbox_source>(target("usher_courier"));
  sealer_ = std::make_unique<audit_sealer>(std::move(chain));
}

database::~database() { stop(); }

void database::stop() {
  if (lanes_) lanes_->drain(std::chrono::steady_clock::now());
  if (readers_) readers_->stop();
  if (recovery_) recovery_->close();
  if (sealer_) sealer_->stop();
  if (embedded_) embedded_->stop();
}

void with_started(const std::filesystem::path& data_directory, const std::function<void(const connect_target&)>& use) {
  auto server = start_server(data_directory);
  use(connect_target{server->conninfo("postgres"), {}});
}

}  // namespace usher::store
