#include "loadtest/corpus_file.hpp"

#include <simdjson.h>

#include <fstream>
#include <stdexcept>

namespace usher::load {

namespace {

labelled_ticket read_line(simdjson::dom::parser& parser, const std::string& line) {
  simdjson::dom::element root = parser.parse(line);
  auto text = [](simdjson::dom::element in, const char* name) {
    return std::string(std::string_view(in.at_pointer(name)));
  };
  labelled_ticket out{text(root, "/id"), text(root, "/subject"), text(root, "/body"), text(root, "/context/tier"), {}};
  simdjson::dom::element hours;
  if (root.at_pointer("/context/hours_to_wedding").get(hours) == simdjson::SUCCESS && !hours.is_null())
    out.hours_to_wedding = double(hours);
  return out;
}

}  // namespace

std::vector<labelled_ticket> read_corpus(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("can't read " + path);
  simdjson::dom::parser parser;
  std::vector<labelled_ticket> all;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty()) continue;
    try {
      all.push_back(read_line(parser, line));
    } catch (const simdjson::simdjson_error& problem) {
      throw std::runtime_error(path + ":" + std::to_string(number) + ": not a labelled ticket: " + problem.what());
    }
  }
  if (all.empty()) throw std::runtime_error(path + " holds no ticket");
  return all;
}

}  // namespace usher::load
