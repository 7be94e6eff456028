// How the desk has done: sums over the tickets of a span of time, as JSON or as a table.
#include <algorithm>

#include "domain/json_members.hpp"
#include "domain/json_writer.hpp"
#include "net/handler_tools.hpp"
#include "net/handlers.hpp"
#include "net/list_query.hpp"

namespace usher::net {

namespace {

using domain::result;
using record_page = domain::page<std::string>;

/// The words of a filter that `read_analytics_query` has made.
std::string word_of(const domain::record_query& query, std::string_view name) {
  for (const auto& filter : query.filters)
    if (filter.name == name) return filter.any_of.front();
  return {};
}

/// The sums of a group, as members in their order; an agent's with what the agent has now.
std::vector<domain::json_member> group_of(std::string_view text, bool by_agent, const gateway& desk) {
  auto members = domain::json_members(text);
  std::erase_if(members, [](const auto& member) { return member.first == "whole"; });
  if (!by_agent || members.empty()) return members;
  const auto settings = desk.settings();
  const auto id = domain::json_string(members.front().second).value_or("");
  const auto found = settings->agents.find(id);
  const bool known = found != settings->agents.end();
  const auto load = desk.load_of(id);
  const auto capacity = known ? found->second.capacity : 0;
  members.emplace_back("load", known ? std::to_string(load) : "null");
  members.emplace_back("capacity", known ? std::to_string(capacity) : "null");
  std::string share = "null";
  if (capacity > 0) {
    share.clear();
    domain::json_writer(share).value(static_cast<double>(load) / capacity);
  }
  members.emplace_back("utilisation", std::move(share));
  return members;
}

/// A field of a table (RFC 4180). A text that a spreadsheet would take for a formula is kept from being one.
void append_field(std::string& out, std::string_view value) {
  if (value == "null") return;
  auto text = domain::json_string(value);
  if (!text) {
    out += value;
    return;
  }
  if (!text->empty() && std::string_view("=+-@\t\r").find(text->front()) != std::string_view::npos)
    text->insert(0, 1, '\'');
  if (text->find_first_of(",\"\r\n") == std::string::npos) {
    out += *text;
    return;
  }
  out += '"';
  for (char c : *text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

std::string table_of(const std::vector<std::vector<domain::json_member>>& groups) {
  std::string out;
  for (const auto& group : groups) {
    if (out.empty()) {
      for (const auto& member : group) (out += out.empty() ? "" : ",") += member.first;
      out += "\r\n";
    }
    bool first = true;
    for (const auto& member : group) {
      if (!first) out += ',';
      first = false;
      append_field(out, member.second);
    }
    out += "\r\n";
  }
  return out;
}

bool wants_table(const request& in) { return in.head.accept.find("text/csv") != std::string_view::npos; }

/// The whole without its key, then the groups.
std::string document_of(const domain::record_query& query, std::vector<std::vector<domain::json_member>> all) {
  std::string out;
  domain::json_writer w(out);
  const auto by = word_of(query, "group_by");
  w.begin_object();
  w.member("from", word_of(query, "from"));
  w.member("to", word_of(query, "to"));
  w.member("group_by", by.empty() ? std::nullopt : std::optional(by));
  auto total = all.empty() ? std::vector<domain::json_member>() : std::move(all.front());
  if (!total.empty()) total.erase(total.begin());
  w.raw_member("total", domain::to_json_object(total));
  w.key("groups");
  w.begin_array();
  for (std::size_t i = 1; i < all.size() && !by.empty(); ++i) w.raw(domain::to_json_object(all[i]));
  w.end_array();
  w.end_object();
  return out;
}

}  // namespace

void get_analytics(const request& in, services& with, responder to) {
  auto query = read_analytics_query(in, with.now());
  if (!query) return refuse(std::move(to), query.error());
  auto& desk = with.desk();
  auto asked = *query;
  desk.records(std::move(asked), *in.caller,
               domain::completion<record_page>(
                   [&desk, to = std::move(to), query = std::move(*query)](result<record_page> found) mutable {
                     if (!found) return to.fail(found.error());
                     const bool by_agent = word_of(query, "group_by") == "agent";
                     std::vector<std::vector<domain::json_member>> all;
                     const std::string_view text = found->data.empty() ? std::string_view() : found->data.front();
                     for (auto element : domain::json_elements(text))
                       all.push_back(group_of(element, by_agent && !all.empty(), desk));
                     auto out = to.make(200);
                     add_header(out, "Vary", "Accept");
                     if (wants_table(to.in())) {
                       // The table has the groups; without groups, the whole.
                       if (!word_of(query, "group_by").empty() && !all.empty()) all.erase(all.begin());
                       out.content_type = "text/csv; charset=utf-8; header=present";
                       out.body = table_of(all);
                     } else {
                       out.body = document_of(query, std::move(all));
                     }
                     to.send(std::move(out));
                   }));
}

}  // namespace usher::net
