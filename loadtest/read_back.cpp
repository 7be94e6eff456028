#include "loadtest/read_back.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "domain/time.hpp"
#include "loadtest/url.hpp"

namespace usher::load {

namespace {

constexpr const char* tickets_path = "/api/support/tickets";
/// More pages than any walk has: a cursor that goes in a circle ends here.
constexpr int pages_max = 100'000;

http_response must(std::expected<http_response, std::string> answer) {
  if (!answer) throw std::runtime_error(answer.error());
  return std::move(*answer);
}

}  // namespace

void compare_ticket(findings& found, const cast& who, const sent_ticket& sent, const seen_ticket& seen,
                    std::string_view where) {
  auto at = [&](const char* member) { return sent.source->id + ": " + std::string(where) + ": " + member; };
  const auto& organization = who.organizations[sent.organization];
  found.same(sent.id, seen.id, at("id"));
  found.same(sent.number, seen.number, at("number"));
  found.same(organization.id, seen.organization, at("organization_id"));
  found.same(organization.tier, seen.tier, at("tier"));
  found.same(organization.customers[sent.customer].sub, seen.requester, at("requester_id"));
  found.same(sent.source->subject, seen.subject, at("subject"));
  found.same(sent.source->body, seen.body, at("body"));
  found.same(sent.status, seen.status, at("status"));
  found.same(sent.priority, seen.priority, at("priority"));
  found.same(sent.source->id, seen.corpus_id, at("custom_fields.corpus_id"));
  found.same(sent.wedding_at, seen.wedding_at, at("wedding.at"));
  found.same(sent.version, seen.version, at("version"));
  found.same(sent.created_at, seen.created_at, at("created_at"));
}

void compare_message(findings& found, const sent_message& sent, const seen_message& seen, std::string_view where) {
  std::string at(where);
  found.same(sent.id, seen.id, at + ": id");
  found.same(sent.author, seen.author, at + ": author.id");
  found.same(sent.role, seen.role, at + ": author.role");
  found.same(sent.body, seen.body, at + ": body");
  found.same(sent.visibility, seen.visibility, at + ": visibility");
}

reading::reading(const cast& who, const std::vector<sent_ticket>& tickets, findings& found)
    : cast_(who), tickets_(tickets), found_(found) {
  for (std::size_t i = 0; i < tickets.size(); ++i) {
    if (tickets[i].id.empty()) continue;
    bool fresh = by_id_.emplace(tickets[i].id, i).second;
    found_.check(fresh, tickets[i].source->id + ": its id was given to another ticket before");
  }
}

std::vector<list_walk> reading::walks() const {
  std::string first;
  for (const auto& t : tickets_) {
    if (!t.id.empty() && (first.empty() || t.created_at < first)) first = t.created_at;
  }
  const auto& staff = cast_.agents.front();
  // A second before the first ticket: whether `created_after` includes its instant does not matter then.
  auto began = domain::parse_rfc3339(first).value_or(domain::earliest_instant) - std::chrono::seconds{1};
  std::string since = "created_after=" + escaped(domain::format_rfc3339(began));
  std::vector<list_walk> out;
  auto add = [&](list_walk walk, auto belongs) {
    for (std::size_t i = 0; i < tickets_.size(); ++i) {
      if (!tickets_[i].id.empty() && belongs(tickets_[i])) walk.expected.push_back(i);
    }
    out.push_back(std::move(walk));
  };
  add({"list as staff", since, staff.token, {}, false}, [](const auto&) { return true; });
  for (const char* status : {"open", "pending", "on_hold", "resolved", "closed"}) {
    add({std::string("list of ") + status, since + "&status=" + status, staff.token, {}, false},
        [&](const auto& t) { return t.status == status; });
  }
  for (std::size_t o = 0; o < cast_.organizations.size(); ++o) {
    const auto& organization = cast_.organizations[o];
    add({"list of " + organization.name, {}, organization.customers.front().token, {}, true},
        [&](const auto& t) { return t.organization == o; });
  }
  return out;
}

void reading::walk(workplace& at, const list_walk& what) {
  std::set<std::size_t> missing(what.expected.begin(), what.expected.end());
  std::string cursor;
  std::string last_created;
  for (int page = 0; page < pages_max; ++page) {
    std::string path = std::string(tickets_path) + "?limit=100";
    if (!what.query.empty()) path += "&" + what.query;
    if (!cursor.empty()) path += "&cursor=" + escaped(cursor);
    auto answer = must(at.desk.get(path, what.token));
    if (!found_.check(answer.status == 200, what.name + ": status " + std::to_string(answer.status) + " " +
                                                at.reader.problem_code(answer.body)))
      break;
    auto seen = at.reader.tickets(answer.body);
    if (!found_.check(seen.has_value(), what.name + ": the answer is not a list")) break;
    for (const auto& ticket : seen->data) {
      bool in_order = last_created.empty() || ticket.created_at <= last_created;
      last_created = ticket.created_at;
      auto known = by_id_.find(ticket.id);
      if (known == by_id_.end()) {
        if (what.exact) found_.check(false, what.name + ": ticket " + ticket.id + " is none of its own");
        continue;
      }
      found_.check(in_order, what.name + ": " + ticket.id + " is out of order");
      const auto& sent = tickets_[known->second];
      bool wanted = missing.erase(known->second) == 1;
      if (found_.check(wanted, what.name + ": " + sent.source->id + " is there twice, or does not belong there"))
        compare_ticket(found_, cast_, sent, ticket, what.name);
    }
    cursor = seen->next_cursor;
    if (cursor.empty()) break;
  }
  found_.same(static_cast<std::int64_t>(what.expected.size()),
              static_cast<std::int64_t>(what.expected.size() - missing.size()), what.name + ": tickets found");
}

void reading::read_one(workplace& at, std::size_t index) {
  const auto& ticket = tickets_[index];
  if (ticket.id.empty()) return;
  const auto& agent = cast_.agents[index % cast_.agents.size()];
  const auto& customer = cast_.organizations[ticket.organization].customers[ticket.customer];
  read_ticket(at, ticket, ticket.id, agent);
  read_ticket(at, ticket, ticket.id, customer);
  read_messages(at, ticket, agent, true);
  read_messages(at, ticket, customer, false);
  if (index % 4 == 0) read_ticket(at, ticket, std::to_string(ticket.number), agent);
  if (index % 4 == 1) read_as_stranger(at, ticket, index);
}

void reading::read_ticket(workplace& at, const sent_ticket& ticket, const std::string& name, const actor& by) {
  auto answer = must(at.desk.get(std::string(tickets_path) + "/" + name, by.token));
  auto where = "get as " + by.role;
  if (!found_.check(answer.status == 200,
                    ticket.source->id + ": " + where + ": status " + std::to_string(answer.status)))
    return;
  auto seen = at.reader.ticket(answer.body);
  if (found_.check(seen.has_value(), ticket.source->id + ": " + where + ": the answer is not a ticket"))
    compare_ticket(found_, cast_, ticket, *seen, where);
}

void reading::read_messages(workplace& at, const sent_ticket& ticket, const actor& by, bool with_internal) {
  std::vector<const sent_message*> expected;
  for (const auto& m : ticket.messages) {
    if (with_internal || m.visibility == "public") expected.push_back(&m);
  }
  auto answer = must(at.desk.get(std::string(tickets_path) + "/" + ticket.id + "/messages?limit=100", by.token));
  auto where = ticket.source->id + ": messages as " + by.role;
  if (!found_.check(answer.status == 200, where + ": status " + std::to_string(answer.status))) return;
  auto seen = at.reader.messages(answer.body);
  if (!found_.check(seen.has_value(), where + ": the answer is not a list")) return;
  bool same_count = found_.same(static_cast<std::int64_t>(expected.size()),
                                static_cast<std::int64_t>(seen->data.size()), where + ": count");
  for (std::size_t i = 0; same_count && i < expected.size(); ++i)
    compare_message(found_, *expected[i], seen->data[i], where);
}

void reading::read_as_stranger(workplace& at, const sent_ticket& ticket, std::size_t index) {
  auto other = (ticket.organization + 1 + index % (cast_.organizations.size() - 1)) % cast_.organizations.size();
  const auto& stranger = cast_.organizations[other].customers.front();
  for (const char* part : {"", "/messages"}) {
    auto answer = must(at.desk.get(std::string(tickets_path) + "/" + ticket.id + part, stranger.token));
    found_.same(std::int64_t{404}, answer.status, ticket.source->id + ": read by another organization: status");
  }
}

}  // namespace usher::load
