#include "store/privacy_phrase.hpp"

#include "domain/phrase.hpp"

namespace usher::store {

namespace {

/// What a place is made of; `x` is its table.
struct parts {
  std::string_view word;
  std::string_view table;
  std::string key;   ///< an expression
  std::string text;  ///< an expression
  std::string set;   ///< of the update
  bool json = false;
  std::string also = "true";
  bool searched = true;
  std::size_t bytes_max = 0;
};

phrase_place make(const parts& p) {
  phrase_place out{p.word, p.table, p.json, p.searched, {}, {}, p.bytes_max};
  const auto table = "usher." + std::string(p.table);
  out.select = "SELECT x.ticket_id, " + p.key + ", " + p.text + " FROM " + table +
               " x WHERE x.ticket_id = ANY ($1) AND " + p.also + " AND " + p.text + " ~ $2";
  out.update = "UPDATE " + table + " x SET " + p.set + " WHERE x.ticket_id = $1 AND " + p.key + " = $2 AND " + p.also +
               " AND $4 IS NOT NULL";
  return out;
}

/// A column of the ticket itself.
phrase_place own(std::string_view word, const std::string& text, bool json = false) {
  phrase_place out{word, "support_tickets", json, true, {}, {}, 0};
  out.select = "SELECT x.id, '', " + text + " FROM usher.support_tickets x WHERE x.id = ANY ($1) AND " + text + " ~ $2";
  return out;
}

phrase_place attempts() {
  phrase_place out{"delivery", "outbox_attempts", false, true, {}, {}, 4000};
  out.select =
      "SELECT o.ticket_id, x.outbox_id::text || ':' || x.attempt, x.detail FROM usher.outbox_attempts x JOIN "
      "usher.outbox o ON o.id = x.outbox_id WHERE o.ticket_id = ANY ($1) AND x.detail ~ $2";
  out.update =
      "UPDATE usher.outbox_attempts x SET detail = $3 FROM usher.outbox o WHERE o.id = x.outbox_id AND o.ticket_id = "
      "$1 "
      "AND x.outbox_id::text || ':' || x.attempt = $2 AND $4 IS NOT NULL";
  return out;
}

const std::string answer_key = "md5(x.caller_sub || chr(1) || x.route || chr(1) || x.key)";
/// Empty is an answer that is not there yet.
const std::string answer_text = "CASE WHEN x.body <> '' THEN x.body::jsonb::text END";

/// Answers that the ticket's id does not stand beside: what they say stands in the ticket, too.
phrase_place other_answers() {
  phrase_place out{"kept_answer", "idempotency_keys", true, false, {}, {}, 0};
  out.select = "SELECT ($1::uuid[])[1], " + answer_key + ", " + answer_text +
               " FROM usher.idempotency_keys x WHERE x.ticket_id IS NULL AND " + kept_about("($1::uuid[])[1]") +
               " AND " + answer_text + " ~ $2";
  out.update = "UPDATE usher.idempotency_keys x SET body = $3 WHERE x.ticket_id IS NULL AND $1 IS NOT NULL AND " +
               answer_key + " = $2 AND $4 IS NOT NULL";
  return out;
}

std::vector<phrase_place> make_places() {
  const std::string given_up =
      "recipient = CASE WHEN $3 <> '' THEN '[erased]' END, given_up_at = coalesce(given_up_at, CASE WHEN "
      "next_attempt_at IS NOT NULL THEN now() END), next_attempt_at = NULL, lease_until = NULL";
  return {
      own("subject", "x.subject"),
      own("body", "x.body"),
      own("requester.name", "x.requester_name"),
      own("requester.email", "x.requester_email"),
      own("tags", "to_jsonb(x.tags)::text", true),
      own("custom_fields", "x.custom_fields::text", true),
      own("wedding.venue", "x.wedding_venue"),
      own("signals", "to_jsonb(x.classified_signals)::text", true),
      make({"message", "ticket_messages", "x.id::text", "x.body", "body = $3", false, "x.visibility = 'public'"}),
      make({"internal_note", "ticket_messages", "x.id::text", "x.body", "body = $3", false,
            "x.visibility = 'internal'"}),
      make({"signals", "ticket_classifications", "x.version::text", "to_jsonb(x.signals)::text",
            "signals = ARRAY(SELECT jsonb_array_elements_text($3::text::jsonb))", true}),
      make({"attachment", "attachments", "x.id::text", "x.name", "name = $3", false, "true", true, 800}),
      make({"csat_comment", "csat_responses", "x.cycle::text", "x.comment", "comment = $3"}),
      make({"escalation_reason", "support_escalations", "x.id::text", "x.reason", "reason = $3"}),
      make({"delivery", "outbox", "x.id::text", "x.payload::text", "payload = $3::text::jsonb", true}),
      make({"delivery", "outbox", "x.id::text", "x.recipient", given_up, false, "x.event = 'csat.requested'"}),
      attempts(),
      make({"kept_answer", "idempotency_keys", answer_key, answer_text, "body = $3", true}),
      other_answers(),
      make({"alert", "system_alerts", "x.id::text", "x.detail", "detail = $3", false, "true", true, 4000}),
      make({"history", "audit_log", "x.id::text", "x.details::text",
            "details = $3::text::jsonb, erased_by = $4::text::uuid", true}),
      make({"preview", "erasure_tickets", "x.erasure_id::text", "x.hits::text", "hits = $3::text::jsonb", true,
            "x.hits <> '[]'", false}),
  };
}

}  // namespace

std::span<const phrase_place> phrase_places() {
  static const std::vector<phrase_place> places = make_places();
  return places;
}

scrub scrub_of_words(const domain::ticket_id& id) {
  return {"ticket_search",
          {{},
           "UPDATE usher.ticket_search s SET document = n.document FROM (SELECT "
           "usher.add_words(usher.ticket_words(t.subject, t.body), coalesce((SELECT string_agg(m.body, ' ' ORDER BY "
           "m.id) FROM usher.ticket_messages m WHERE m.ticket_id = t.id AND m.visibility = 'public'), '')) AS document "
           "FROM usher.support_tickets t WHERE t.id = $1) n WHERE s.ticket_id = $1 AND s.document <> n.document",
           parameters().uuid(id.value)}};
}

scrub scrub_of_exports(const domain::uuid& erasure, std::string_view phrase) {
  return {"privacy_exports",
          {{},
           "DELETE FROM usher.privacy_exports x WHERE x.document::text ~ $2 AND EXISTS (SELECT FROM "
           "usher.erasure_tickets t WHERE t.erasure_id = $1 AND t.state = 'erased' AND position(t.ticket_id::text IN "
           "x.document::text) > 0)",
           parameters().uuid(erasure).text(domain::phrase_pattern(phrase))}};
}

}  // namespace usher::store
