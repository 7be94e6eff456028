#include <iostream>

#include "app/commands.hpp"
#include "store/examination.hpp"
#include "store/store.hpp"

namespace usher::app {

namespace {

/// The exit code of what a freeze holds back (contract, section 1).
constexpr int frozen_exit = 3;

store::connection connect(const store::connect_target& target) {
  auto opened = store::connection::open(target, std::chrono::steady_clock::now() + std::chrono::seconds{30});
  if (!opened) throw store::unavailable_error(opened.error());
  return std::move(*opened);
}

}  // namespace

int migrate(const migrate_request& request) {
  store::gated_migration done;
  const auto work = [&](const store::connect_target& target) {
    auto on = connect(target);
    done = store::migrate(on, request.gate);
  };
  if (request.database.empty())
    store::with_started(request.data, work);
  else
    work({request.database, {}});
  if (done.held_back) {
    std::cout << "nothing was migrated: " << done.held_back->reason << " until "
              << domain::format_rfc3339(*done.held_back->until) << "; --break-glass REASON does it nevertheless\n";
    return frozen_exit;
  }
  std::cout << "schema is at migration " << done.report.version << ", " << done.report.applied << " applied now\n";
  return 0;
}

int freeze_check(const migrate_request& request) {
  domain::freeze_state state;
  const auto work = [&](const store::connect_target& target) {
    auto on = connect(target);
    state = store::read_freeze(on, request.gate.rules, request.gate.now);
  };
  if (!request.database.empty())
    work({request.database, {}});
  else if (std::filesystem::exists(std::filesystem::path(request.data) / "postgres" / "PG_VERSION"))
    store::with_embedded(request.data, work);
  else
    state = domain::freeze_at(request.gate.rules, {}, request.gate.now);
  std::cout << (state.frozen ? "frozen: " : "allowed: ") << state.reason;
  if (state.until) std::cout << " It holds until " << domain::format_rfc3339(*state.until) << ".";
  if (state.next) std::cout << " The next one begins at " << domain::format_rfc3339(*state.next) << ".";
  std::cout << std::endl;
  return state.frozen ? frozen_exit : 0;
}

}  // namespace usher::app
