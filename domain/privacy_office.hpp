// What is asked about the personal data that the desk holds, and of whom.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "domain/caller.hpp"
#include "domain/completion.hpp"
#include "domain/ids.hpp"

namespace usher::domain {

/// Whom it is about: an address that a ticket names, the `sub` of tokens, or words in other people's tickets.
enum class subject_kind : std::uint8_t { email, user_id, phrase };
[[nodiscard]] constexpr std::string_view to_word(subject_kind kind) noexcept {
  return kind == subject_kind::email ? "email" : kind == subject_kind::user_id ? "user_id" : "phrase";
}

struct personal_subject {
  subject_kind kind = subject_kind::email;
  std::string text;
};

/// Erases; the answer is the erasure, `done` when it did not take long. For a phrase nothing is erased yet: the answer
/// is `preview`, or `searching`. Refusals: `legal_hold`, `too_many_found`.
struct erase_question {
  personal_subject subject;
  std::optional<organization_id> organization{};  ///< only what is of this one
};
/// Erases the phrase of a preview. Refusals: `legal_hold`.
struct confirm_question {
  uuid id;
  std::optional<std::vector<uuid>> tickets;  ///< of those that were found; nothing: all
};
struct erasure_question {
  uuid id;
};
struct erasures_question {};
/// All that is held about somebody. The answer is the document, or, when it is made later, the export.
struct export_question {
  personal_subject subject;
  bool later = false;  ///< made later in any case
};
struct export_state_question {
  uuid id;
};
struct retention_question {};

/// What happens to tickets that have been closed for so long.
struct retention_rule {
  std::string category;  ///< a code, or `*` for those without a rule of their own
  int after_days = 0;
  std::string action;  ///< `anonymise` or `delete`
};
/// What nobody may erase, whatever the rules and the erasures say.
struct legal_hold {
  std::string kind;  ///< `ticket` or `organization`
  uuid id;
  std::string reason;
};
struct retention_change {
  std::vector<retention_rule> rules;
  std::vector<legal_hold> holds;
  bool dry_run = false;
};

using privacy_question = std::variant<erase_question, confirm_question, erasure_question, erasures_question,
                                      export_question, export_state_question, retention_question, retention_change>;

/// The text of a JSON object or array; `id` is of what was made, when something was.
struct privacy_answer {
  std::string body;
  std::optional<uuid> id;
  bool later = false;  ///< the body says where it stands, and not what was asked for
  /// A stable word for why it was not done; the body is a sentence about it then. Empty: it was done.
  std::string_view refused{};
};

/// Thread-safe. The completion is called once, on a thread of the office. Errors: `not_found`, `invalid`, `conflict`,
/// `overloaded`, `unavailable`.
class privacy_office {
 public:
  virtual ~privacy_office() = default;
  virtual void ask(privacy_question what, const caller& by, completion<privacy_answer> done) = 0;
};

}  // namespace usher::domain
