#include "classifier/redaction.hpp"

#include <algorithm>
#include <array>

namespace usher::classifier {

namespace {

// Beginnings of words, small letters without accents: diet and health, then faith.
constexpr auto diet_stems = std::to_array<std::string_view>(
    {"vegan",    "vegetar",  "vegeta",  "gluten",     "celiac",   "coeliac",   "celiaqu", "celiac",
     "lactos",   "allerg",   "alerg",   "intoleran",  "diabet",   "anaphyl",   "anafil",  "epipen",
     "pescatar", "nut-free", "peanut",  "cacahuet",   "arachide", "shellfish", "marisco", "crustac",
     "pregnan",  "embaraz",  "enceint", "wheelchair", "ruedas",   "roulant",   "disab",   "discapac",
     "handicap", "asthma",   "epilep",  "autis",      "cancer"});
constexpr auto faith_stems = std::to_array<std::string_view>(
    {"kosher",   "casher",   "kasher",     "halal",   "muslim",  "musulm",   "islam",   "jewish",   "judio",
     "judia",    "juif",     "juive",      "rabbi",   "rabin",   "catholic", "catolic", "catholiq", "christian",
     "cristian", "chretien", "hindu",      "hindou",  "sikh",    "buddh",    "budis",   "bouddh",   "mormon",
     "orthodox", "ortodox",  "protestant", "imam",    "priest",  "sacerdot", "pretre",  "church",   "iglesia",
     "eglise",   "mosque",   "mezquita",   "synagog", "sinagog", "temple",   "nikah",   "ketubah",  "chuppah"});
// Capitals that name a product, a day or a month, or the speaker: what a model needs, and nobody's own.
constexpr auto harmless = std::to_array<std::string_view>(
    {"i",         "stripe",  "paypal",   "venmo",      "zelle",     "klarna",   "quickbooks", "xero",
     "google",    "gmail",   "outlook",  "ical",       "apple",     "icloud",   "android",    "iphone",
     "ipad",      "chrome",  "safari",   "firefox",    "zapier",    "hubspot",  "salesforce", "mailchimp",
     "honeybook", "dubsado", "calendly", "instagram",  "facebook",  "whatsapp", "pinterest",  "tiktok",
     "youtube",   "spotify", "dropbox",  "docusign",   "adobe",     "excel",    "word",       "amazon",
     "etsy",      "airbnb",  "visa",     "mastercard", "amex",      "monday",   "tuesday",    "wednesday",
     "thursday",  "friday",  "saturday", "sunday",     "january",   "february", "march",      "april",
     "may",       "june",    "july",     "august",     "september", "october",  "november",   "december",
     "english",   "spanish", "french"});

bool is_word_byte(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80 || c == '_';
}
bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }
bool is_space(unsigned char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

/// Small letters without the accents of the three languages.
std::string plain(std::string_view word) {
  std::string out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const auto c = static_cast<unsigned char>(word[i]);
    if (c >= 'A' && c <= 'Z') {
      out += static_cast<char>(c + ('a' - 'A'));
    } else if (c == 0xC3 && i + 1 < word.size()) {
      const auto low = static_cast<unsigned char>(word[++i]) | 0x20U;  // capital and small letter alike
      if (low >= 0xA0 && low <= 0xA5) out += 'a';
      if (low == 0xA7) out += 'c';
      if (low >= 0xA8 && low <= 0xAB) out += 'e';
      if (low >= 0xAC && low <= 0xAF) out += 'i';
      if (low == 0xB1) out += 'n';
      if (low >= 0xB2 && low <= 0xB6) out += 'o';
      if (low >= 0xB9 && low <= 0xBC) out += 'u';
    } else {
      out += static_cast<char>(c);
    }
  }
  return out;
}

bool begins_with_capital(std::string_view word) {
  const auto c = static_cast<unsigned char>(word.front());
  if (c >= 'A' && c <= 'Z') return true;
  return c == 0xC3 && word.size() > 1 && static_cast<unsigned char>(word[1]) < 0xA0;
}

/// All capitals: an abbreviation, or shouting.
bool is_loud(std::string_view word) {
  return word.size() > 1 && std::ranges::none_of(word, [](char c) { return c >= 'a' && c <= 'z'; });
}

template <std::size_t N>
bool begins_as(std::string_view word, const std::array<std::string_view, N>& stems) {
  return std::ranges::any_of(stems, [&](std::string_view stem) { return word.starts_with(stem); });
}

class redactor {
 public:
  explicit redactor(std::string_view text) : text_(text) {}

  std::string run() && {
    while (at_ < text_.size()) step();
    return std::move(out_);
  }

 private:
  void step() {
    const auto c = static_cast<unsigned char>(text_[at_]);
    if (is_digit(c) || c == '+') return take_number();
    if (is_word_byte(c)) return take_token();
    if (c == '.' || c == '!' || c == '?' || c == '\n' || c == ':') starts_sentence_ = true;
    out_ += text_[at_++];
  }

  /// Up to the next space.
  [[nodiscard]] std::size_t token_end() const {
    std::size_t end = at_;
    while (end < text_.size() && !is_space(static_cast<unsigned char>(text_[end]))) ++end;
    return end;
  }

  void take_token() {
    const auto end = token_end();
    auto token = text_.substr(at_, end - at_);
    if (token.find('@') != std::string_view::npos && token.find('.') != std::string_view::npos)
      return replace(token.size(), "[email]");
    if (token.find("://") != std::string_view::npos || token.starts_with("www."))
      return replace(token.size(), "[link]");
    std::size_t length = 0;
    while (length < token.size() && is_word_byte(static_cast<unsigned char>(token[length]))) ++length;
    take_word(token.substr(0, length));
  }

  void take_word(std::string_view word) {
    const auto small = plain(word);
    if (begins_as(small, diet_stems)) return replace(word.size(), "[diet]");
    if (begins_as(small, faith_stems)) return replace(word.size(), "[faith]");
    const bool named = begins_with_capital(word) && !starts_sentence_ && !is_loud(word) &&
                       std::ranges::find(harmless, small) == harmless.end();
    if (named) return replace(word.size(), "[name]");
    out_ += word;
    at_ += word.size();
    starts_sentence_ = false;
  }

  /// Digits with what stands between them in a phone's or a card's number. Few digits are a date, a time or an amount.
  void take_number() {
    std::size_t end = at_;
    int digits = 0;
    while (end < text_.size()) {
      const auto c = static_cast<unsigned char>(text_[end]);
      if (is_digit(c))
        ++digits;
      else if (c != ' ' && c != '-' && c != '(' && c != ')' && c != '+' && c != '.' && c != '/')
        break;
      ++end;
    }
    while (end > at_ + 1 && !is_digit(static_cast<unsigned char>(text_[end - 1]))) --end;
    if (digits >= 7) return replace(end - at_, "[number]");
    // Only the first group: what follows may be a word.
    do out_ += text_[at_++];
    while (at_ < text_.size() && is_word_byte(static_cast<unsigned char>(text_[at_])));
    starts_sentence_ = false;
  }

  void replace(std::size_t length, std::string_view by) {
    // A first and a last name are one.
    if (!(by == "[name]" && out_.ends_with("[name] ")))
      out_ += by;
    else
      out_.pop_back();
    at_ += length;
    starts_sentence_ = false;
  }

  std::string_view text_;
  std::string out_;
  std::size_t at_ = 0;
  bool starts_sentence_ = true;
};

}  // namespace

std::string redacted(std::string_view text) { return redactor(text).run(); }

}  // namespace usher::classifier
