#include "app/corpus.hpp"

#include <fstream>
#include <unordered_map>

#include "net/json_reader.hpp"

namespace usher::app {

namespace {

using domain::errc;
using net::json_type;
using net::json_value;

const json_value* member(const json_value& object, std::string_view name) {
  const auto* found = object.type == json_type::object ? object.find(name) : nullptr;
  return found != nullptr && found->type != json_type::null ? found : nullptr;
}

/// The text of a member; empty when it is missing or null. `wrong` names a member that is no text.
std::string text_of(const json_value& object, std::string_view name, std::string& wrong) {
  const auto* found = member(object, name);
  if (found == nullptr) return {};
  if (found->type != json_type::string) wrong = std::string(name) + " is not a string";
  return std::string(found->text);
}

std::string read_labels(const json_value& object, corpus_ticket& out) {
  std::string wrong;
  auto& t = out.ticket;
  t.category = text_of(object, "category", wrong);
  t.other_category = text_of(object, "alt_category", wrong);
  t.language = text_of(object, "language", wrong);
  auto priority = text_of(object, "priority", wrong);
  const auto* emergency = member(object, "emergency");
  if (!wrong.empty()) return wrong;
  out.labelled = !t.category.empty();
  if (!out.labelled) return {};
  if (!classifier::category_index(t.category)) return "there is no category '" + t.category + "'";
  auto parsed = domain::parse_priority(priority);
  if (!parsed) return "there is no priority '" + priority + "'";
  t.priority = *parsed;
  if (emergency == nullptr || emergency->type != json_type::boolean) return "emergency is not true or false";
  t.emergency = emergency->truth;
  return {};
}

/// What is wrong with a line; empty when nothing is.
std::string read_ticket(const json_value& object, corpus_ticket& out) {
  if (object.type != json_type::object) return "a ticket is a JSON object";
  std::string wrong;
  auto& t = out.ticket;
  t.id = text_of(object, "id", wrong);
  t.subject = text_of(object, "subject", wrong);
  t.body = text_of(object, "body", wrong);
  if (!wrong.empty()) return wrong;
  if (t.id.empty()) return "id is missing";
  if (t.subject.empty() && t.body.empty()) return "there is neither a subject nor a body";
  if (const auto* context = member(object, "context")) {
    t.requester = text_of(*context, "requester", wrong);
    if (const auto* hours = member(*context, "hours_to_wedding")) {
      if (hours->type != json_type::number) return "hours_to_wedding is not a number";
      t.hours_to_wedding = hours->integral ? static_cast<double>(hours->integer) : hours->number;
    }
  }
  return wrong.empty() ? read_labels(object, out) : wrong;
}

/// Calls `take` with every line that is not empty, parsed; what it answers is what is wrong with the line.
template <class Take>
domain::result<void> each_line(const std::string& file, Take take) {
  std::ifstream in(file);
  if (!in) return domain::fail(errc::invalid, file + " can't be read");
  net::json_reader reader;
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    auto refuse = [&](const std::string& why) {
      return domain::fail(errc::invalid, file + ", line " + std::to_string(number) + ": " + why);
    };
    if (++number > corpus_lines_max) return refuse("a file has " + std::to_string(corpus_lines_max) + " lines at most");
    if (line.empty() || line == "\r") continue;
    if (line.size() > corpus_line_bytes_max) return refuse("the line is too long");
    auto parsed = reader.read(line);
    if (!parsed) return refuse(parsed.error().detail);
    if (auto wrong = take(**parsed); !wrong.empty()) return refuse(wrong);
  }
  return {};
}

}  // namespace

domain::result<std::vector<corpus_ticket>> read_corpus(const std::string& file) {
  std::vector<corpus_ticket> all;
  auto done = each_line(file, [&](const json_value& object) {
    all.emplace_back().ticket.group = file;
    return read_ticket(object, all.back());
  });
  if (!done) return std::unexpected(done.error());
  return all;
}

domain::result<void> add_translations(const std::string& file, std::vector<classifier::labelled_ticket>& tickets) {
  std::unordered_map<std::string, std::size_t> by_id;
  for (std::size_t i = 0; i < tickets.size(); ++i) by_id[tickets[i].id] = i;
  return each_line(file, [&](const json_value& object) {
    std::string wrong;
    auto of = text_of(object, "of", wrong);
    auto found = by_id.find(of);
    if (found == by_id.end()) return wrong;
    auto copy = tickets[found->second];
    copy.subject = text_of(object, "subject", wrong);
    copy.body = text_of(object, "body", wrong);
    copy.language = text_of(object, "language", wrong);
    copy.translated = true;
    tickets.push_back(std::move(copy));
    return wrong;
  });
}

}  // namespace usher::app
