// A desk in memory: real rules, no actors and no store. Answers on the caller's thread, or on one of its own.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "actors/gateway.hpp"
#include "domain/ticket_decide.hpp"

namespace usher::test {

class fake_desk final : public gateway {
 public:
  explicit fake_desk(const domain::clock_port& clock) : clock_(clock) {}
  ~fake_desk() override {
    if (!worker_.joinable()) return;
    {
      const std::lock_guard lock(queue_mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    worker_.join();
  }

  /// From now on everything is answered by another thread.
  void answer_elsewhere() {
    worker_ = std::thread([this] { work(); });
    elsewhere_ = true;
  }
  /// From now on answers are kept back until `release`.
  void hold() {
    const std::lock_guard lock(queue_mutex_);
    held_ = true;
  }
  void release() {
    {
      const std::lock_guard lock(queue_mutex_);
      held_ = false;
    }
    wake_.notify_all();
  }
  [[nodiscard]] std::size_t waiting() {
    const std::lock_guard lock(queue_mutex_);
    return queue_.size();
  }
  /// The next submission fails with this.
  void fail_next(domain::errc code) { next_error_ = code; }

  /// The next submission is dropped without an answer.
  void drop_next() { drop_next_ = true; }

  desk_health state{.recovered = true, .tickets_loaded = 0, .tickets_expected = 0, .store_reachable = true};

  void submit(submission what, domain::completion<outcome> done) override {
    run([this, what = std::move(what), done = std::move(done)]() mutable {
      if (std::exchange(drop_next_, false)) return;
      auto answer = decide(what);
      done(std::move(answer));
    });
  }

  void get(domain::ticket_id id, const domain::caller& by, domain::completion<domain::ticket_ptr> done) override {
    run([this, id, by, done = std::move(done)]() mutable {
      auto found = find_ticket(id);
      if (!found || found->deleted_at || !by.sees(found->organization))
        return done(domain::fail(domain::errc::not_found));
      done(std::move(found));
    });
  }

  [[nodiscard]] bool is_emergency(domain::ticket_id id, const domain::caller& by) const override {
    const auto found = find_ticket(id);
    return found && by.sees(found->organization) && found->urgency == domain::urgency::emergency;
  }

  void find(std::int64_t number, const domain::caller& by, domain::completion<domain::ticket_id> done) override {
    run([this, number, by, done = std::move(done)]() mutable {
      std::optional<domain::ticket_id> found;
      {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, ticket] : tickets_)
          if (ticket->number == number && by.sees(ticket->organization)) found = id;
      }
      if (!found) return done(domain::fail(domain::errc::not_found));
      done(*found);
    });
  }

  void list(domain::ticket_query query, const domain::caller& by,
            domain::completion<domain::page<domain::ticket_ptr>> done) override {
    run([this, query, by, done = std::move(done)]() mutable {
      const std::lock_guard lock(mutex_);
      last_query = query;
      domain::page<domain::ticket_ptr> out;
      for (const auto& [id, ticket] : tickets_) {
        if (!by.sees(ticket->organization)) continue;
        if (out.data.size() == static_cast<std::size_t>(query.limit)) {
          out.next_cursor = "next page/+";
          break;
        }
        out.data.push_back(ticket);
      }
      done(std::move(out));
    });
  }

  void messages(domain::ticket_id id, const domain::caller&, int, std::string,
                domain::completion<domain::page<domain::message>> done) override {
    run([this, id, done = std::move(done)]() mutable {
      const std::lock_guard lock(mutex_);
      done(domain::page<domain::message>{messages_[id], {}});
    });
  }

  void clock_events(domain::ticket_id id, const domain::caller& by, domain::completion<clock_history> done) override {
    const auto ticket = find_ticket(id);
    if (!ticket || !by.sees(ticket->organization)) return done(domain::fail(domain::errc::not_found));
    done(clock_history{ticket, clock_events_[id]});
  }
  void records(domain::record_query, const domain::caller&,
               domain::completion<domain::page<std::string>> done) override {
    done(domain::page<std::string>{{R"({"id":"1"})"}, {}});
  }
  void check(domain::completion<check_report> done) override { done(check_report{4, 3, 2, 1}); }
  void apply_policies(const domain::caller&, bool dry_run, std::string,
                      domain::completion<policy_report> done) override {
    done(policy_report{dry_run, 0, 0, {}});
  }
  void freeze(domain::completion<domain::freeze_state> done) override { done(domain::freeze_state{}); }
  [[nodiscard]] domain::settings_ptr settings() const override {
    return std::make_shared<const domain::desk_settings>(settings_);
  }
  void change_settings(settings_request what) override {
    auto changed = what.edit(settings_);
    if (!changed) return what.done(std::unexpected(changed.error()));
    settings_ = changed->next;
    what.done(settings());
  }
  [[nodiscard]] std::shared_ptr<const std::string> latest_snapshot() const override { return snapshot; }
  std::shared_ptr<const std::string> snapshot;

  /// Events that a test tells, to one follower.
  class told_events final : public event_source {
   public:
    [[nodiscard]] const std::string& start() const noexcept override { return start_; }
    void next(domain::completion<std::vector<event_line>> done) override {
      const std::lock_guard lock(mutex_);
      if (closed_) return done(domain::fail(domain::errc::shutting_down));
      if (lines_.empty()) return void(waiting_ = std::move(done));
      done(std::exchange(lines_, {}));
    }
    void tell(std::string position, domain::event_type type, std::string payload) {
      auto event = std::make_shared<domain::feed_event>();
      event->type = type;
      event->payload = std::move(payload);
      const std::lock_guard lock(mutex_);
      lines_.push_back({std::move(position), std::move(event)});
      if (waiting_) std::exchange(waiting_, {})(std::exchange(lines_, {}));
    }
    void close() {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      if (waiting_) std::exchange(waiting_, {})(domain::fail(domain::errc::shutting_down));
    }
    void set_start(std::string start) { start_ = std::move(start); }

   private:
    std::mutex mutex_;
    std::string start_ = "1000-0";
    std::vector<event_line> lines_;
    domain::completion<std::vector<event_line>> waiting_;
    bool closed_ = false;
  };
  std::shared_ptr<told_events> events = std::make_shared<told_events>();
  event_filter followed;  ///< what the last follower asked for
  [[nodiscard]] domain::result<std::shared_ptr<event_source>> follow(event_filter filter, const domain::caller&,
                                                                     std::string_view after) override {
    followed = std::move(filter);
    if (after == "nonsense") return domain::fail(domain::errc::bad_cursor);
    if (!after.empty()) events->set_start(std::string(after));
    return events;
  }
  [[nodiscard]] std::int64_t load_of(const std::string&) const override { return 0; }
  [[nodiscard]] std::vector<domain::candidate> suggest(const domain::ticket&, std::size_t) const override {
    return {{"u1", 640, {"online"}}};
  }
  void redeliver(domain::uuid, domain::webhook_id, domain::organization_id, const domain::caller&,
                 domain::completion<std::monostate> done) override {
    done(std::monostate{});
  }
  void acknowledge_alert(domain::alert_event, const domain::caller&, domain::completion<std::monostate> done) override {
    done(std::monostate{});
  }
  void claim(usher::idempotency key, std::chrono::steady_clock::time_point,
             domain::completion<claimed_key> done) override {
    const std::lock_guard lock(mutex_);
    claimed_key out{std::move(key), std::make_shared<int>(0), std::nullopt};
    const auto at = kept_.find(out.key.key);
    if (at != kept_.end()) out.replayed = at->second.second;
    done(std::move(out));
  }
  void keep(claimed_key key, stored_answer answer, domain::completion<std::monostate> done) override {
    {
      const std::lock_guard lock(mutex_);
      kept_[key.key.key] = {key.key.fingerprint, std::move(answer)};
    }
    done(std::monostate{});
  }

  void organization(domain::organization_id id, const domain::caller&,
                    domain::completion<domain::organization> done) override {
    const std::lock_guard lock(mutex_);
    const auto at = organizations_.find(id);
    if (at == organizations_.end()) return done(domain::fail(domain::errc::not_found));
    done(at->second);
  }
  void organizations(const domain::caller&, int, std::string,
                     domain::completion<domain::page<domain::organization>> done) override {
    domain::page<domain::organization> out;
    for (const auto& [id, organization] : organizations_) out.data.push_back(organization);
    done(std::move(out));
  }
  void put_organization(domain::organization what, const domain::caller&, std::optional<std::int64_t>,
                        domain::completion<domain::organization> done) override {
    const std::lock_guard lock(mutex_);
    auto& kept = organizations_[what.id];
    what.version = kept.id.is_nil() ? 1 : kept.version + 1;
    kept = what;
    done(kept);
  }
  [[nodiscard]] desk_health health() const override { return state; }

  domain::ticket_query last_query;

 private:
  domain::result<outcome> decide(submission& what) {
    const std::lock_guard lock(mutex_);
    if (const auto code = std::exchange(next_error_, std::nullopt)) return domain::fail(*code);
    if (what.idempotency) {
      const auto at = kept_.find(what.idempotency->key);
      if (at != kept_.end()) {
        if (at->second.first != what.idempotency->fingerprint)
          return domain::fail(domain::errc::idempotency_key_reused);
        return outcome{{}, at->second.second};
      }
    }
    if (auto* made = std::get_if<domain::create_ticket>(&what.command)) made->number = ++numbers_;
    domain::ticket_ptr before;
    if (what.id) before = tickets_.contains(*what.id) ? tickets_[*what.id] : nullptr;
    if (what.id && !before) return domain::fail(domain::errc::not_found);
    const domain::decision_context context{what.by, clock_.now(), &settings_, what.expected_version, nullptr};
    auto change = domain::perform(before, what.command, context);
    if (!change) return std::unexpected(change.error());
    tickets_[change->after->id] = change->after;
    for (const auto& event : change->events)
      if (const auto* clock = std::get_if<domain::clock_changed>(&event))
        clock_events_[change->after->id].push_back(*clock);
    if (const auto* added = change->added_message()) messages_[change->after->id].push_back(*added);
    if (what.idempotency)
      kept_[what.idempotency->key] = {what.idempotency->fingerprint, what.idempotency->render(*change)};
    return outcome{std::move(*change), std::nullopt};
  }

  domain::ticket_ptr find_ticket(domain::ticket_id id) const {
    const std::lock_guard lock(mutex_);
    const auto at = tickets_.find(id);
    return at == tickets_.end() ? nullptr : at->second;
  }

  void run(std::move_only_function<void()> job) {
    if (!elsewhere_) return job();
    {
      const std::lock_guard lock(queue_mutex_);
      queue_.push_back(std::move(job));
    }
    wake_.notify_all();
  }

  void work() {
    std::unique_lock lock(queue_mutex_);
    while (true) {
      wake_.wait(lock, [this] { return stop_ || (!held_ && !queue_.empty()); });
      if (stop_) return;
      auto job = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      job();
      lock.lock();
    }
  }

  const domain::clock_port& clock_;
  domain::desk_settings settings_ = domain::desk_settings::defaults();
  mutable std::mutex mutex_;
  std::map<domain::ticket_id, domain::ticket_ptr> tickets_;
  std::map<domain::ticket_id, std::vector<domain::message>> messages_;
  std::map<domain::ticket_id, std::vector<domain::clock_changed>> clock_events_;
  std::map<domain::organization_id, domain::organization> organizations_;
  std::map<std::string, std::pair<std::string, stored_answer>> kept_;
  std::int64_t numbers_ = 1000;
  std::optional<domain::errc> next_error_;
  bool drop_next_ = false;

  bool elsewhere_ = false;
  std::mutex queue_mutex_;
  std::condition_variable wake_;
  std::deque<std::move_only_function<void()>> queue_;
  bool stop_ = false;
  bool held_ = false;
  std::thread worker_;
};

}  // namespace usher::test
