// The read path. What a write waits for, what people look at, and reports have a queue each, so that none of them waits
// for one that takes longer by its nature.
#pragma once

#include "store/policy_shelf.hpp"
#include "store/ports.hpp"
#include "store/read_queue.hpp"

namespace usher::store {

class read_pool final : public reader {
 public:
  /// `settings.threads` answer what people look at; one more each is for the other two.
  explicit read_pool(read_settings settings);
  /// Answers what waits with `shutting_down`, and lets what runs end.
  ~read_pool() override;

  void list_tickets(domain::ticket_query query, scope who, steady_time deadline,
                    domain::completion<ticket_id_page> done) override;
  void load_tickets(std::vector<domain::ticket_id> ids, scope who, steady_time deadline,
                    domain::completion<std::vector<domain::ticket_ptr>> done) override;
  void find_ticket(std::int64_t number, scope who, steady_time deadline,
                   domain::completion<domain::ticket_id> done) override;
  void list_messages(domain::ticket_id ticket, scope who, bool with_internal, int limit, std::string cursor,
                     steady_time deadline, domain::completion<domain::page<domain::message>> done) override;
  void list_organizations(scope who, int limit, std::string cursor, steady_time deadline,
                          domain::completion<domain::page<domain::organization>> done) override;
  void list_clock_events(domain::ticket_id ticket, scope who, steady_time deadline,
                         domain::completion<std::vector<domain::clock_changed>> done) override;
  void list_due(domain::instant now, int limit, steady_time deadline,
                domain::completion<std::vector<domain::ticket_id>> done) override;
  void list_expired(expiry limits, steady_time deadline, domain::completion<expired_rows> done) override;
  void list_trail(trail_query query, scope who, steady_time deadline,
                  domain::completion<std::vector<domain::trail_entry>> done) override;
  void list_records(domain::record_query query, scope who, steady_time deadline,
                    domain::completion<domain::page<std::string>> done) override;
  void find_idempotent(domain::organization_id organization, std::string caller_sub, std::string route, std::string key,
                       domain::instant now, steady_time deadline, domain::completion<idempotency_record> done) override;

  void stop();

 private:
  template <class T, class Question>
  static void enqueue(read_queue& in, steady_time deadline, domain::completion<T> done, Question question);

  read_settings settings_;
  policy_shelf shelf_;
  read_queue writes_;   ///< what a change or a timer waits for
  read_queue looks_;    ///< tickets, threads, lists
  read_queue reports_;  ///< sums over many rows: one at a time, however many ask
};

}  // namespace usher::store
