#include <iostream>

#include "app/commands.hpp"
#include "store/store.hpp"

namespace usher::app {

int migrate(const std::string& database, const std::string& data) {
  auto done =
      database.empty() ? store::migrate_database(std::filesystem::path(data)) : store::migrate_database(database);
  std::cout << "schema is at migration " << done.version << ", " << done.applied << " applied now\n";
  return 0;
}

}  // namespace usher::app
