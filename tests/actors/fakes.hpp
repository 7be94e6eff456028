// A clock that a test steps, and a store in memory that can be made to refuse, to hang and to come back.
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "domain/time.hpp"
#include "store/ports.hpp"

namespace usher::tests {

class manual_clock final : public domain::clock_port {
 public:
  explicit manual_clock(domain::instant start) : now_(start.time_since_epoch().count()) {}
  [[nodiscard]] domain::instant now() const override { return domain::instant{domain::milliseconds{now_.load()}}; }
  [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override {
    return std::chrono::steady_clock::time_point{std::chrono::milliseconds{steady_.load()}};
  }
  void step(domain::milliseconds by) {
    now_ += by.count();
    steady_ += by.count();
  }

 private:
  std::atomic<std::int64_t> now_;
  std::atomic<std::int64_t> steady_{1'000'000};
};

/// Keeps what was committed, checks versions as the real one does, and lists every change in order.
class memory_store : public store::writer, public store::reader, public store::recovery {
 public:
  // -- what a test says --
  /// The next writes fail with this, so many times.
  void fail_next(domain::errc code, int times = 1) {
    std::scoped_lock guard(mutex_);
    failures_.insert(failures_.end(), static_cast<std::size_t>(times), code);
  }
  /// Holds writes back until `release`.
  void hold() {
    std::scoped_lock guard(mutex_);
    holding_ = true;
  }
  void release() {
    std::vector<store::write> held;
    {
      std::scoped_lock guard(mutex_);
      holding_ = false;
      held.swap(held_);
    }
    for (auto& write : held) commit(std::move(write));
  }
  void set_reachable(bool yes) { reachable_ = yes; }
  void put(const domain::ticket_ptr& ticket) {
    std::scoped_lock guard(mutex_);
    tickets_[ticket->id] = ticket;
  }

  // -- what a test asks --
  [[nodiscard]] domain::ticket_ptr stored(domain::ticket_id id) const {
    std::scoped_lock guard(mutex_);
    auto found = tickets_.find(id);
    return found == tickets_.end() ? nullptr : found->second;
  }
  [[nodiscard]] std::vector<domain::change> changes() const {
    std::scoped_lock guard(mutex_);
    return changes_;
  }
  [[nodiscard]] std::vector<store::alert_write> alerts() const {
    std::scoped_lock guard(mutex_);
    return alerts_;
  }
  [[nodiscard]] std::vector<store::snapshot_write> snapshots() const {
    std::scoped_lock guard(mutex_);
    return snapshots_;
  }
  [[nodiscard]] std::size_t held() const {
    std::scoped_lock guard(mutex_);
    return held_.size();
  }
  [[nodiscard]] int loads() const { return loads_; }

  // -- store::writer --
  void submit(store::write what) override {
    {
      std::scoped_lock guard(mutex_);
      if (holding_) {
        held_.push_back(std::move(what));
        return;
      }
    }
    commit(std::move(what));
  }
  [[nodiscard]] bool reachable() const noexcept override { return reachable_; }

  // -- store::reader --
  void list_tickets(domain::ticket_query query, store::scope who, store::steady_time,
                    domain::completion<store::ticket_id_page> done) override {
    store::ticket_id_page page;
    {
      std::scoped_lock guard(mutex_);
      for (const auto& [id, ticket] : tickets_) {
        bool seen = !who.organization || *who.organization == ticket->organization;
        if (seen && !ticket->deleted_at && std::ssize(page.ids) < query.limit) page.ids.push_back(id);
      }
    }
    done(std::move(page));
  }
  void load_tickets(std::vector<domain::ticket_id> ids, store::scope who, store::steady_time,
                    domain::completion<std::vector<domain::ticket_ptr>> done) override {
    ++loads_;
    if (!reachable_) return done(domain::fail(domain::errc::unavailable));
    std::vector<domain::ticket_ptr> found;
    {
      std::scoped_lock guard(mutex_);
      for (const auto& id : ids) {
        auto ticket = tickets_.find(id);
        if (ticket == tickets_.end()) continue;
        if (!who.organization || *who.organization == ticket->second->organization) found.push_back(ticket->second);
      }
    }
    done(std::move(found));
  }
  void find_ticket(std::int64_t number, store::scope, store::steady_time,
                   domain::completion<domain::ticket_id> done) override {
    std::unique_lock guard(mutex_);
    for (const auto& [id, ticket] : tickets_) {
      if (ticket->number != number) continue;
      auto found = id;
      guard.unlock();
      return done(found);
    }
    guard.unlock();
    done(domain::fail(domain::errc::not_found));
  }
  void list_messages(domain::ticket_id, store::scope, bool, int, std::string, store::steady_time,
                     domain::completion<domain::page<domain::message>> done) override {
    done(domain::page<domain::message>{});
  }
  void list_organizations(store::scope, int, std::string, store::steady_time,
                          domain::completion<domain::page<domain::organization>> done) override {
    done(domain::page<domain::organization>{});
  }
  void list_clock_events(domain::ticket_id, store::scope, store::steady_time,
                         domain::completion<std::vector<domain::clock_changed>> done) override {
    done(std::vector<domain::clock_changed>{});
  }
  void list_due(domain::instant now, int, store::steady_time,
                domain::completion<std::vector<domain::ticket_id>> done) override {
    std::vector<domain::ticket_id> due;
    {
      std::scoped_lock guard(mutex_);
      for (const auto& [id, t] : tickets_)
        if (auto at = t->next_timer(); at && *at <= now) due.push_back(id);
    }
    done(std::move(due));
  }
  void list_expired(store::expiry limits, store::steady_time, domain::completion<store::expired_rows> done) override {
    store::expired_rows out;
    {
      std::scoped_lock guard(mutex_);
      for (const auto& [id, t] : tickets_)
        if (t->deleted_at && *t->deleted_at <= limits.tickets_deleted_before) out.tickets.push_back(id);
      for (const auto& record : records_)
        if (record.created_at <= limits.keys_before) out.key_owners.push_back(record.organization);
    }
    done(std::move(out));
  }
  void list_trail(store::trail_query query, store::scope who, store::steady_time,
                  domain::completion<std::vector<domain::trail_entry>> done) override {
    std::vector<domain::trail_entry> out;
    {
      std::scoped_lock guard(mutex_);
      for (const auto& entry : trail_) {
        bool seen = !who.organization || *who.organization == entry.organization;
        bool meant = !query.ticket || query.ticket == entry.ticket;
        if (seen && meant && query.from <= entry.id && entry.id < query.to && std::ssize(out) < query.limit)
          out.push_back(entry);
      }
    }
    done(std::move(out));
  }
  void list_records(domain::record_query, store::scope, store::steady_time,
                    domain::completion<domain::page<std::string>> done) override {
    done(domain::page<std::string>{});
  }
  void find_idempotent(domain::organization_id organization, std::string sub, std::string route, std::string key,
                       domain::instant, store::steady_time,
                       domain::completion<store::idempotency_record> done) override {
    std::unique_lock guard(mutex_);
    for (const auto& r : records_) {
      if (r.organization != organization || r.caller_sub != sub || r.route != route || r.key != key) continue;
      auto found = r;
      guard.unlock();
      return done(std::move(found));
    }
    guard.unlock();
    done(domain::fail(domain::errc::not_found));
  }

  // -- store::recovery --
  std::int64_t highest_ticket_number() override {
    std::scoped_lock guard(mutex_);
    std::int64_t highest = 0;
    for (const auto& [id, ticket] : tickets_) highest = std::max(highest, ticket->number);
    return highest;
  }
  std::int64_t count_live_tickets() override {
    std::scoped_lock guard(mutex_);
    return std::count_if(tickets_.begin(), tickets_.end(), [](const auto& t) { return t.second->is_live(); });
  }
  std::vector<domain::organization> all_organizations() override {
    std::scoped_lock guard(mutex_);
    return organizations_;
  }
  domain::desk_settings settings() override { return people_settings; }
  domain::desk_settings people_settings = domain::desk_settings::defaults();  ///< what the next start finds
  std::vector<domain::ticket_id> split_live_tickets(int) override {
    domain::ticket_id last;
    last.value.bytes.fill(0xFF);
    return {last};
  }
  std::vector<domain::ticket_ptr> load_live_tickets(domain::ticket_id after, domain::ticket_id up_to,
                                                    int limit) override {
    std::scoped_lock guard(mutex_);
    std::vector<domain::ticket_ptr> page;
    for (const auto& [id, ticket] : tickets_) {
      if (after < id && id <= up_to && ticket->is_live() && std::ssize(page) < limit) page.push_back(ticket);
    }
    return page;
  }

 private:
  void commit(store::write write) {
    auto result = try_commit(write);
    write.done(std::move(result));
  }

  domain::result<std::monostate> try_commit(const store::write& write) {
    std::scoped_lock guard(mutex_);
    if (!reachable_) return domain::fail(domain::errc::unavailable);
    if (const auto* alert = std::get_if<store::alert_write>(&write.what)) {
      alerts_.push_back(*alert);
      return std::monostate{};
    }
    if (std::holds_alternative<store::policies_write>(write.what)) return std::monostate{};
    if (std::holds_alternative<store::settings_write>(write.what)) return std::monostate{};
    if (std::holds_alternative<store::alert_taken_write>(write.what)) return std::monostate{};
    if (std::holds_alternative<store::note_write>(write.what)) return std::monostate{};
    if (const auto* snapshot = std::get_if<store::snapshot_write>(&write.what)) {
      snapshots_.push_back(*snapshot);
      return std::monostate{};
    }
    if (const auto* purge = std::get_if<store::purge_write>(&write.what)) {
      for (const auto& id : purge->what.tickets) tickets_.erase(id);
      std::erase_if(records_, [&](const auto& r) { return r.created_at <= purge->limits.keys_before; });
      return std::monostate{};
    }
    if (!failures_.empty()) {
      auto code = failures_.front();
      failures_.pop_front();
      return domain::fail(code);
    }
    if (const auto* organization = std::get_if<store::organization_write>(&write.what)) {
      organizations_.push_back(organization->organization);
      return std::monostate{};
    }
    if (const auto* answer = std::get_if<store::answer_write>(&write.what)) {
      records_.push_back(answer->record);
      return std::monostate{};
    }
    const auto& ticket = std::get<store::ticket_write>(write.what);
    if (!fits(ticket.change) || (ticket.also && !fits(*ticket.also)))
      return domain::fail(domain::errc::version_mismatch);
    if (ticket.idempotency) records_.push_back(*ticket.idempotency);
    keep(ticket.change);
    if (ticket.also) keep(*ticket.also);
    return std::monostate{};
  }

  [[nodiscard]] bool fits(const domain::change& change) const {
    auto found = tickets_.find(change.after->id);
    std::int64_t stored = found == tickets_.end() ? 0 : found->second->version;
    return stored == (change.before ? change.before->version : 0);
  }

  void keep(const domain::change& change) {
    tickets_[change.after->id] = change.after;
    changes_.push_back(change);
    trail_.push_back({domain::new_uuid_v7(), change.after->organization, change.after->id, change.at,
                      domain::audit_details(change)});
  }

  mutable std::mutex mutex_;
  std::atomic<bool> reachable_{true};
  std::atomic<int> loads_{0};
  bool holding_ = false;
  std::vector<store::write> held_;
  std::deque<domain::errc> failures_;
  std::map<domain::ticket_id, domain::ticket_ptr> tickets_;
  std::vector<domain::change> changes_;
  std::vector<store::alert_write> alerts_;
  std::vector<domain::trail_entry> trail_;
  std::vector<store::snapshot_write> snapshots_;
  std::vector<store::idempotency_record> records_;
  std::vector<domain::organization> organizations_;
};

/// Waits for something that another thread brings about; false after ten seconds.
template <class Condition>
bool eventually(Condition done) {
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace usher::tests
