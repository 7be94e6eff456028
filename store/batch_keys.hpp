// What tells the writes of a batch apart.
#pragma once

#include <string>

#include "store/outbox_port.hpp"
#include "store/ports.hpp"

namespace usher::store {

[[nodiscard]] std::string key_of(const domain::uuid& id);
[[nodiscard]] std::string key_of(const idempotency_record& what);
/// The answer that a write keeps; null when it keeps none.
[[nodiscard]] const idempotency_record* answer_of(const write& what);
/// Whose deliveries the write has something for.
[[nodiscard]] std::vector<outbox_queue> queues_of(const write& what);

}  // namespace usher::store
