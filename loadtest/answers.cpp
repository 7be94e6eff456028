#include "loadtest/answers.hpp"

#include <simdjson.h>

namespace usher::load {

namespace dom = simdjson::dom;

struct answer_reader::parser {
  dom::parser dom;
};

answer_reader::answer_reader() : parser_(std::make_unique<parser>()) {}
answer_reader::~answer_reader() = default;

namespace {

std::string text(dom::element in, std::string_view name) { return std::string(std::string_view(in[name])); }

/// The text behind a pointer, or an empty one when there is none or it is null.
std::string maybe_text(dom::element in, std::string_view pointer) {
  std::string_view out;
  return in.at_pointer(pointer).get(out) == simdjson::SUCCESS ? std::string(out) : std::string();
}

seen_ticket ticket_of(dom::element in) {
  seen_ticket out;
  out.id = text(in, "id");
  out.number = std::int64_t(in["number"]);
  out.organization = text(in, "organization_id");
  out.tier = text(in, "tier");
  out.requester = text(in, "requester_id");
  out.subject = text(in, "subject");
  out.body = text(in, "body");
  out.status = text(in, "status");
  out.priority = text(in, "priority");
  out.corpus_id = maybe_text(in, "/custom_fields/corpus_id");
  out.wedding_at = maybe_text(in, "/wedding/at");
  out.version = std::int64_t(in["version"]);
  out.created_at = text(in, "created_at");
  return out;
}

seen_message message_of(dom::element in) {
  return {text(in, "id"), text(in["author"], "id"), text(in["author"], "role"), text(in, "body"),
          text(in, "visibility")};
}

template <class T, class Read>
std::optional<T> read(dom::parser& parser, const std::string& json, Read how) {
  try {
    return how(dom::element(parser.parse(json)));
  } catch (const simdjson::simdjson_error&) {
    return std::nullopt;
  }
}

template <class T, class Read>
seen_page<T> page_of(dom::element in, Read how) {
  seen_page<T> out;
  for (dom::element entry : dom::array(in["data"])) out.data.push_back(how(entry));
  if (bool(in["has_more"])) out.next_cursor = text(in, "next_cursor");
  return out;
}

}  // namespace

std::optional<seen_ticket> answer_reader::ticket(const std::string& json) {
  return read<seen_ticket>(parser_->dom, json, ticket_of);
}

std::optional<seen_message> answer_reader::message(const std::string& json) {
  return read<seen_message>(parser_->dom, json, message_of);
}

std::optional<seen_page<seen_ticket>> answer_reader::tickets(const std::string& json) {
  return read<seen_page<seen_ticket>>(parser_->dom, json,
                                      [](dom::element in) { return page_of<seen_ticket>(in, ticket_of); });
}

std::optional<seen_page<seen_message>> answer_reader::messages(const std::string& json) {
  return read<seen_page<seen_message>>(parser_->dom, json,
                                       [](dom::element in) { return page_of<seen_message>(in, message_of); });
}

std::optional<std::string> answer_reader::id(const std::string& json) {
  return read<std::string>(parser_->dom, json, [](dom::element in) { return text(in, "id"); });
}

std::string answer_reader::problem_code(const std::string& json) {
  return read<std::string>(parser_->dom, json, [](dom::element in) { return maybe_text(in, "/code"); }).value_or("");
}

}  // namespace usher::load
