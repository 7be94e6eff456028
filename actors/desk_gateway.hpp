// The gateway's inside: what a submission passes before it reaches its ticket, and the questions that need no actor.
#pragma once

#include <atomic>

#include "actors/desk_parts.hpp"
#include "actors/gateway.hpp"
#include "actors/monitor_board.hpp"
#include "actors/organization_directory.hpp"
#include "actors/request.hpp"
#include "actors/settings_keeper.hpp"
#include "actors/shard_table.hpp"

namespace usher::actors {

class desk_gateway final : public gateway {
 public:
  desk_gateway(desk_parts& desk, organization_directory& organizations, const shard_table& shards,
               const monitor_board& board);

  void submit(submission what, domain::completion<outcome> done) override;
  void get(domain::ticket_id id, const domain::caller& by, domain::completion<domain::ticket_ptr> done) override;
  [[nodiscard]] bool is_emergency(domain::ticket_id id, const domain::caller& by) const override;
  void find(std::int64_t number, const domain::caller& by, domain::completion<domain::ticket_id> done) override;
  void list(domain::ticket_query query, const domain::caller& by,
            domain::completion<domain::page<domain::ticket_ptr>> done) override;
  void messages(domain::ticket_id id, const domain::caller& by, int limit, std::string cursor,
                domain::completion<domain::page<domain::message>> done) override;
  void clock_events(domain::ticket_id id, const domain::caller& by, domain::completion<clock_history> done) override;
  void records(domain::record_query query, const domain::caller& by,
               domain::completion<domain::page<std::string>> done) override;
  void claim(usher::idempotency key, std::chrono::steady_clock::time_point deadline,
             domain::completion<claimed_key> done) override;
  void keep(claimed_key key, stored_answer answer, domain::completion<std::monostate> done) override;
  void check(domain::completion<check_report> done) override;
  void apply_policies(const domain::caller& by, bool dry_run, std::string break_glass,
                      domain::completion<policy_report> done) override;
  void freeze(domain::completion<domain::freeze_state> done) override { desk_.freeze->look(std::move(done)); }
  void acknowledge_alert(domain::alert_event what, const domain::caller& by,
                         domain::completion<std::monostate> done) override;
  void redeliver(domain::uuid delivery, domain::webhook_id endpoint, domain::organization_id owner,
                 const domain::caller& by, domain::completion<std::monostate> done) override {
    desk_.writer.submit({store::redelivery_write{delivery, endpoint, owner, by, desk_.clock.now()},
                         desk_.clock.steady_now() + std::chrono::seconds(8), std::move(done)});
  }
  [[nodiscard]] domain::settings_ptr settings() const override { return desk_.settings.get(); }
  void change_settings(settings_request what) override {
    if (auto why = closed()) return what.done(std::unexpected(std::move(*why)));
    seen(what.by);
    keeper_.change(std::move(what));
  }
  [[nodiscard]] std::shared_ptr<const std::string> latest_snapshot() const override { return board_.latest(); }
  [[nodiscard]] std::int64_t load_of(const std::string& agent) const override { return desk_.board->load_of(agent); }
  [[nodiscard]] std::vector<domain::candidate> suggest(const domain::ticket& t, std::size_t limit) const override;
  void organization(domain::organization_id id, const domain::caller& by,
                    domain::completion<domain::organization> done) override;
  void organizations(const domain::caller& by, int limit, std::string cursor,
                     domain::completion<domain::page<domain::organization>> done) override;
  void put_organization(domain::organization what, const domain::caller& by,
                        std::optional<std::int64_t> expected_version,
                        domain::completion<domain::organization> done) override;
  [[nodiscard]] domain::result<std::shared_ptr<event_source>> follow(event_filter filter, const domain::caller& by,
                                                                     std::string_view after) override;
  [[nodiscard]] desk_health health() const override;

  // -- for the desk --
  void open(std::int64_t next_ticket_number);
  void expect_tickets(std::int64_t count) { expected_ = count; }
  void start_draining() {
    draining_ = true;
    desk_.events.close();
  }
  [[nodiscard]] std::int64_t in_flight() const { return in_flight_; }
  deadline_sweep& sweep() { return sweep_; }

 private:
  void apply_policies_now(const domain::caller& by, bool dry_run, domain::completion<policy_report> done);
  /// Why nothing may be asked now; nothing when all is well.
  [[nodiscard]] std::optional<domain::error> closed() const;
  [[nodiscard]] store::steady_time read_deadline() const;
  /// Whoever asks for something is there.
  void seen(const domain::caller& by) const {
    if (by.is_staff()) desk_.board->seen(by.sub);
  }

  /// The steps of a submission, each calling the next.
  void check_key(const request_ptr& request);
  void complete_creation(request_ptr request);
  void make_organization(const request_ptr& request, domain::organization_id id);
  /// Sends it on if the caller may know of the tickets that it names.
  void send_to_seen(request_ptr request);

  /// Submits a command of Usher's own to each ticket, a bounded number at a time.
  void submit_all(std::vector<domain::ticket_id> tickets, domain::ticket_command command, domain::caller by,
                  std::function<void(const domain::change&)> each, domain::completion<std::monostate> done);

  /// Fills in what no actor has, in the order of `ids`.
  void fill(std::vector<domain::ticket_id> ids, std::string next_cursor, store::scope who,
            domain::completion<domain::page<domain::ticket_ptr>> done);

  desk_parts& desk_;
  organization_directory& organizations_;
  const shard_table& shards_;
  const monitor_board& board_;
  settings_keeper keeper_{desk_};
  key_claims claims_;
  std::atomic<std::int64_t> in_flight_{0};
  deadline_sweep sweep_;
  std::atomic<std::int64_t> next_number_{1};
  std::atomic<std::int64_t> expected_{0};
  std::atomic<bool> recovered_{false};
  std::atomic<bool> draining_{false};
};

}  // namespace usher::actors
