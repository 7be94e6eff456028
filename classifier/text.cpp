#include "classifier/text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <utility>

#include "classifier/mail_lines.hpp"

namespace usher::classifier {

namespace {

// A mail whose own words are fewer than this is about what it quotes.
constexpr std::size_t own_bytes_min = 30;
constexpr std::size_t repeats_max = 2;
constexpr std::size_t capitals_min = 12;

constexpr bool is_ascii_letter(char c) noexcept { return c >= 'a' && c <= 'z'; }

// Letters of Cyrillic and Greek (lower case) that pass for Latin ones.
constexpr std::array<std::pair<utf8proc_int32_t, char>, 31> look_alikes{{
    {0x0430, 'a'}, {0x0435, 'e'}, {0x043e, 'o'}, {0x0440, 'p'}, {0x0441, 'c'}, {0x0443, 'y'}, {0x0445, 'x'},
    {0x0456, 'i'}, {0x0455, 's'}, {0x0458, 'j'}, {0x04bb, 'h'}, {0x0501, 'd'}, {0x051b, 'q'}, {0x051d, 'w'},
    {0x043c, 'm'}, {0x043d, 'h'}, {0x0432, 'b'}, {0x043a, 'k'}, {0x0442, 't'}, {0x0433, 'r'}, {0x0454, 'e'},
    {0x03b1, 'a'}, {0x03b5, 'e'}, {0x03b9, 'i'}, {0x03ba, 'k'}, {0x03bd, 'v'}, {0x03bf, 'o'}, {0x03c1, 'p'},
    {0x03c4, 't'}, {0x03c5, 'u'}, {0x03c7, 'x'},
}};

char latin_for(utf8proc_int32_t letter) noexcept {
  const auto* found = std::ranges::find(look_alikes, letter, &std::pair<utf8proc_int32_t, char>::first);
  return found == look_alikes.end() ? '\0' : found->second;
}

/// Writes letters, marks and spaces one after the other, and keeps the text single-spaced and calm.
class plain_writer {
 public:
  explicit plain_writer(std::string& out) : out_(out), word_(out.size()) {}

  void put(char c) {
    if (c == ' ' || c == '\n') return space(c);
    bool word = is_ascii_letter(c) || (c >= '0' && c <= '9');
    if (!word) end_word();
    bool grown = is_ascii_letter(c) || c == '!' || c == '?' || c == '.' || c == '-' || c == '_' || c == '*' || c == '=';
    if (grown && repeats(c)) return;
    if (is_ascii_letter(c)) latin_ = true;
    out_ += c;
  }

  void put_other(utf8proc_int32_t letter) {
    std::array<utf8proc_uint8_t, 4> bytes{};
    auto size = utf8proc_encode_char(letter, bytes.data());
    out_.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size));
    if (latin_for(letter) != '\0') alike_ = true;
  }

  void end_word() {
    if (latin_ && alike_) replace_look_alikes();
    word_ = out_.size();
    latin_ = false;
    alike_ = false;
  }

 private:
  void space(char c) {
    end_word();
    if (out_.empty() || out_.back() == '\n') return;
    if (out_.back() == ' ') {
      if (c == '\n') out_.back() = '\n';
      return;
    }
    out_ += c;
    word_ = out_.size();
  }

  [[nodiscard]] bool repeats(char c) const noexcept {
    if (out_.size() < repeats_max) return false;
    return std::all_of(out_.end() - repeats_max, out_.end(), [c](char before) { return before == c; });
  }

  // A word of both scripts is one that somebody disguised; a word of one script is a foreign name.
  void replace_look_alikes() {
    std::size_t to = word_;
    for (std::size_t from = word_; from < out_.size();) {
      utf8proc_int32_t letter = 0;
      auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(out_.data() + from),
                                   static_cast<utf8proc_ssize_t>(out_.size() - from), &letter);
      if (size <= 0) break;
      char latin = size > 1 ? latin_for(letter) : '\0';
      if (latin != '\0') {
        out_[to++] = latin;
      } else {
        std::copy_n(out_.begin() + static_cast<std::ptrdiff_t>(from), size,
                    out_.begin() + static_cast<std::ptrdiff_t>(to));
        to += static_cast<std::size_t>(size);
      }
      from += static_cast<std::size_t>(size);
    }
    out_.resize(to);
  }

  std::string& out_;
  std::size_t word_;  ///< where the word at the end begins
  bool latin_ = false;
  bool alike_ = false;
};

/// Marks that people and their phones write in many ways.
char plain_mark(utf8proc_int32_t c) noexcept {
  switch (c) {
    case 0x2018:
    case 0x2019:
    case 0x201b:
    case 0x02bc:
    case 0x00b4:
    case 0x2032:
      return '\'';
    case 0x201c:
    case 0x201d:
    case 0x201e:
    case 0x00ab:
    case 0x00bb:
    case 0x2033:
      return '"';
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2015:
    case 0x2212:
      return '-';
    case 0x2026:
      return '.';
    case 0x20ac:
    case 0x00a3:
    case 0x00a5:
    case 0x20b9:
    case 0x20a6:
      return '$';
    case 0x2028:
    case 0x2029:
      return '\n';
    default:
      return '\0';
  }
}

void put_folded(plain_writer& out, utf8proc_int32_t c) {
  if (char mark = plain_mark(c); mark != '\0') return out.put(mark);
  std::array<utf8proc_int32_t, 24> folded{};
  int boundary = 0;
  auto options = static_cast<utf8proc_option_t>(UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK |
                                                UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
  auto count =
      utf8proc_decompose_char(c, folded.data(), static_cast<utf8proc_ssize_t>(folded.size()), options, &boundary);
  for (utf8proc_ssize_t i = 0; i < std::min<utf8proc_ssize_t>(count, static_cast<utf8proc_ssize_t>(folded.size()));
       ++i) {
    auto one = folded[static_cast<std::size_t>(i)];
    if (one == 0x00e6) {
      out.put('a');
      out.put('e');
    } else if (one == 0x0153) {
      out.put('o');
      out.put('e');
    } else if (one == 0x00f8 || one == 0x0142 || one == 0x0131) {
      out.put(one == 0x00f8 ? 'o' : one == 0x0142 ? 'l' : 'i');
    } else if (one < 0x80) {
      out.put(static_cast<char>(one < 0x20 ? ' ' : one));
    } else {
      auto kind = utf8proc_category(one);
      bool letter = kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO;
      if (letter)
        out.put_other(one);
      else if (kind != UTF8PROC_CATEGORY_MN && kind != UTF8PROC_CATEGORY_CF)
        out.put(' ');
    }
  }
}

constexpr std::array<std::pair<std::string_view, char>, 7> entities{{{"&nbsp;", ' '},
                                                                     {"&amp;", '&'},
                                                                     {"&lt;", '<'},
                                                                     {"&gt;", '>'},
                                                                     {"&quot;", '"'},
                                                                     {"&#39;", '\''},
                                                                     {"&apos;", '\''}}};
constexpr std::size_t tag_bytes_max = 200;

/// The length of a tag at the beginning of `text`, or 0: `<` and a letter or a slash, to the next `>`.
std::size_t tag_length(std::string_view text) noexcept {
  if (text.size() < 3 || (text[1] != '/' && (text[1] < 'A' || text[1] > 'z'))) return 0;
  auto end = text.substr(0, tag_bytes_max).find_first_of("><@", 1);
  return end == text.npos || text[end] != '>' ? 0 : end + 1;
}

bool breaks_line(std::string_view tag) noexcept {
  return tag.starts_with("<br") || tag.starts_with("</p") || tag.starts_with("</div") || tag.starts_with("<p");
}

/// Markup at the beginning of `text`: how long it is, and what stands for it.
std::pair<std::size_t, char> markup(std::string_view text) noexcept {
  if (text[0] == '<') {
    auto length = tag_length(text);
    return {length, breaks_line(text.substr(0, length)) ? '\n' : ' '};
  }
  for (const auto& [name, meaning] : entities)
    if (text.starts_with(name)) return {name.size(), meaning};
  return {0, '\0'};
}

std::string_view trimmed(std::string_view line) noexcept {
  while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  while (!line.empty() && line.back() == ' ') line.remove_suffix(1);
  return line;
}

}  // namespace

void append_plain(std::string& out, std::string_view raw) {
  plain_writer writer(out);
  for (std::size_t at = 0; at < raw.size();) {
    char c = raw[at];
    if (c == '<' || c == '&') {
      if (auto [length, meaning] = markup(raw.substr(at)); length > 0) {
        writer.put(meaning);
        at += length;
        continue;
      }
    }
    if (static_cast<unsigned char>(c) < 0x80) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      writer.put(c != '\n' && (c < 0x20 || c == 0x7f) ? ' ' : c);
      ++at;
      continue;
    }
    utf8proc_int32_t letter = 0;
    auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(raw.data() + at),
                                 static_cast<utf8proc_ssize_t>(raw.size() - at), &letter);
    if (size <= 0) {
      writer.put(' ');
      ++at;
      continue;
    }
    put_folded(writer, letter);
    at += static_cast<std::size_t>(size);
  }
  writer.end_word();
}

void text_cleaner::count_case(std::string_view raw) noexcept {
  for (char c : raw) {
    upper_ += c >= 'A' && c <= 'Z' ? 1 : 0;
    lower_ += c >= 'a' && c <= 'z' ? 1 : 0;
  }
}

void text_cleaner::clean_body(std::string_view body, plain_text& out) {
  lines_.clear();
  append_plain(lines_, body);
  auto begin = out.text.size();
  bool past_signature = false;
  std::string_view rest = lines_;
  while (!rest.empty() && !past_signature) {
    auto end = std::min(rest.find('\n'), rest.size());
    auto line = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    auto kind = classify_line(line);
    past_signature = kind == mail_line::signature && out.text.size() - begin >= own_bytes_min;
    if (kind != mail_line::own && kind != mail_line::signature) {
      out.quoted = out.quoted || kind != mail_line::footer;
      continue;
    }
    if (line.empty() || kind == mail_line::signature) continue;
    out.text += line;
    out.text += '\n';
  }
  if (out.text.size() - begin >= own_bytes_min) return;
  // Hardly a word of their own: the mail is what it quotes.
  out.text.resize(begin);
  out.text += lines_;
}

void text_cleaner::clean(std::string_view subject, std::string_view body, plain_text& out) {
  out.clear();
  subject = subject.substr(0, subject_bytes_max);
  body = body.substr(0, body_bytes_max);
  upper_ = lower_ = 0;
  count_case(subject);
  count_case(body);
  out.shouting = upper_ >= capitals_min && upper_ > lower_;
  append_plain(out.text, subject);
  while (!out.text.empty() && (out.text.back() == '\n' || out.text.back() == ' ')) out.text.pop_back();
  std::replace(out.text.begin(), out.text.end(), '\n', ' ');
  out.subject_end = out.text.size();
  out.text += '\n';
  clean_body(body, out);
}

}  // namespace usher::classifier
