// A file of labelled tickets: one JSON object a line.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace usher::load {

/// What a line says of a ticket, as far as it is posted, and its category, by which tickets are chosen. That label
/// stays behind: the desk has to find it itself.
struct labelled_ticket {
  std::string id;
  std::string subject;
  std::string body;
  std::string tier;
  std::optional<double> hours_to_wedding;  ///< negative: the wedding is over
  std::string category;                    ///< empty when the line has none
};

/// Throws std::runtime_error, with the number of the line, when the file can't be read or a line is not such an object.
[[nodiscard]] std::vector<labelled_ticket> read_corpus(const std::string& path);
/// The same of a text; `name` is for complaints.
[[nodiscard]] std::vector<labelled_ticket> parse_corpus(std::istream& text, const std::string& name);

}  // namespace usher::load
