#include "store/store.hpp"

namespace usher::store {

namespace {

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
  migrate(connect_target{embedded_ ? embedded_->conninfo("postgres") : *settings.conninfo, {}});
  auto target = [&](std::string_view role) {
    return embedded_ ? connect_target{embedded_->conninfo(role), {}} : target_of(*settings.conninfo, role);
  };
  lane_settings lanes;
  writer_target_ = target("usher_writer");
  lanes.target = writer_target_;
  lanes.lanes = settings.lanes;
  lanes.queue_max = settings.lane_queue_max;
  lanes.observer = std::move(settings.observer);
  lanes_ = std::make_unique<writer_lanes>(std::move(lanes));
  readers_ = std::make_unique<read_pool>(
      read_settings{target("usher_reader"), target("usher_staff_reader"), settings.readers, settings.read_queue_max});
  recovery_ = std::make_unique<recovery_source>(target("usher_staff_reader"));
  eraser_target_ = target("usher_eraser");
  deliveries_ = std::make_unique<outbox_source>(target("usher_courier"));
}

database::~database() { stop(); }

void database::stop() {
  if (lanes_) lanes_->drain(std::chrono::steady_clock::now());
  if (readers_) readers_->stop();
  if (recovery_) recovery_->close();
  if (embedded_) embedded_->stop();
}

migration_report migrate_database(const std::string& conninfo) { return migrate(connect_target{conninfo, {}}); }

migration_report migrate_database(const std::filesystem::path& data_directory) {
  auto server = start_server(data_directory);
  return migrate(connect_target{server->conninfo("postgres"), {}});
}

}  // namespace usher::store
