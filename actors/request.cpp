#include "actors/request.hpp"

#include <vector>

namespace usher::actors {

store::idempotency_record to_record(const idempotency& key, stored_answer answer, domain::instant at) {
  store::idempotency_record record;
  record.organization = key.organization.value_or(domain::organization_id{});
  record.caller_sub = key.caller_sub;
  record.route = key.route;
  record.key = key.key;
  record.fingerprint = key.fingerprint;
  record.status = answer.status;
  record.body = std::move(answer.body);
  record.ticket = answer.ticket;
  record.version = answer.version;
  record.created_at = at;
  return record;
}

key_claims::claim key_claims::take(const std::string& key) {
  std::scoped_lock guard(mutex_);
  if (!taken_.insert(key).second) return nullptr;
  return {static_cast<void*>(this), [this, key](void*) {
            std::scoped_lock release(mutex_);
            taken_.erase(key);
          }};
}

void deadline_sweep::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      sweep();
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
}

void deadline_sweep::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void deadline_sweep::watch(std::chrono::steady_clock::time_point deadline, std::shared_ptr<answer_slot> slot) {
  std::scoped_lock guard(mutex_);
  watched_.push_back({deadline, std::move(slot)});
}

// What was answered is let go from the front; a slot in the middle goes when those before it have: at the latest with
// their deadline.
void deadline_sweep::sweep() {
  auto now = clock_.steady_now();
  std::vector<std::shared_ptr<answer_slot>> late;
  {
    std::scoped_lock guard(mutex_);
    while (!watched_.empty() && (watched_.front().slot->answered() || watched_.front().deadline <= now)) {
      late.push_back(std::move(watched_.front().slot));
      watched_.pop_front();
    }
  }
  for (const auto& slot : late) slot->answer(domain::fail(domain::errc::timed_out));
}

}  // namespace usher::actors
