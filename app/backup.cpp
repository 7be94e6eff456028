// `usher backup` and `usher restore`: one clear line each.
#include <charconv>
#include <iostream>

#include "app/commands.hpp"
#include "metrics/log/log.hpp"
#include "store/backup.hpp"

namespace usher::app {

std::optional<domain::milliseconds> parse_days(const std::string& text) {
  int days = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), days);
  const bool unit = end + 1 == text.data() + text.size() && *end == 'd';
  if (ec != std::errc() || !unit || days < 1 || days > 36'500) return std::nullopt;
  return std::chrono::days(days);
}

int backup(const backup_command& request) {
  const auto keep = parse_days(request.keep);
  if (!keep) {
    std::cerr << "usher backup: --keep takes a number of days such as 30d\n";
    return 2;
  }
  log::start(log::level::error);
  store::backup_request what;
  what.conninfo = request.database;
  what.data = request.data;
  what.out = request.out.empty() ? std::filesystem::path(request.data) / "backups" : std::filesystem::path(request.out);
  what.usher_version = USHER_VERSION;
  what.now = domain::system_clock_port().now();
  what.keep = *keep;
  const auto done = store::make_backup(what);
  std::cout << "backup " << done.path.string() << ": " << done.rows << " rows of " << done.tables << " tables, "
            << done.bytes << " bytes, restored and compared; " << done.rotated << " older ones deleted\n";
  return 0;
}

int restore(const std::string& backup_path, const std::string& data) {
  log::start(log::level::error);
  const auto what = store::restore_backup(backup_path, data);
  std::cout << "restored the desk of " << domain::format_rfc3339(what.taken_at) << " into " << data
            << ": every table is as it was; replay the erasures since then before it serves\n";
  return 0;
}

}  // namespace usher::app
