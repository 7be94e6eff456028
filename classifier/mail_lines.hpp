// Which lines of a mail are its own: quoted replies, forwarded headers, signatures and disclaimers are not.
#pragma once

#include <string_view>

namespace usher::classifier {

enum class mail_line {
  own,          ///< what the sender wrote
  quoted,       ///< starts with `>`
  attribution,  ///< `On …, … wrote:` in three languages
  header,       ///< `From: …` and its like
  divider,      ///< `---- Original Message ----`, `-- Forwarded --`
  signature,    ///< `--`: what follows is no text of the ticket
  footer,       ///< a line that a mail program or a company's gateway adds
};

/// What a line is, from its plain form without spaces around it.
[[nodiscard]] mail_line classify_line(std::string_view plain) noexcept;

}  // namespace usher::classifier
