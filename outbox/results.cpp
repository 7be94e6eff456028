#include "outbox/results.hpp"

#include <algorithm>
#include <array>

namespace usher::outbox {

namespace {

/// So much of a body goes into the record.
constexpr std::size_t quoted_bytes_max = 300;

outcome webhook_outcome(int status) {
  if (status >= 200 && status < 300) return outcome::delivered;
  return status == 410 ? outcome::gone : outcome::retry;
}

outcome api_outcome(int status) {
  if (status >= 200 && status < 300) return outcome::delivered;
  constexpr std::array passing{401, 402, 403, 408, 425, 429};
  const bool final = status >= 400 && status < 500 && std::ranges::find(passing, status) == passing.end();
  return final ? outcome::rejected : outcome::retry;
}

delivery_result result_of(const http_answer& answer, outcome (*judge)(int)) {
  delivery_result out;
  if (answer.failure != http_failure::none) {
    out.what = answer.failure == http_failure::refused ? outcome::rejected : outcome::retry;
    out.detail = one_line(answer.detail);
    return out;
  }
  out.what = judge(answer.status);
  out.http_status = answer.status;
  out.detail = "HTTP " + std::to_string(answer.status);
  if (out.what != outcome::delivered && !answer.body.empty()) {
    out.detail = one_line(out.detail + ": " + answer.body.substr(0, quoted_bytes_max));
  }
  if (out.what == outcome::retry && answer.retry_after) {
    out.retry_after = std::min(*answer.retry_after, retry_after_max);
  }
  return out;
}

}  // namespace

std::string_view to_word(outcome o) noexcept {
  constexpr std::array<std::string_view, 4> words{"delivered", "retry", "rejected", "gone"};
  return words[static_cast<std::size_t>(o)];
}

delivery_result webhook_result(const http_answer& answer) { return result_of(answer, webhook_outcome); }

delivery_result api_result(const http_answer& answer) { return result_of(answer, api_outcome); }

delivery_result rejected(std::string_view why) {
  delivery_result out;
  out.what = outcome::rejected;
  out.detail = one_line(why);
  return out;
}

std::string one_line(std::string_view text) {
  std::string out(text.substr(0, detail_bytes_max));
  for (char& c : out) {
    if (c == '\n' || c == '\r' || c == '\t') {
      c = ' ';
    } else if (c < 0x20 || c > 0x7e) {
      c = '?';
    }
  }
  return out;
}

}  // namespace usher::outbox
