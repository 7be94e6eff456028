// Looks for everything that was acknowledged.
#pragma once

#include <string>
#include <vector>

#include "loadtest/crowd.hpp"
#include "loadtest/http_client.hpp"
#include "loadtest/ticket_book.hpp"

namespace usher::load {

/// Where it was looked for, and what was not there.
struct verification {
  std::uint64_t tickets = 0;   ///< acknowledged
  std::uint64_t messages = 0;  ///< acknowledged
  std::uint64_t not_kept = 0;  ///< ids beyond the book's limit: nobody looked for those
  bool in_api = false;
  bool in_database = false;
  std::uint64_t tickets_lost_in_api = 0;
  std::uint64_t messages_lost_in_api = 0;
  std::uint64_t tickets_lost_in_database = 0;
  std::uint64_t messages_lost_in_database = 0;
  std::vector<std::string> first_lost;  ///< in words, up to `shown_max`
  std::string problem;                  ///< why it could not be looked for; empty: it was
  double seconds = 0;
  static constexpr std::size_t shown_max = 20;

  [[nodiscard]] std::uint64_t lost() const {
    return tickets_lost_in_api + messages_lost_in_api + tickets_lost_in_database + messages_lost_in_database;
  }
};

/// Asks the API for every ticket by its id, as staff, and for the threads of those that got messages; a ticket has to
/// be its organization's. Throws std::runtime_error when the API can't be asked.
void look_in_api(verification& into, const target& where, const crowd& people, const token_maker& tokens,
                 const ticket_book& book);

/// Asks PostgreSQL, as a role that row-level security does not hold back. Throws std::runtime_error when that fails.
void look_in_database(verification& into, const std::string& conninfo, const ticket_book& book);

}  // namespace usher::load
