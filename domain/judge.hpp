// Whoever reads a ticket's text: the classifier, as the rules see it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ticket.hpp"

namespace usher::domain {

/// What a text is about, how pressing it is, how sure that is, and why.
struct text_verdict {
  struct alternative {
    std::string category;
    float confidence = 0;
  };

  domain::classification classification;
  domain::priority priority = domain::priority::low;  ///< of the text, and of the day if one was given
  domain::urgency urgency = domain::urgency::none;
  std::vector<alternative> alternatives;  ///< the likeliest categories, the verdict's first
};

/// Thread-safe, and quick: it is asked within a decision.
class judge {
 public:
  virtual ~judge() = default;
  [[nodiscard]] virtual text_verdict read(std::string_view subject, std::string_view body,
                                          const std::optional<instant>& wedding_at, instant now) const = 0;
};

/// Who may know better where the judge is in doubt, later: told of a ticket whose text has just been read. Thread-safe,
/// and must not block.
class second_reader {
 public:
  virtual ~second_reader() = default;
  virtual void consider(const ticket_ptr& ticket) noexcept = 0;
};

}  // namespace usher::domain
