// Reads files of labelled tickets, a JSON object a line.
#pragma once

#include <string>
#include <vector>

#include "classifier/trainer.hpp"

namespace usher::app {

/// A ticket of a file, and which labels it brought: all of them, or none.
struct corpus_ticket {
  classifier::labelled_ticket ticket;
  bool labelled = false;
};

/// The most lines and the longest line that are taken.
inline constexpr std::size_t corpus_lines_max = 1'000'000;
inline constexpr std::size_t corpus_line_bytes_max = 1 << 20;

/// Reads `id`, `subject`, `body`, `context` (`requester`, `hours_to_wedding`, both may be missing or null), and the
/// labels `category`, `alt_category`, `priority`, `emergency`, `language`. Other members are skipped. A line that does
/// not fit is an error with its number.
[[nodiscard]] domain::result<std::vector<corpus_ticket>> read_corpus(const std::string& file);

/// Reads a file of translations (`of` a ticket's id, `subject`, `body`, `language`) and adds each with the labels of
/// its ticket; one of an unknown ticket is skipped.
[[nodiscard]] domain::result<void> add_translations(const std::string& file,
                                                    std::vector<classifier::labelled_ticket>& tickets);

}  // namespace usher::app
