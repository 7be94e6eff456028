#include "domain/error.hpp"

#include <array>
#include <cstddef>

namespace usher::domain {

namespace {

struct words {
  std::string_view word;
  std::string_view sentence;
};

// In the order of `errc`.
constexpr std::array<words, errc_count> all_words{{
    {"invalid", "A value is not acceptable."},
    {"bad_cursor", "The cursor is not one that this list has given."},
    {"not_found", "There is no such thing."},
    {"forbidden", "The role of the caller may not do this."},
    {"conflict", "This is not possible in the present state."},
    {"version_mismatch", "The thing has changed since the version that the request names."},
    {"idempotency_key_reused", "The idempotency key was used before with another body."},
    {"idempotency_in_flight", "The first request with this idempotency key has not ended yet."},
    {"overloaded", "There is more to do than can be taken in; nothing was done."},
    {"unavailable", "The store can't be reached; the outcome is not known."},
    {"timed_out", "The time limit of the request passed before its outcome was known."},
    {"quarantined", "The ticket failed too often and waits for a person to look at it."},
    {"shutting_down", "The desk is shutting down and takes nothing new."},
    {"wedding_day_freeze", "A wedding day's freeze holds this change back."},
    {"rejected_by_store", "The database refuses a value; nothing was done."},
    {"internal", "Something went wrong inside Usher."},
}};

}  // namespace

std::string_view to_word(errc code) noexcept { return all_words[static_cast<std::size_t>(code)].word; }

std::string_view to_sentence(errc code) noexcept { return all_words[static_cast<std::size_t>(code)].sentence; }

}  // namespace usher::domain
