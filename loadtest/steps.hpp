// What a step asks of the desk (contract, section 3).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "loadtest/corpus_file.hpp"
#include "loadtest/crowd.hpp"
#include "loadtest/ticket_book.hpp"
#include "loadtest/wire.hpp"

namespace usher::load {

/// What is the same for every step of a kind.
struct step_rule {
  std::vector<int> expect;    ///< statuses that are planned
  bool needs_ticket = false;  ///< it is about the ticket in hand
  bool optional = false;      ///< a server may not have it yet: see `journey_step::optional`
};
[[nodiscard]] const step_rule& rule_of(action kind);

/// The tickets that may be posted, and where those of a category are.
class ticket_texts {
 public:
  explicit ticket_texts(std::vector<labelled_ticket> all);

  /// One of the category; any, when the category is empty. `category` is one of `has`.
  [[nodiscard]] const labelled_ticket& draw(const std::string& category, lots& by) const;
  [[nodiscard]] bool has(const std::string& category) const { return by_category_.contains(category); }

 private:
  std::vector<labelled_ticket> all_;
  std::map<std::string, std::vector<std::size_t>> by_category_;
};

/// What all journeys share. Read only while the run goes on, except the book.
struct stage_props {
  const scenario& what;
  const crowd& people;
  const ticket_texts& texts;
  std::string run_id;  ///< makes the run's idempotency keys its own
};

/// Somebody on a journey.
struct traveller {
  const journey* plan = nullptr;
  const crowd_member* person = nullptr;
  std::uint32_t customer = 0;  ///< the person's index, of a customer
  std::optional<std::uint32_t> ticket;
  domain::uuid ticket_id;
  std::uint64_t number = 0;  ///< of the journey
  std::size_t requests = 0;  ///< sent so far
  lots luck{0};
};

/// The request of a step; `who.ticket` is set when the step's rule needs one.
[[nodiscard]] wire_request make_request(const stage_props& props, const journey_step& step, traveller& who);

}  // namespace usher::load
