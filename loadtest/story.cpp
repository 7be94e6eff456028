#include "loadtest/story.hpp"

#include "loadtest/cast.hpp"

namespace usher::load {

std::vector<step> story_of(std::uint64_t seed, std::size_t index, std::string_view corpus_id) {
  std::string id(corpus_id);
  step reply{step_kind::staff_reply, "Thank you for writing, we are looking into " + id + " right now. – The desk"};
  step solution{step_kind::staff_reply, "Done: " + id + " is mended.\n\nPlease reload the page; “Guests” shows it."};
  step answer{step_kind::customer_message,
              "Merci beaucoup! One more thing about " + id + ": it's for 120 people \U0001F48D"};
  step again{step_kind::customer_message, "It is back again, sorry (" + id + "). ¿Podéis mirarlo otra vez?"};
  step note{step_kind::internal_note, "Internal: seen before, see " + id + "; <b>don't</b> promise a date & \"time\"."};
  auto to = [](const char* status) { return step{step_kind::status, status}; };
  switch (draw(seed, "story", index) % 8) {
    case 0:
      return {};
    case 1:
      return {reply};
    case 2:
      return {reply, answer, note};
    case 3:
      return {note, reply, to("pending")};
    case 4:
      return {reply, to("pending"), answer};
    case 5:
      return {reply, answer, solution, to("resolved")};
    case 6:
      return {solution, to("resolved"), again, note};
    default:
      return {note, to("on_hold"), {step_kind::priority, "high"}, reply};
  }
}

std::string status_after_customer_message(std::string_view status) {
  return status == "pending" || status == "resolved" ? "open" : std::string(status);
}

}  // namespace usher::load
