// Text in, verdict out: what a ticket is about, how pressing it is, how sure that is, and why.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "classifier/pattern.hpp"
#include "domain/category.hpp"
#include "domain/error.hpp"
#include "domain/ticket.hpp"
#include "domain/time.hpp"

namespace usher::classifier {

class model;

/// What is known of a ticket when it is judged. Text is looked at up to a limit (text.hpp); the rest is left out.
struct input {
  std::string_view subject;
  std::string_view body;
  std::optional<domain::instant> wedding_at;  ///< when the ceremony begins
  domain::instant now{};                      ///< only the distance to `wedding_at` matters
  std::string_view requester_kind;            ///< couple, vendor, planner, venue, guest; empty when not known
};

struct alternative {
  std::string category;
  float confidence = 0;
};

struct verdict {
  std::string category{domain::general_question};
  domain::priority priority = domain::priority::low;  ///< of the text and the date; a caller's own wins over it
  domain::urgency urgency = domain::urgency::none;    ///< the date's (contract, section 4.7), or the text's emergency
  bool emergency = false;  ///< the day is threatened: the emergency protocol is for this ticket (section 4.8)
  float confidence = 0;    ///< of the category, calibrated: of those at 0.8, eight in ten are right
  float emergency_confidence = 0;
  std::string method = "model";  ///< `pattern` when patterns alone decided, `pattern+model` when both agree, or `model`
  std::vector<std::string> signals;       ///< ids of the patterns that spoke for the verdict, strongest first
  std::vector<alternative> alternatives;  ///< the three likeliest categories, the verdict's first
};

/// The most signals that a verdict names.
inline constexpr std::size_t signals_max = 12;

/// The patterns and the model together. Every member can be called from any thread at any time.
class engine {
 public:
  /// With the patterns and the model that Usher ships with; throws when they are damaged.
  engine();
  /// With others; throws when a pattern is bad.
  engine(std::vector<pattern> patterns, std::shared_ptr<const model> weights);
  ~engine();
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  [[nodiscard]] verdict classify(const input& ticket) const;

  /// Compiles these patterns and puts them in the place of the old ones, for all threads at once; who is in the middle
  /// of a ticket ends with the old ones. Refused as a whole, with the id and the reason, when one is bad.
  [[nodiscard]] domain::result<void> replace_patterns(std::vector<pattern> patterns);
  /// The first half of it: compiles, and hands over what puts them in the old ones' place. For who has to store them in
  /// between.
  [[nodiscard]] domain::result<std::function<void()>> prepare_patterns(std::vector<pattern> patterns);
  /// The enabled patterns that are matched now.
  [[nodiscard]] std::vector<pattern> patterns() const;
  /// Puts another model in the old one's place, likewise.
  void replace_model(std::shared_ptr<const model> weights);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// The urgency that the ceremony's instant gives (contract, section 4.7), both ends inclusive.
[[nodiscard]] domain::urgency date_urgency(std::optional<domain::instant> wedding_at, domain::instant now) noexcept;

/// Whether a pattern could be part of a set; the reason when not: `/regex`, `/weight` and so on point at the field.
[[nodiscard]] domain::result<void> validate_pattern(const pattern& p);

}  // namespace usher::classifier
