// Threads that answer questions in the order of their coming, each with a connection for customers and one for staff.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "domain/error.hpp"
#include "store/connection.hpp"
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

/// A bounded queue of questions and the threads that answer them.
class read_queue {
 public:
  /// Answers when it is given a session, and is dropped unanswered by an error.
  using job = std::move_only_function<void(read_session*, domain::errc refused)>;

  /// Keeps a reference to `settings`.
  read_queue(const read_settings& settings, int threads);
  /// Answers what waits with `shutting_down`, and lets what runs end.
  ~read_queue() { stop(); }
  read_queue(const read_queue&) = delete;
  read_queue& operator=(const read_queue&) = delete;

  void push(job what);
  void stop();

 private:
  void run();

  const read_settings& settings_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<job> waiting_;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace usher::store
