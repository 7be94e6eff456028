// What happens to a ticket after it was created: a few steps, always the same for the same seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace usher::load {

enum class step_kind : std::uint8_t {
  staff_reply,       ///< a public message by staff
  internal_note,     ///< a message that customers must not see
  customer_message,  ///< reopens what is pending or resolved (contract, section 4.2)
  status,            ///< staff set the status to `text`
  priority,          ///< staff set the priority to `text`
};

struct step {
  step_kind kind;
  std::string text;  ///< a body, a status or a priority
};

/// The story of the ticket with this index and corpus id: an eighth of the tickets has none.
[[nodiscard]] std::vector<step> story_of(std::uint64_t seed, std::size_t index, std::string_view corpus_id);

/// The status of a ticket after a customer wrote to it.
[[nodiscard]] std::string status_after_customer_message(std::string_view status);

}  // namespace usher::load
