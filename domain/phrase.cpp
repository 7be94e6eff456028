#include "domain/phrase.hpp"

#include <algorithm>
#include <array>

#include "domain/json_members.hpp"
#include "domain/json_writer.hpp"

namespace usher::domain {

namespace {

/// How much an excerpt shows on either side, in bytes at least.
constexpr std::size_t excerpt_margin = 40;

/// Characters from `first` on, and what each is folded to; a dot for those that stay.
struct folded_run {
  char32_t first;
  std::u32string_view letters;
};

constexpr std::array<folded_run, 9> runs{{
    {0x41, U"abcdefghijklmnopqrstuvwxyz"},
    {0xC0,
     U"aaaaaa.ceeeeiiii.nooooo.ouuuuy..aaaaaa.ceeeeiiii.nooooo.ouuuuy."
     U"yaaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiii"
     U"i..jjkk.llllll..llnnnnnn...oooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzz."},
    {0x1A0,
     U"oo.............uu............................aaiioouuuuuuuuuu.aaaa....ggkkoooo..j...gg..nnaa...."
     U"aaaaeeeeiiiioooorr"
     U"rruuuusstt..hh......aaeeooooooooyy"},
    {0x2BC, U"'"},
    {0x386, U"α.εηι.ο.υωιαβγδεζηθικλμνξοπρ.στυφχψωιυαεηιυ.................σ.......ιυουω"},
    {0x400, U"ееђгєѕііјљњћкиуџабвгдежзииклмнопрстуфхцчшщъыьэюя.........и......................ее.г...і....киу"},
    {0x1E00,
     U"aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrsssssssssstttttt"
     U"ttu"
     U"uuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwy......"
     U"aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuu"
     U"uuuuuuuuuuuyyyyyyyy"},
    {0x2010, U"------"},
    {0x2018, U"''.'"},
}};

struct range {
  char32_t from;
  char32_t to;
};

bool is_in(std::initializer_list<range> ranges, char32_t c) {
  return std::ranges::any_of(ranges, [c](const range& r) { return c >= r.from && c <= r.to; });
}

bool is_gap(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
  return is_in({{0xA0, 0xA0},
                {0x1680, 0x1680},
                {0x2000, 0x200A},
                {0x2028, 0x2029},
                {0x202F, 0x202F},
                {0x205F, 0x205F},
                {0x3000, 0x3000}},
               c);
}

/// Accents of their own behind their letters, and what is there for the line breaks only.
bool is_unseen(char32_t c) {
  return c >= 0xAD && is_in({{0xAD, 0xAD}, {0x300, 0x36F}, {0x200B, 0x200F}, {0x2060, 0x2060}, {0xFEFF, 0xFEFF}}, c);
}

/// Whether it is part of a word, in a script that puts something between words; `c` is folded.
bool is_word(char32_t c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
  if (is_in({{0x37E, 0x37E},
             {0x387, 0x387},
             {0x55A, 0x55F},
             {0x589, 0x58A},
             {0x5BE, 0x5C0},
             {0x5C3, 0x5C3},
             {0x5F3, 0x5F4},
             {0x60C, 0x60D},
             {0x61B, 0x61F},
             {0x66A, 0x66D},
             {0x6D4, 0x6D4},
             {0x964, 0x965},
             {0x1360, 0x1368},
             {0xD7, 0xD7},
             {0xF7, 0xF7}},
            c))
    return false;
  return is_in({{0xAA, 0xAA},
                {0xB5, 0xB5},
                {0xBA, 0xBA},
                {0xC0, 0xDFF},
                {0x10A0, 0x177F},
                {0x1800, 0x1FFF},
                {0x2C00, 0x2DFF},
                {0xA640, 0xABFF},
                {0xFB00, 0xFDFF},
                {0xFE70, 0xFEFC}},
               c);
}

/// A letter or a sign of the scripts that put no spaces between words.
bool is_unspaced(char32_t c) {
  return is_in({{0xE00, 0x109F},
                {0x1780, 0x17FF},
                {0x3041, 0xA63F},
                {0xAC00, 0xD7FB},
                {0xF900, 0xFAFF},
                {0xFF10, 0xFFDC},
                {0x20000, 0x3FFFF}},
               c);
}

struct letter {
  char32_t code = 0;
  std::size_t bytes = 1;
};

/// The character at `at`; the text is UTF-8 that has been checked before.
letter letter_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : static_cast<unsigned char>(0);
  };
  const unsigned char first = byte(0);
  const std::size_t bytes = first < 0x80 ? 1U : first < 0xE0 ? 2U : first < 0xF0 ? 3U : 4U;
  if (bytes == 1 || at + bytes > text.size()) return {first, 1};
  char32_t code = first & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) code = (code << 6U) | (byte(i) & 0x3FU);
  return {code, bytes};
}

void append_utf8(std::string& out, char32_t c) {
  const auto byte = [&out](char32_t b) { out += static_cast<char>(b); };
  if (c < 0x80) return byte(c);
  if (c < 0x800) {
    byte(0xC0 | (c >> 6U));
  } else {
    if (c < 0x10000) {
      byte(0xE0 | (c >> 12U));
    } else {
      byte(0xF0 | (c >> 18U));
      byte(0x80 | ((c >> 12U) & 0x3FU));
    }
    byte(0x80 | ((c >> 6U) & 0x3FU));
  }
  byte(0x80 | (c & 0x3FU));
}

char32_t fold_letter(char32_t c) {
  for (const auto& run : runs) {
    if (c < run.first || c >= run.first + run.letters.size()) continue;
    const auto to = run.letters[c - run.first];
    return to == U'.' ? c : to;
  }
  return c;
}

/// Folded, with the place in the text that each letter comes from, and one more for its end.
struct folding {
  std::u32string text;
  std::vector<std::size_t> places;
};

folding fold(std::string_view text) {
  folding out;
  for (std::size_t at = 0; at < text.size();) {
    const auto [code, bytes] = letter_at(text, at);
    const auto one = is_gap(code) ? U' ' : fold_letter(code);
    const bool longer_gap = one == U' ' && !out.text.empty() && out.text.back() == U' ';
    if (!is_unseen(code) && !longer_gap) {
      out.text += one;
      out.places.push_back(at);
    }
    at += bytes;
  }
  out.places.push_back(text.size());
  return out;
}

/// The phrase as it is looked for: the gaps around it are not part of it.
std::u32string wanted_of(std::string_view phrase) {
  auto out = fold(phrase).text;
  while (!out.empty() && out.back() == U' ') out.pop_back();
  while (!out.empty() && out.front() == U' ') out.erase(0, 1);
  return out;
}

/// Whether no word goes on over either end of `[from, to)`.
bool stands_alone(std::u32string_view text, std::size_t from, std::size_t to) {
  const bool before = from > 0 && is_word(text[from - 1]) && is_word(text[from]);
  const bool after = to < text.size() && is_word(text[to]) && is_word(text[to - 1]);
  return !before && !after;
}

/// Calls `found(from, to)` with the bytes of each place.
template <class Found>
void each_place(std::string_view text, std::u32string_view wanted, Found found) {
  if (wanted.empty()) return;
  const auto all = fold(text);
  for (std::size_t from = 0; (from = all.text.find(wanted, from)) != std::u32string::npos;) {
    const auto to = from + wanted.size();
    if (!stands_alone(all.text, from, to)) {
      ++from;
      continue;
    }
    found(all.places[from], all.places[to]);
    from = to;
  }
}

std::string without(std::string_view text, std::u32string_view wanted) {
  std::string out;
  std::size_t kept = 0;
  each_place(text, wanted, [&](std::size_t from, std::size_t to) {
    out.append(text.substr(kept, from - kept)).append(erased_text);
    kept = to;
  });
  return out.append(text.substr(kept));
}

/// Calls `string(text)` for each string of a JSON text, quotes and escapes included, and `between(text)` for the rest.
template <class String, class Between>
void each_string(std::string_view json, String string, Between between) {
  for (std::size_t at = 0; at < json.size();) {
    auto end = at + 1;
    if (json[at] == '"') {
      while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
      end = std::min(end + 1, json.size());
      string(json.substr(at, end - at));
    } else {
      end = std::min(json.find('"', at), json.size());
      between(json.substr(at, end - at));
    }
    at = end;
  }
}

void add_excerpts(std::vector<std::string>& out, std::string_view text, std::u32string_view wanted) {
  const auto inside = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80; };
  each_place(text, wanted, [&](std::size_t from, std::size_t to) {
    auto begin = from > excerpt_margin ? from - excerpt_margin : 0;
    auto end = std::min(text.size(), to + excerpt_margin);
    while (begin > 0 && inside(begin)) --begin;
    while (end < text.size() && inside(end)) ++end;
    std::string one = (begin > 0 ? "…" : "") + std::string(text.substr(begin, end - begin));
    std::ranges::replace_if(
        one, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    out.push_back(std::move(one) + (end < text.size() ? "…" : ""));
  });
}

}  // namespace

std::string folded(std::string_view text) {
  std::string out;
  for (const auto c : fold(text).text) append_utf8(out, c);
  return out;
}

std::optional<std::string_view> phrase_defect(std::string_view phrase) {
  const auto bad = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '"' || c == '\\'; };
  if (std::ranges::any_of(phrase, bad)) return "has to be without quotes, backslashes and control characters";
  const auto wanted = wanted_of(phrase);
  if (wanted.size() < phrase_characters_min) return "is too short";
  const auto digit = [](char32_t c) { return c >= '0' && c <= '9'; };
  if (std::ranges::none_of(wanted, [&](char32_t c) { return (is_word(c) && !digit(c)) || is_unspaced(c); }))
    return "has to have a letter";
  if (!phrase_excerpts(erased_text, phrase).empty()) return "is what stands for words that are gone";
  return std::nullopt;
}

std::string without_phrase(std::string_view text, std::string_view phrase) { return without(text, wanted_of(phrase)); }

std::string json_without_phrase(std::string_view json, std::string_view phrase) {
  const auto wanted = wanted_of(phrase);
  std::string out;
  const auto string = [&](std::string_view quoted) {
    const auto text = json_string(quoted).value_or(std::string());
    const auto left = without(text, wanted);
    if (left == text)
      out += quoted;
    else
      append_json_string(out, left);
  };
  each_string(json, string, [&](std::string_view other) { out += other; });
  return out;
}

std::vector<std::string> phrase_excerpts(std::string_view text, std::string_view phrase) {
  std::vector<std::string> out;
  add_excerpts(out, text, wanted_of(phrase));
  return out;
}

std::vector<std::string> json_phrase_excerpts(std::string_view json, std::string_view phrase) {
  const auto wanted = wanted_of(phrase);
  std::vector<std::string> out;
  const auto string = [&](std::string_view quoted) {
    add_excerpts(out, json_string(quoted).value_or(std::string()), wanted);
  };
  each_string(json, string, [](std::string_view) {});
  return out;
}

std::string phrase_pattern(std::string_view phrase) {
  // Between any two characters there may be some that nobody sees.
  constexpr std::string_view unseen = R"([\u00ad\u0300-\u036f\u200b-\u200f\u2060\ufeff]*)";
  constexpr std::string_view gap =
      R"((?:[\u0009-\u000d\u0020\u00a0\u00ad\u0300-\u036f\u1680\u2000-\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff])"
      R"(|\\[nrtf]|\\u00[01][0-9a-f])+)";
  std::string out;
  for (const auto c : wanted_of(phrase)) {
    if (c == U' ') {
      out += gap;
      continue;
    }
    std::string variants;
    for (const auto& run : runs)
      for (std::size_t i = 0; i < run.letters.size(); ++i)
        if (run.letters[i] == c && c != U'.') append_utf8(variants, run.first + static_cast<char32_t>(i));
    const bool literal = variants.empty();
    if (!literal) out += '[';
    // Within brackets only the hyphen has to be escaped: what is folded is letters, apostrophes and hyphens.
    if (c < 0x80 && !is_word(c)) out += '\\';
    append_utf8(out, c);
    out += variants;
    if (!literal) out += ']';
    out += unseen;
  }
  return out;
}

}  // namespace usher::domain
