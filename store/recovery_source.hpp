// What a desk reads once, at its start.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "store/connection.hpp"
#include "store/policy_shelf.hpp"
#include "store/ports.hpp"

namespace usher::store {

class recovery_source final : public recovery {
 public:
  /// `staff` is as `usher_staff_reader`, which sees all. `answer_max` is the longest wait for one answer.
  explicit recovery_source(connect_target staff, std::chrono::milliseconds answer_max = std::chrono::minutes(2));

  [[nodiscard]] std::int64_t highest_ticket_number() override;
  [[nodiscard]] std::int64_t count_live_tickets() override;
  [[nodiscard]] std::vector<domain::organization> all_organizations() override;
  [[nodiscard]] domain::desk_settings settings() override;
  [[nodiscard]] std::vector<agent_record> agent_records() override;
  [[nodiscard]] std::vector<customer_record> customer_records(domain::instant since) override;
  [[nodiscard]] std::vector<domain::ticket_id> split_live_tickets(int parts) override;
  [[nodiscard]] std::vector<domain::ticket_ptr> load_live_tickets(domain::ticket_id after, domain::ticket_id up_to,
                                                                  int limit) override;

  /// Closes the connections; they are made anew when something is asked again.
  void close();

 private:
  /// The calling thread's own connection. A thread's connection outlives the thread, until `close`.
  [[nodiscard]] std::shared_ptr<connection> mine();
  [[nodiscard]] rows ask(connection& with, statement question);

  connect_target target_;
  std::chrono::milliseconds answer_max_;
  std::mutex mutex_;
  std::map<std::thread::id, std::shared_ptr<connection>> connections_;
  policy_shelf shelf_;
};

}  // namespace usher::store
