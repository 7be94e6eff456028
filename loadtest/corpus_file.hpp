// A file of labelled tickets: one JSON object a line.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace usher::load {

/// What a line says of a ticket, as far as it is posted. Labels stay behind: the desk has to find those itself.
struct labelled_ticket {
  std::string id;
  std::string subject;
  std::string body;
  std::string tier;
  std::optional<double> hours_to_wedding;  ///< negative: the wedding is over
};

/// Throws std::runtime_error, with the number of the line, when the file can't be read or a line is not such an object.
[[nodiscard]] std::vector<labelled_ticket> read_corpus(const std::string& path);

}  // namespace usher::load
