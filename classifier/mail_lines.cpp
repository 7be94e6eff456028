#include "classifier/mail_lines.hpp"

#include <algorithm>
#include <array>

namespace usher::classifier {

namespace {

using namespace std::string_view_literals;

// Header names as mail programs write them in the three languages (and Outlook's German, which comes with forwards).
constexpr std::array headers{"from:"sv, "to:"sv,   "cc:"sv,    "bcc:"sv,     "date:"sv, "sent:"sv,   "reply-to:"sv,
                             "de:"sv,   "para:"sv, "fecha:"sv, "enviado:"sv, "a:"sv,    "envoye:"sv, "importance:"sv,
                             "de :"sv,  "a :"sv,   "date :"sv, "envoye :"sv, "von:"sv,  "an:"sv,     "gesendet:"sv};

// Their text is the sender's; only the name of the header goes.
constexpr std::array footers{"sent from"sv,
                             "sent via"sv,
                             "sent with"sv,
                             "get outlook for"sv,
                             "enviado desde"sv,
                             "enviado con"sv,
                             "envoye depuis"sv,
                             "envoye de mon"sv,
                             "obtenir outlook"sv,
                             "[external email"sv,
                             "external email"sv,
                             "this message and any attach"sv,
                             "this email and any"sv,
                             "confidentiality"sv,
                             "the contents of this e"sv,
                             "este mensaje es confidencial"sv,
                             "ce message et ses p"sv,
                             "ce message est confid"sv,
                             "please consider the environ"sv};

constexpr std::array dividers{"original message"sv, "forwarded message"sv, "mensaje reenviado"sv,
                              "mensaje original"sv, "message transfere"sv, "message d'origine"sv,
                              "begin forwarded"sv,  "message original"sv};

constexpr std::size_t footer_bytes_max = 300;
constexpr std::size_t attribution_bytes_max = 160;

bool is_attribution(std::string_view line) noexcept {
  if (line.size() > attribution_bytes_max) return false;
  bool opens = line.starts_with("on ") || line.starts_with("el ") || line.starts_with("le ") || line.starts_with("--");
  if (!opens) return false;
  while (!line.empty() && (line.back() == '-' || line.back() == ' ' || line.back() == ':')) line.remove_suffix(1);
  return line.ends_with("wrote") || line.ends_with("escribio") || line.ends_with("a ecrit");
}

bool is_divider(std::string_view line) noexcept {
  if (line.size() > footer_bytes_max) return false;
  bool ruled = line.starts_with("--") || line.starts_with("__") || line.starts_with("begin forwarded");
  return ruled && std::ranges::any_of(dividers, [&](auto word) { return line.find(word) != line.npos; });
}

}  // namespace

mail_line classify_line(std::string_view plain) noexcept {
  if (plain.starts_with('>')) return mail_line::quoted;
  if (is_attribution(plain)) return mail_line::attribution;
  if (is_divider(plain)) return mail_line::divider;
  if (plain == "--" || plain == "---") return plain.size() == 2 ? mail_line::signature : mail_line::divider;
  auto starts = [&](std::string_view word) { return plain.starts_with(word); };
  if (plain.size() <= footer_bytes_max && std::ranges::any_of(headers, starts)) return mail_line::header;
  if (plain.size() <= footer_bytes_max && std::ranges::any_of(footers, starts)) return mail_line::footer;
  return mail_line::own;
}

}  // namespace usher::classifier
