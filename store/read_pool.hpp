// The read path: a few threads, each with a connection for customers and one for staff.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "store/connection.hpp"
#include "store/policy_shelf.hpp"
#include "store/ports.hpp"

namespace usher::store {

struct read_settings {
  connect_target customers;  ///< as `usher_reader`, which sees one organization
  connect_target staff;      ///< as `usher_staff`, which may become `usher_staff_reader`, which sees all
  int threads = 4;
  std::size_t queue_max = 1024;  ///< questions that wait; beyond it they are `overloaded`
};

/// A thread's connections, made when they are first needed.
class read_session {
 public:
  explicit read_session(const read_settings& settings) : settings_(settings) {}

  /// Asks all of it in one read-only transaction with one view of the data, in one round trip, as whom `who` says. A
  /// connection that turns out to be lost is made anew, once.
  [[nodiscard]] sql_result<std::vector<rows>> ask(const scope& who, std::vector<statement> questions,
                                                  steady_time deadline);

 private:
  [[nodiscard]] sql_result<std::vector<rows>> try_once(const scope& who, std::span<const statement> all,
                                                       steady_time deadline);

  const read_settings& settings_;
  std::optional<connection> customers_;
  std::optional<connection> staff_;
};

class read_pool final : public reader {
 public:
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
  /// Answers when it is given a session, and is dropped unanswered by an error.
  using job = std::move_only_function<void(read_session*, domain::errc refused)>;

  template <class T, class Question>
  void enqueue(steady_time deadline, domain::completion<T> done, Question question);
  void push(job what);
  void run();

  read_settings settings_;
  policy_shelf shelf_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<job> queue_;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace usher::store
