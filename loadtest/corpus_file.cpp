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
  labelled_ticket out{
      text(root, "/id"), text(root, "/subject"), text(root, "/body"), text(root, "/context/tier"), {}, {}};
  simdjson::dom::element hours;
  if (root.at_pointer("/context/hours_to_wedding").get(hours) == simdjson::SUCCESS && !hours.is_null())
    out.hours_to_wedding = double(hours);
  std::string_view category;
  if (root["category"].get(category) == simdjson::SUCCESS) out.category = category;
  return out;
}

}  // namespace

std::vector<labelled_ticket> parse_corpus(std::istream& text, const std::string& name) {
  simdjson::dom::parser parser;
  std::vector<labelled_ticket> all;
  std::size_t number = 0;
  for (std::string line; std::getline(text, line);) {
    ++number;
    if (line.empty()) continue;
    try {
      all.push_back(read_line(parser, line));
    } catch (const simdjson::simdjson_error& problem) {
      throw std::runtime_error(name + ":" + std::to_string(number) + ": not a labelled ticket: " + problem.what());
    }
  }
  if (all.empty()) throw std::runtime_error(name + " holds no ticket");
  return all;
}

std::vector<labelled_ticket> read_corpus(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("can't read " + path);
  return parse_corpus(file, path);
}

}  // namespace usher::load
