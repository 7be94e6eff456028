// The root of the tree: supervises the shards, the ladder and the roster.
#pragma once

#include <functional>

#include "actors/caf_compat.hpp"
#include "actors/desk_parts.hpp"
#include "actors/level_actor.hpp"
#include "actors/roster_actor.hpp"
#include "actors/shard_table.hpp"

namespace usher::actors {

/// Starts the shards, the top of the ladder, the emergency protocol and the roster, and replaces one that crashes. Its
/// tickets have ended with it; `reload` brings them back from the store.
class root_actor {
 public:
  using actor_type = caf::stateful_actor<root_actor>;
  using reload_shard = std::function<void(std::size_t)>;
  static constexpr const char* name = "usher.desk";

  root_actor(actor_type* self, desk_parts* desk, shard_table* shards, ladder* levels, staff* people,
             reload_shard reload);
  ~root_actor();
  root_actor(const root_actor&) = delete;
  root_actor& operator=(const root_actor&) = delete;

  caf::behavior make_behavior();

 private:
  void start_shard(std::size_t index);
  void on_down(const shard_down& m);
  void start_level(int level);
  void start_roster();
  void on_stop();

  actor_type* self_;
  desk_parts& desk_;
  shard_table& shards_;
  ladder& ladder_;
  staff& staff_;
  reload_shard reload_;
};

}  // namespace usher::actors
