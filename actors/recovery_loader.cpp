#include "actors/recovery_loader.hpp"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "actors/shard_actor.hpp"

namespace usher::actors {

namespace {

/// Sorts a page by shard and sends each shard its part.
std::int64_t hand_out(const std::vector<domain::ticket_ptr>& page, const shard_table& shards,
                      const std::optional<std::size_t>& only) {
  std::vector<std::vector<domain::ticket_ptr>> parts(shards.size());
  for (const auto& ticket : page) parts[shard_of(ticket->id, shards.size())].push_back(ticket);
  std::int64_t sent = 0;
  for (std::size_t index = 0; index < parts.size(); ++index) {
    if (parts[index].empty() || (only && *only != index)) continue;
    sent += static_cast<std::int64_t>(parts[index].size());
    auto shared = std::make_shared<const std::vector<domain::ticket_ptr>>(std::move(parts[index]));
    caf::anon_send(shards.at(index), adopt_tickets{std::move(shared), only.has_value()});
  }
  return sent;
}

void load_range(store::recovery& source, const shard_table& shards, const recovery_plan& plan, domain::ticket_id after,
                domain::ticket_id up_to, std::atomic<std::int64_t>& sent) {
  while (true) {
    auto page = source.load_live_tickets(after, up_to, plan.page_size);
    plan.throttle(sent);
    sent += hand_out(page, shards, plan.only_shard);
    if (std::ssize(page) < plan.page_size) return;
    after = page.back()->id;
  }
}

}  // namespace

std::int64_t load_live_tickets(store::recovery& source, const shard_table& shards, const recovery_plan& plan) {
  auto bounds = source.split_live_tickets(plan.threads);
  std::atomic<std::int64_t> sent{0};
  std::mutex mutex;
  std::exception_ptr failure;
  if (bounds.size() == 1) {
    load_range(source, shards, plan, {}, bounds.front(), sent);
  } else {
    std::vector<std::jthread> threads;
    domain::ticket_id after{};
    for (const auto& up_to : bounds) {
      threads.emplace_back([&, after, up_to] {
        try {
          load_range(source, shards, plan, after, up_to, sent);
        } catch (...) {
          std::scoped_lock guard(mutex);
          failure = std::current_exception();
        }
      });
      after = up_to;
    }
  }
  if (failure) std::rethrow_exception(failure);
  return sent;
}

}  // namespace usher::actors
