// A real PostgreSQL for each test, made in milliseconds from a template, and short words for what tests do with it.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <string>

#include "domain/ticket_decide.hpp"
#include "store/store.hpp"

namespace usher::test {

using namespace std::chrono_literals;

inline constexpr auto patience = 20s;

/// A directory that is gone afterwards.
class scratch_directory {
 public:
  scratch_directory();
  ~scratch_directory();
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Puts a migrated cluster into `directory`; made once a build and a schema.
void place_cluster(const std::filesystem::path& directory);

/// A running server with an empty, migrated database.
class scratch_server {
 public:
  scratch_server();

  [[nodiscard]] store::embedded_postgres& server() { return server_; }
  /// Nobody logs in as `usher_staff_reader`: it is what `usher_staff` becomes.
  [[nodiscard]] store::connect_target as(std::string_view role) const {
    if (role == "usher_staff_reader") return store::target_of(server_.conninfo("usher_staff"), role);
    return {server_.conninfo(role), {}};
  }
  /// As a superuser, whom row-level security doesn't bind.
  store::rows ask(const std::string& sql, const store::parameters& params = {});
  std::int64_t number(const std::string& sql) { return ask(sql).int8(0, 0); }
  [[nodiscard]] store::lane_settings lanes(int count = 1) const;
  [[nodiscard]] store::read_settings reads() const;

 private:
  scratch_directory directory_;
  store::embedded_postgres server_;
};

/// Asks and waits; fails the test when no answer comes.
template <class T>
domain::result<T> answer_of(const std::function<void(domain::completion<T>)>& ask) {
  auto promise = std::make_shared<std::promise<domain::result<T>>>();
  auto future = promise->get_future();
  ask(domain::completion<T>([promise](domain::result<T> r) { promise->set_value(std::move(r)); }));
  if (future.wait_for(patience) != std::future_status::ready) throw std::runtime_error("no answer");
  return future.get();
}

/// Waits until it holds, or not any longer.
bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds limit = patience);

[[nodiscard]] store::steady_time soon();

using domain::instant;

/// 2026-06-01T12:00:00Z, and so many milliseconds later.
[[nodiscard]] instant noon(std::int64_t ms = 0);

[[nodiscard]] domain::organization an_organization();
[[nodiscard]] domain::caller staff();

struct ticket_wishes {
  domain::organization_id organization;
  std::int64_t number = 1;
  instant at = noon();
  std::function<void(domain::create_ticket&)> also = [](domain::create_ticket&) {};
};
[[nodiscard]] domain::change created(const ticket_wishes& wishes);
/// A merge of the fields that `set` sets.
template <class Set>
[[nodiscard]] domain::update_ticket update(Set set) {
  domain::update_ticket command;
  set(command);
  return command;
}
/// What a command of a manager's makes of the ticket.
[[nodiscard]] domain::change changed(const domain::ticket_ptr& ticket, const domain::ticket_command& command,
                                     instant at);

/// Submits and waits.
domain::result<std::monostate> commit(store::writer& lanes, store::write what);
domain::result<std::monostate> commit(store::writer& lanes, domain::change what);
domain::organization_id add_organization(store::writer& lanes);

/// Loads one ticket as staff; throws when it isn't there.
domain::ticket_ptr load(store::reader& reads, domain::ticket_id id);

/// Every part of two tickets is the same, the clocks too.
bool same(const domain::ticket& a, const domain::ticket& b);

}  // namespace usher::test
