#include "loadtest/storyteller.hpp"

#include <stdexcept>

#include "domain/json_writer.hpp"
#include "loadtest/read_back.hpp"

namespace usher::load {

namespace {

std::string object(std::string_view name, std::string_view value, std::string_view visibility = {}) {
  std::string body;
  domain::json_writer w(body);
  w.begin_object();
  w.member(name, value);
  if (!visibility.empty()) w.member("visibility", visibility);
  w.end_object();
  return body;
}

bool is_message(const step& s) { return s.kind != step_kind::status && s.kind != step_kind::priority; }

}  // namespace

void storyteller::tell(workplace& at, sent_ticket& ticket, std::size_t index) {
  const auto& agent = cast_.agents[index % cast_.agents.size()];
  const auto& customer = cast_.organizations[ticket.organization].customers[ticket.customer];
  std::size_t number = 0;
  for (const auto& next : story_of(cast_.seed, index, ticket.source->id)) {
    auto key = "story-" + std::to_string(cast_.seed) + "-" + ticket.source->id + "-" + std::to_string(++number);
    const auto& by = next.kind == step_kind::customer_message ? customer : agent;
    if (is_message(next))
      send_message(at, ticket, next, by, std::move(key));
    else
      change(at, ticket, next, by);
  }
}

void storyteller::send_message(workplace& at, sent_ticket& ticket, const step& what, const actor& by, std::string key) {
  const char* visibility = what.kind == step_kind::internal_note ? "internal" : "public";
  auto answer = at.desk.call({"POST", "/api/support/tickets/" + ticket.id + "/messages", by.token, std::move(key),
                              object("body", what.text, visibility)});
  if (!answer) throw std::runtime_error(answer.error());
  auto where = ticket.source->id + ": message";
  if (!found_.check(answer->status == 201,
                    where + ": status " + std::to_string(answer->status) + " " + at.reader.problem_code(answer->body)))
    return;
  auto seen = at.reader.message(answer->body);
  if (!found_.check(seen.has_value(), where + ": the answer is not a message")) return;
  ticket.messages.push_back({seen->id, by.sub, by.role, what.text, visibility});
  ++ticket.version;
  if (what.kind == step_kind::customer_message) ticket.status = status_after_customer_message(ticket.status);
  compare_message(found_, ticket.messages.back(), *seen, where);
}

// PATCH carries no Idempotency-Key; the same change twice is one change.
void storyteller::change(workplace& at, sent_ticket& ticket, const step& what, const actor& by) {
  bool of_status = what.kind == step_kind::status;
  if (!of_status && ticket.priority == what.text) return;
  auto answer = at.desk.call({"PATCH",
                              "/api/support/tickets/" + ticket.id,
                              by.token,
                              {},
                              object(of_status ? "status" : "priority", what.text)});
  if (!answer) throw std::runtime_error(answer.error());
  auto where = ticket.source->id + ": change to " + what.text;
  if (!found_.check(answer->status == 200,
                    where + ": status " + std::to_string(answer->status) + " " + at.reader.problem_code(answer->body)))
    return;
  auto seen = at.reader.ticket(answer->body);
  if (!found_.check(seen.has_value(), where + ": the answer is not a ticket")) return;
  (of_status ? ticket.status : ticket.priority) = what.text;
  ++ticket.version;
  changes_.fetch_add(1, std::memory_order_relaxed);
  compare_ticket(found_, cast_, ticket, *seen, "change");
}

}  // namespace usher::load
