// How the office searches for a phrase, and what happens when somebody confirms what was found.
#include <set>

#include "domain/erasure.hpp"
#include "domain/json_writer.hpp"
#include "metrics/log/log.hpp"
#include "store/privacy_office.hpp"
#include "store/privacy_phrase.hpp"

namespace usher::store {

namespace {

using namespace std::chrono_literals;

/// Tickets that are looked through in one step: between two, others get their answers.
constexpr int page_max = 1'000;
/// Places of a ticket that are shown; the rest is counted.
constexpr std::size_t hits_shown_max = 10;
constexpr domain::milliseconds preview_kept_for = 24h;

std::vector<std::string> excerpts_of(const phrase_place& place, const std::string& text, const std::string& phrase) {
  return place.json ? domain::json_phrase_excerpts(text, phrase) : domain::phrase_excerpts(text, phrase);
}

}  // namespace

std::string privacy_office::hits_of_ticket::to_json() const {
  std::string out;
  domain::json_writer w(out);
  w.begin_array();
  for (const auto& [where, text] : shown) {
    w.begin_object();
    w.member("where", where);
    w.member("text", text);
    w.end_object();
  }
  w.end_array();
  return out;
}

std::map<domain::uuid, privacy_office::hits_of_ticket> privacy_office::hits_of(const std::string& phrase,
                                                                               const std::vector<domain::uuid>& tickets,
                                                                               bool own) {
  const auto pattern = domain::phrase_pattern(phrase);
  std::vector<const phrase_place*> places;
  std::vector<statement> statements;
  for (const auto& place : phrase_places()) {
    if (!place.searched || (own && !place.update.empty())) continue;
    places.push_back(&place);
    statements.push_back({{}, place.select, parameters().uuids(tickets).text(pattern)});
  }
  const auto answers = transact(std::move(statements));
  std::map<domain::uuid, hits_of_ticket> found;
  for (std::size_t i = 0; i < places.size(); ++i)
    for (int row = 0; row < answers[i].size(); ++row)
      for (auto& text : excerpts_of(*places[i], answers[i].text(row, 2), phrase)) {
        auto& hits = found[answers[i].uuid(row, 0)];
        ++hits.count;
        if (hits.shown.size() < hits_shown_max) hits.shown.emplace_back(places[i]->word, std::move(text));
      }
  return found;
}

bool privacy_office::search(const running_erasure& what) {
  const auto page = one(
      "SELECT id FROM usher.support_tickets WHERE id > $1 AND ($2 = '00000000-0000-0000-0000-000000000000'::uuid OR "
      "organization_id = $2) ORDER BY id LIMIT $3",
      parameters().uuid(what.searched_to).uuid(what.who.owner ? what.who.owner->value : domain::uuid{}).int8(page_max));
  if (page.size() == 0) {
    one("UPDATE usher.erasures SET state = 'preview' WHERE id = $1", parameters().uuid(what.id));
    return true;
  }
  std::vector<domain::uuid> ids;
  for (int row = 0; row < page.size(); ++row) ids.push_back(page.uuid(row, 0));

  std::vector<domain::uuid> tickets;
  std::vector<std::int64_t> counts;
  std::vector<std::string> shown;
  for (const auto& [id, hits] : hits_of(what.phrase, ids, false)) {
    tickets.push_back(id);
    counts.push_back(hits.count);
    shown.push_back(hits.to_json());
  }
  const auto stored = transact(
      {{{},
        "INSERT INTO usher.erasure_tickets (erasure_id, ticket_id, state, hit_count, hits) SELECT $1, f.id, 'found', "
        "f.hit_count, f.hits::jsonb FROM unnest($2, $3, $4) AS f (id, hit_count, hits) ON CONFLICT DO NOTHING",
        parameters().uuid(what.id).uuids(tickets).int8s(counts).texts(shown)},
       {{}, "UPDATE usher.erasures SET searched_to = $2 WHERE id = $1", parameters().uuid(what.id).uuid(ids.back())},
       {{}, "SELECT count(*) FROM usher.erasure_tickets WHERE erasure_id = $1", parameters().uuid(what.id)}});
  if (stored[2].int8(0, 0) <= tickets_found_max) return false;
  refuse(what.id, "too_many_found", what.by);
  return true;
}

privacy_office::answer privacy_office::on(const domain::confirm_question& what, const domain::caller& by) {
  forget_previews();
  const auto now = one(
      "SELECT kind, state FROM usher.erasures WHERE id = $1 AND ($2 = '00000000-0000-0000-0000-000000000000'::uuid OR "
      "owner_id = $2)",
      parameters().uuid(what.id).uuid(by.organization ? by.organization->value : domain::uuid{}));
  if (now.size() == 0) return domain::fail(domain::errc::not_found);
  if (now.text(0, 0) != "phrase") return domain::fail(domain::errc::conflict, "this erasure needs no confirmation");
  const auto state = now.text(0, 1);
  if (state == "searching") return domain::fail(domain::errc::conflict, "the search has not come to its end");
  if (state == "expired") return domain::fail(domain::errc::conflict, "the preview has expired");
  if (state == "refused") return domain::fail(domain::errc::conflict, "this erasure was refused");
  if (state != "preview") return domain::fail(domain::errc::conflict, "this erasure was confirmed before");
  if (what.tickets) {
    const auto found =
        one("SELECT ticket_id FROM usher.erasure_tickets WHERE erasure_id = $1", parameters().uuid(what.id));
    std::set<domain::uuid> known;
    for (int row = 0; row < found.size(); ++row) known.insert(found.uuid(row, 0));
    std::vector<domain::field_error> wrong;
    for (std::size_t i = 0; i < what.tickets->size(); ++i)
      if (!known.contains((*what.tickets)[i]))
        wrong.push_back({"/tickets/" + std::to_string(i), "was not found to say the phrase"});
    if (!wrong.empty())
      return std::unexpected(
          domain::error(domain::errc::invalid, "a ticket was not found to say the phrase", std::move(wrong)));
  }
  if (auto why = held_back(what.id, what.tickets)) {
    note("privacy.erasure_refused", "{\"erasure_id\":\"" + to_string(what.id) + "\",\"reason\":\"legal_hold\"}", by.sub,
         by.role);
    return domain::privacy_answer{std::move(*why), what.id, false, "legal_hold"};
  }
  transact({{{},
             "UPDATE usher.erasure_tickets SET state = CASE WHEN cardinality($2) = 0 OR ticket_id = ANY ($2) THEN "
             "'pending' ELSE 'left' END WHERE erasure_id = $1 AND state = 'found'",
             parameters().uuid(what.id).uuids(what.tickets.value_or(std::vector<domain::uuid>()))},
            {{},
             "UPDATE usher.erasures SET state = 'running', confirmed_by = $2 WHERE id = $1",
             parameters().uuid(what.id).text(by.sub)}});
  erasures_.push_back(what.id);
  return go_on(what.id, by);
}

std::vector<scrub> privacy_office::phrase_scrubs(const running_erasure& what, const domain::ticket_id& id) {
  const std::vector<domain::uuid> ids{id.value};
  const auto pattern = domain::phrase_pattern(what.phrase);
  std::vector<const phrase_place*> places;
  std::vector<statement> statements;
  for (const auto& place : phrase_places()) {
    if (place.update.empty()) continue;
    places.push_back(&place);
    statements.push_back({{}, place.select, parameters().uuids(ids).text(pattern)});
  }
  const auto answers = transact(std::move(statements));
  std::vector<scrub> out;
  for (std::size_t i = 0; i < places.size(); ++i)
    for (int row = 0; row < answers[i].size(); ++row) {
      const auto text = answers[i].text(row, 2);
      auto left =
          places[i]->json ? domain::json_without_phrase(text, what.phrase) : domain::without_phrase(text, what.phrase);
      // What this erasure quotes goes with its end.
      if (left == text || answers[i].text(row, 1) == to_string(what.id)) continue;
      // What stands for it may be longer than it was.
      if (places[i]->bytes_max > 0 && left.size() > places[i]->bytes_max) left = domain::erased_text;
      out.push_back({std::string(places[i]->table),
                     {{},
                      places[i]->update,
                      parameters().uuid(id.value).text(answers[i].text(row, 1)).text(left).text(to_string(what.id))}});
    }
  out.push_back(scrub_of_words(id));
  return out;
}

void privacy_office::forget_previews() {
  const auto before = clock_.now() - preview_kept_for;
  const auto answers = transact(
      {{{},
        "UPDATE usher.erasure_tickets t SET state = 'left', hits = '[]' FROM usher.erasures e WHERE e.id = "
        "t.erasure_id "
        "AND e.state IN ('searching', 'preview') AND e.requested_at <= $1",
        parameters().at(before)},
       {{},
        "UPDATE usher.erasures SET state = 'expired', subject = NULL, finished_at = $2 WHERE state IN ('searching', "
        "'preview') AND requested_at <= $1",
        parameters().at(before).at(clock_.now())}});
  if (answers[1].affected() > 0)
    log::info("previews of erasures were forgotten", {{"erasures", answers[1].affected()}});
}

}  // namespace usher::store
