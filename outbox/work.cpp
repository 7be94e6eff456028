#include "outbox/work.hpp"

#include "domain/json_members.hpp"

namespace usher::outbox {

job prepare_job(store::outbox_row row, const std::map<domain::webhook_id, store::outbox_endpoint>& known) {
  job out;
  out.what.id = row.id;
  out.what.event = row.event;
  out.what.recipient = row.recipient;
  out.what.ticket = row.ticket;
  if (row.queue.channel == "webhook") {
    const auto found = row.queue.endpoint ? known.find(*row.queue.endpoint) : known.end();
    if (found == known.end()) {
      out.refusal = "the endpoint was removed";
    } else if (found->second.disabled) {
      out.refusal = "the endpoint is disabled";
    } else {
      out.what.recipient = found->second.url;
      out.what.secrets = found->second.secrets;
    }
    out.what.payload = row.payload;
  } else {
    for (const auto& [key, value] : domain::json_members(row.payload)) {
      if (key == "subject") out.what.subject = domain::json_string(value).value_or("");
      if (key == "text") out.what.text = domain::json_string(value).value_or("");
    }
  }
  out.row = std::move(row);
  return out;
}

store::outbox_try record_of(const job& done) {
  store::outbox_try out;
  out.id = done.row.id;
  out.attempt = done.row.attempts + 1;
  out.at = done.began;
  out.took = done.took;
  out.status = done.result.http_status;
  out.outcome = done.is_given_up() && done.result.what == outcome::retry ? "given_up" : to_word(done.result.what);
  out.detail = done.result.detail;
  out.delivered = done.result.what == outcome::delivered;
  out.next_attempt_at = done.next_attempt_at;
  return out;
}

}  // namespace usher::outbox
