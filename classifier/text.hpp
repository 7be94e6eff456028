// Text hygiene, once and before everything else: what a sender wrote, in a form that patterns and the model can share.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace usher::classifier {

/// The most bytes of a body that are looked at. The contract takes 20,000 characters; what a ticket is about stands in
/// the first part of it.
inline constexpr std::size_t body_bytes_max = 24'000;
inline constexpr std::size_t subject_bytes_max = 800;

/// A ticket's text made plain: lower case, no accents, no markup, straight quotes, single spaces. Sentences and lines
/// end in `.`, `!`, `?` or a newline. Letters of other scripts stay as they are, unless they stand among Latin ones and
/// look like them.
struct plain_text {
  std::string text;             ///< the subject, a newline, the body
  std::size_t subject_end = 0;  ///< where the subject's newline stands
  bool shouting = false;        ///< mostly capitals; says nothing about urgency, and is kept to be able to show it
  bool quoted = false;          ///< a quoted reply or a forwarded header was left out

  void clear() noexcept {
    text.clear();
    subject_end = 0;
    shouting = false;
    quoted = false;
  }
};

/// Keeps its buffers between texts, so that a warm cleaner allocates nothing. One thread at a time.
class text_cleaner {
 public:
  /// Writes the plain form of a ticket's text to `out`. Takes any bytes: what is not UTF-8 counts as a space. Time is
  /// linear in the length.
  void clean(std::string_view subject, std::string_view body, plain_text& out);

 private:
  void clean_body(std::string_view body, plain_text& out);
  void count_case(std::string_view raw) noexcept;

  std::string lines_;
  std::size_t upper_ = 0;
  std::size_t lower_ = 0;
};

/// Appends the plain form of one piece of text, without the rules for lines of mail.
void append_plain(std::string& out, std::string_view raw);

}  // namespace usher::classifier
