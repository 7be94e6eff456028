#include "domain/erasure.hpp"

#include <algorithm>

namespace usher::domain {

namespace {

/// The letters from U+00C0 to U+017F without their accents; a dot for those that are others.
constexpr std::string_view latin_letters =
    "aaaaaa.ceeeeiiii.nooooo.ouuuuy..aaaaaa.ceeeeiiii.nooooo.ouuuuy.y"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkk.llllll."
    ".llnnnnnn...oooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzz.";

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

/// Folded, with the place in the text that each byte comes from, and one more for its end.
struct folding {
  std::string text;
  std::vector<std::size_t> places;
};

folding fold(std::string_view text) {
  folding out;
  for (std::size_t at = 0; at < text.size();) {
    const auto [code, bytes] = letter_at(text, at);
    std::string_view letters = text.substr(at, bytes);
    char one = 0;
    if (code < 0x80) one = static_cast<char>(code >= 'A' && code <= 'Z' ? code + 32 : code);
    if (code >= 0xC0 && code < 0xC0 + latin_letters.size()) one = latin_letters[code - 0xC0];
    if (one != 0 && (one != '.' || code < 0x80)) letters = {&one, 1};
    const bool mark = code >= 0x300 && code < 0x370;  // an accent of its own behind its letter
    if (!mark) {
      out.text += letters;
      out.places.insert(out.places.end(), letters.size(), at);
    }
    at += bytes;
  }
  out.places.push_back(text.size());
  return out;
}

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

/// Whether no word goes on over either end of `[from, to)`.
bool stands_alone(std::string_view text, std::size_t from, std::size_t to) {
  const bool before = from > 0 && is_word(text[from - 1]) && is_word(text[from]);
  const bool after = to < text.size() && is_word(text[to]) && is_word(text[to - 1]);
  return !before && !after;
}

void erase_phrase(ticket& t, std::string_view phrase) {
  auto without = [&](std::string& text) { text = without_phrase(text, phrase); };
  without(t.subject);
  without(t.body);
  if (t.custom_fields)
    t.custom_fields = std::make_shared<const std::string>(json_without_phrase(*t.custom_fields, phrase));
  if (t.tags) {
    auto tags = *t.tags;
    std::ranges::for_each(tags, without);
    t.tags = std::make_shared<const std::vector<std::string>>(std::move(tags));
  }
  if (t.wedding) {
    auto day = *t.wedding;
    without(day.venue);
    t.wedding = std::make_shared<const wedding>(std::move(day));
  }
  if (t.requester) {
    auto who = *t.requester;
    without(who.name);
    t.requester = std::make_shared<const contact>(std::move(who));
  }
  for (auto& e : t.escalations) without(e.reason);
}

void erase_all(ticket& t) {
  t.subject = t.body = erased_text;
  t.custom_fields = nullptr;
  t.tags = nullptr;
  t.requester = nullptr;
  if (t.wedding && !t.wedding->venue.empty()) {
    auto day = *t.wedding;
    day.venue.clear();
    t.wedding = std::make_shared<const wedding>(std::move(day));
  }
  for (auto& e : t.escalations) e.reason.clear();
  if (!t.classification || t.classification->signals.empty()) return;
  auto verdict = *t.classification;
  verdict.signals.clear();
  t.classification = std::make_shared<const classification>(std::move(verdict));
}

template <class T>
bool same_value(const std::shared_ptr<const T>& a, const std::shared_ptr<const T>& b) {
  return a == b || (a && b && *a == *b);
}

bool same_texts(const ticket& a, const ticket& b) {
  return a.subject == b.subject && a.body == b.body && a.requester_id == b.requester_id &&
         same_value(a.custom_fields, b.custom_fields) && same_value(a.tags, b.tags) &&
         same_value(a.wedding, b.wedding) && same_value(a.requester, b.requester) &&
         same_value(a.classification, b.classification) &&
         std::ranges::equal(a.escalations, b.escalations, {}, &escalation::reason, &escalation::reason);
}

}  // namespace

std::string erased_person(const uuid& erasure) { return "erased:" + to_string(erasure); }

std::string folded(std::string_view text) { return fold(text).text; }

bool same_person(std::string_view one, std::string_view other) {
  auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(one, other, {}, small, small);
}

std::string without_phrase(std::string_view text, std::string_view phrase) {
  const auto wanted = fold(phrase).text;
  const auto all = fold(text);
  std::string out;
  std::size_t kept = 0;
  for (std::size_t from = 0; !wanted.empty() && (from = all.text.find(wanted, from)) != std::string::npos;) {
    const auto to = from + wanted.size();
    if (!stands_alone(all.text, from, to)) {
      ++from;
      continue;
    }
    out.append(text.substr(kept, all.places[from] - kept)).append(erased_text);
    kept = all.places[to];
    from = to;
  }
  return out.append(text.substr(kept));
}

std::string json_without_phrase(std::string_view json, std::string_view phrase) {
  std::string out;
  for (std::size_t at = 0; at < json.size();) {
    auto end = at + 1;
    if (json[at] == '"') {
      while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
      out += '"' + without_phrase(json.substr(at + 1, end - at - 1), phrase) + '"';
      at = end + 1;
    } else {
      end = std::min(json.find('"', at), json.size());
      out += json.substr(at, end - at);
      at = end;
    }
  }
  return out;
}

// Erased already is done: nothing changes, and no version is used up.
result<std::vector<ticket_event>> decide_erase(const ticket& t, const erase_personal& command, const caller& by) {
  if (by.role != role::system) return fail(errc::forbidden);
  personal_erased event{command.erasure, command.phrase, command.person};
  ticket after = t;
  erase(after, event);
  if (same_texts(t, after)) return std::vector<ticket_event>{};
  return std::vector<ticket_event>{std::move(event)};
}

void erase(ticket& state, const personal_erased& event) {
  if (event.phrase.empty())
    erase_all(state);
  else
    erase_phrase(state, event.phrase);
  if (!event.person.empty() && same_person(state.requester_id, event.person))
    state.requester_id = erased_person(event.erasure);
}

}  // namespace usher::domain
