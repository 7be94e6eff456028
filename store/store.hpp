// The store as a whole, for the composition root: a database of its own or one outside, and the three ports onto it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "store/audit_sealer.hpp"
#include "store/demo_agents.hpp"
#include "store/embedded_postgres.hpp"
#include "store/freeze_gate.hpp"
#include "store/migrations.hpp"
#include "store/outbox_source.hpp"
#include "store/pattern_seed.hpp"
#include "store/read_pool.hpp"
#include "store/recovery_source.hpp"
#include "store/writer_lanes.hpp"

namespace usher::store {

struct database_settings {
  /// libpq's connection string of a database outside; absent: an embedded server in `data_directory`.
  std::optional<std::string> conninfo;
  std::filesystem::path data_directory = "usher-data";
  freeze_gate migrations{};  ///< whether the schema may be brought up to date
  int lanes = 2;
  int readers = 4;
  std::size_t lane_queue_max = 8192;
  std::size_t read_queue_max = 1024;
  commit_observer observer;
};

/// Blocking where it starts and stops; the ports are thread-safe.
class database {
 public:
  /// Starts or reaches the server, brings the schema up to date, connects the lanes. Throws `std::runtime_error` in
  /// plain words when any of it can't be.
  explicit database(database_settings settings);
  /// Stops without waiting for what is queued.
  ~database();
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  [[nodiscard]] store::writer& writes() noexcept { return *lanes_; }
  [[nodiscard]] store::reader& reads() noexcept { return *readers_; }
  [[nodiscard]] store::recovery& recovered() noexcept { return *recovery_; }
  [[nodiscard]] store::outbox_store& deliveries() noexcept { return *deliveries_; }
  /// Where the office of personal data connects.
  [[nodiscard]] const connect_target& eraser() const noexcept { return eraser_target_; }
  /// Where whoever lets staff in connects.
  [[nodiscard]] const connect_target& doorkeeper() const noexcept { return doorkeeper_target_; }
  /// Closes the connections that recovery needed, once it is done.
  void end_recovery() { recovery_->close(); }

  /// Adds the demo's agents where they are missing. Throws `std::runtime_error`.
  void seed_demo_agents() { store::seed_demo_agents(writer_target_); }

  /// Brings the stored patterns up to the library that the program ships with; what the desk changed stays. Throws
  /// `std::runtime_error`.
  void seed_patterns(const domain::pattern_library& shipped) { store::seed_patterns(writer_target_, shipped); }

  /// The writes that wait for a lane.
  [[nodiscard]] std::size_t queue_depth() const noexcept { return lanes_->queue_depth(); }
  /// The embedded server's process; 0 when there is none.
  [[nodiscard]] pid_t server_pid() const noexcept { return embedded_ ? embedded_->pid() : 0; }

  /// Commits what is queued, takes nothing new, and answers what is not committed by `deadline`.
  void drain(steady_time deadline) { lanes_->drain(deadline); }
  /// Ends the embedded server and nothing else, for a start that is given up: whoever still uses its connections loses
  /// them.
  void stop_server() noexcept {
    if (embedded_) embedded_->stop();
  }
  /// Ends everything, the embedded server last. `drain` comes before it.
  void stop();

 private:
  /// All connections, on a schema that is there.
  void connect(database_settings settings);

  connect_target writer_target_;
  connect_target eraser_target_;
  connect_target doorkeeper_target_;
  std::unique_ptr<embedded_postgres> embedded_;
  std::unique_ptr<writer_lanes> lanes_;
  std::unique_ptr<read_pool> readers_;
  std::unique_ptr<recovery_source> recovery_;
  std::unique_ptr<audit_sealer> sealer_;
  std::unique_ptr<outbox_source> deliveries_;
};

/// Where a role of Usher's connects: with a login of its own on the embedded server, through the given user outside,
/// which must be a member of the role (the first migration sees to it).
[[nodiscard]] connect_target target_of(const std::string& conninfo, std::string_view role);

/// Starts the embedded server of a data directory that nobody else runs, making it when there is none, calls `use` with
/// a superuser's way in, and stops it again.
void with_started(const std::filesystem::path& data_directory, const std::function<void(const connect_target&)>& use);

}  // namespace usher::store
