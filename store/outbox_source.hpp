// The courier's connection.
#pragma once

#include <optional>

#include "store/connection.hpp"
#include "store/outbox_port.hpp"

namespace usher::store {

/// Connects when it is asked, as `usher_courier`, and holds an advisory lock: one server delivers at a time. What an
/// earlier server had taken and not settled is free again with the first connection.
class outbox_source final : public outbox_store {
 public:
  explicit outbox_source(connect_target courier, std::chrono::milliseconds answer_max = std::chrono::seconds(10));

  [[nodiscard]] outbox_claim claim(const std::vector<outbox_wish>& wishes, domain::instant now,
                                   domain::instant lease_until) override;
  void record(const std::vector<outbox_try>& tries, domain::instant now) override;
  void release(const std::vector<domain::uuid>& ids) override;
  [[nodiscard]] std::vector<outbox_level> survey(domain::instant now) override;
  std::int64_t purge(domain::instant before) override;

 private:
  /// Runs the statements as one transaction. Throws `unavailable_error`.
  std::vector<rows> ask(std::vector<statement> statements);
  void open();
  [[nodiscard]] steady_time deadline() const { return std::chrono::steady_clock::now() + answer_max_; }

  connect_target target_;
  std::chrono::milliseconds answer_max_;
  std::optional<connection> connection_;
  int former_backend_ = 0;
  bool freed_ = false;  ///< what an earlier server had taken
};

}  // namespace usher::store
