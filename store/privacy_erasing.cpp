// How the office erases.
#include <future>

#include "domain/erasure.hpp"
#include "domain/json_writer.hpp"
#include "metrics/log/log.hpp"
#include "store/privacy_office.hpp"
#include "store/privacy_phrase.hpp"

namespace usher::store {

namespace {

using namespace std::chrono_literals;

/// How long whoever asks for an erasure waits for its end.
constexpr auto answer_after = 3s;
/// How long others may take for what they do for the office.
constexpr auto others_max = 15s;
constexpr int erasures_shown_max = 100;

std::string counts_of(const std::vector<scrub>& scrubs, const std::vector<rows>& answers, std::size_t from) {
  std::map<std::string, std::int64_t> sums;
  for (std::size_t i = 0; i < scrubs.size(); ++i) sums[scrubs[i].table] += answers[from + i].affected();
  std::string out;
  domain::json_writer w(out);
  w.begin_object();
  for (const auto& [table, count] : sums)
    if (count > 0) w.member(table, count);
  w.end_object();
  return out;
}

/// Waits for what somebody else does. Throws `unavailable_error` when no answer comes.
domain::result<std::monostate> wait_for(const std::function<void(domain::completion<std::monostate>)>& ask) {
  auto told = std::make_shared<std::promise<domain::result<std::monostate>>>();
  auto answered = told->get_future();
  ask(domain::completion<std::monostate>([told](domain::result<std::monostate> result) { told->set_value(result); }));
  if (answered.wait_for(others_max) != std::future_status::ready) throw unavailable_error("no answer has come");
  return answered.get();
}

domain::uuid owner_of(const domain::caller& by) { return by.organization ? by.organization->value : domain::uuid{}; }

}  // namespace

privacy_office::answer privacy_office::on(const domain::erase_question& what, const domain::caller& by) {
  const auto id = domain::new_uuid_v7();
  const person who{what.subject.kind, what.subject.text, what.organization ? what.organization : by.organization};
  const bool searches = who.kind == domain::subject_kind::phrase;
  // The desk's people belong to no organization.
  std::optional<known_agent> agent;
  if (!searches && !who.owner && settings_.find_agent) agent = settings_.find_agent(what.subject);
  if (agent && !agent->offline)
    return domain::fail(domain::errc::conflict, "this is an agent who is not offline: an agent has to leave first");
  if (agent && agent->load > 0)
    return domain::fail(domain::errc::conflict, "this is an agent with open tickets: others have to take them first");
  const auto hmac = hmac_of(what.subject);
  std::vector<statement> statements{
      {{},
       "INSERT INTO usher.erasures (id, owner_id, kind, subject, subject_hmac, state, requested_by, requested_at, "
       "agent_id) VALUES ($1, nullif($2, '00000000-0000-0000-0000-000000000000'::uuid), $3, $4, $5, $6, $7, $8, "
       "nullif($9, ''))",
       parameters()
           .uuid(id)
           .uuid(who.owner ? who.owner->value : domain::uuid{})
           .text(to_word(who.kind))
           .text(who.text)
           .bytes(hmac)
           .text(searches ? "searching" : "running")
           .text(by.sub)
           .at(clock_.now())
           .text(agent ? agent->id : std::string())}};
  if (!searches) {
    auto found = tickets_of(who);
    found.sql = "INSERT INTO usher.erasure_tickets (erasure_id, ticket_id) SELECT $4, f.id FROM (" + found.sql + ") f";
    found.params.uuid(id);
    statements.push_back(std::move(found));
    statements.push_back({{}, "DELETE FROM usher.privacy_exports WHERE subject_hmac = $1", parameters().bytes(hmac)});
  }
  transact(std::move(statements));
  erasures_.push_back(id);
  if (!searches)
    if (auto why = held_back(id, std::nullopt)) {
      refuse(id, "legal_hold", by.sub);
      return domain::privacy_answer{std::move(*why), id, false, "legal_hold"};
    }
  return go_on(id, by);
}

privacy_office::answer privacy_office::go_on(const domain::uuid& id, const domain::caller& by) {
  const auto until = std::chrono::steady_clock::now() + answer_after;
  try {
    bool done = false;
    while (!done && std::chrono::steady_clock::now() < until) done = step(id);
    if (done) std::erase(erasures_, id);
  } catch (const std::exception& why) {
    log::warn("an erasure goes on later", {{"erasure_id", to_string(id)}, {"error", why.what()}});
  }
  return view_of(id, by);
}

void privacy_office::refuse(const domain::uuid& id, std::string_view word, std::string by) {
  transact({{{},
             "UPDATE usher.erasures SET state = 'refused', refused = $2, subject = NULL, agent_id = NULL, finished_at "
             "= $3 WHERE id = $1",
             parameters().uuid(id).text(word).at(clock_.now())},
            {{},
             "UPDATE usher.erasure_tickets SET state = CASE WHEN $2 = 'legal_hold' THEN 'held' ELSE 'left' END, hits = "
             "'[]' WHERE erasure_id = $1",
             parameters().uuid(id).text(word)}});
  std::erase(erasures_, id);
  note("privacy.erasure_refused", "{\"erasure_id\":\"" + to_string(id) + "\",\"reason\":\"" + std::string(word) + "\"}",
       std::move(by), domain::role::admin);
}

std::optional<std::string> privacy_office::held_back(const domain::uuid& id,
                                                     const std::optional<std::vector<domain::uuid>>& tickets) {
  const auto found = one(
      "SELECT count(DISTINCT e.ticket_id), count(DISTINCT e.ticket_id) FILTER (WHERE h.target_id IS NOT NULL), "
      "(array_agg(DISTINCT h.reason) FILTER (WHERE h.reason IS NOT NULL))[1:3] FROM usher.erasure_tickets e LEFT JOIN "
      "usher.support_tickets t ON t.id = e.ticket_id LEFT JOIN usher.legal_holds h ON h.target_id IN (t.id, "
      "t.organization_id) WHERE e.erasure_id = $1 AND e.state IN ('found', 'pending') AND (cardinality($2) = 0 OR "
      "e.ticket_id = ANY ($2))",
      parameters().uuid(id).uuids(tickets.value_or(std::vector<domain::uuid>())));
  const auto all = found.int8(0, 0);
  if (all == 0 || found.int8(0, 1) < all) return std::nullopt;
  std::string why = all == 1 ? "its only ticket is under legal hold: "
                             : "all of its " + std::to_string(all) + " tickets are under legal hold: ";
  const auto reasons = found.texts(0, 2);
  for (std::size_t i = 0; i < reasons.size(); ++i) why += (i > 0 ? "; " : "") + reasons[i];
  return why;
}

privacy_office::answer privacy_office::view_of(const domain::uuid& id, const domain::caller& by, bool with_found) {
  const auto found =
      one(select_erasures(with_found) +
              " WHERE e.id = $1 AND ($2 = '00000000-0000-0000-0000-000000000000'::uuid OR e.owner_id = $2)",
          parameters().uuid(id).uuid(owner_of(by)));
  if (found.size() == 0) return domain::fail(domain::errc::not_found);
  domain::privacy_answer out{found.json(0, 0), id, false};
  if (found.text(0, 1) == "too_many_found" && !with_found) {
    out.refused = "too_many_found";
    out.body = "more than " + std::to_string(tickets_found_max) +
               " tickets say this: say more words, or an organization_id, to narrow it";
  }
  return out;
}

privacy_office::answer privacy_office::on(const domain::erasure_question& what, const domain::caller& by) {
  return view_of(what.id, by, true);
}

privacy_office::answer privacy_office::on(const domain::erasures_question&, const domain::caller& by) {
  const auto found = one(select_erasures(false) +
                             " WHERE $1 = '00000000-0000-0000-0000-000000000000'::uuid OR e.owner_id = "
                             "$1 ORDER BY e.id DESC LIMIT $2",
                         parameters().uuid(owner_of(by)).int8(erasures_shown_max));
  std::string out = "{\"data\":[";
  for (int row = 0; row < found.size(); ++row) out += (row > 0 ? "," : "") + found.json(row, 0);
  return domain::privacy_answer{out + "],\"has_more\":false,\"next_cursor\":null}", std::nullopt, false};
}

std::optional<privacy_office::running_erasure> privacy_office::find_running(const domain::uuid& id) {
  const auto found =
      one("SELECT kind, coalesce(subject, ''), coalesce(owner_id, "
          "'00000000-0000-0000-0000-000000000000'::uuid), requested_at, coalesce(confirmed_by, requested_by), state, "
          "searched_to, coalesce(agent_id, '') FROM usher.erasures WHERE id = $1 AND state IN ('searching', 'running')",
          parameters().uuid(id));
  if (found.size() == 0) return std::nullopt;
  running_erasure out;
  out.id = id;
  const auto kind = found.text(0, 0);
  out.who.kind = kind == "email" ? domain::subject_kind::email : domain::subject_kind::user_id;
  (kind == "phrase" ? out.phrase : out.who.text) = found.text(0, 1);
  if (const domain::organization_id owner{found.uuid(0, 2)}; !owner.is_nil()) out.who.owner = owner;
  out.requested_at = found.at(0, 3);
  out.by = found.text(0, 4);
  out.searching = found.text(0, 5) == "searching";
  out.searched_to = found.uuid(0, 6);
  out.agent = found.text(0, 7);
  return out;
}

bool privacy_office::step(const domain::uuid& id) {
  const auto what = find_running(id);
  if (!what) return true;
  if (what->searching) return search(*what);
  // In no order: a ticket that takes no change now keeps no other one waiting.
  const auto next =
      one("SELECT ticket_id FROM usher.erasure_tickets WHERE erasure_id = $1 AND state = 'pending' ORDER BY random() "
          "LIMIT 1",
          parameters().uuid(id));
  if (next.size() > 0) {
    erase_ticket(*what, {next.uuid(0, 0)});
    return false;
  }
  // What was on its way into the store when the tickets were looked up.
  if (!what->who.text.empty()) {
    auto again = tickets_of(what->who);
    again.sql = "INSERT INTO usher.erasure_tickets (erasure_id, ticket_id) SELECT $4, f.id FROM (" + again.sql +
                ") f JOIN usher.support_tickets t ON t.id = f.id WHERE t.created_at <= $5 ON CONFLICT DO NOTHING";
    again.params.uuid(id).at(what->requested_at);
    if (transact({std::move(again)}).front().affected() > 0) return false;
  }
  finish(*what);
  return true;
}

void privacy_office::erase_ticket(const running_erasure& what, const domain::ticket_id& id) {
  const auto settle = [&](std::string_view state) {
    one("UPDATE usher.erasure_tickets SET state = $3 WHERE erasure_id = $1 AND ticket_id = $2",
        parameters().uuid(what.id).uuid(id.value).text(state));
  };
  const auto held =
      one("SELECT 1 FROM usher.support_tickets t JOIN usher.legal_holds h ON h.target_id IN (t.id, "
          "t.organization_id) WHERE t.id = $1",
          parameters().uuid(id.value));
  if (held.size() > 0) return settle("held");

  // Asked before it is gone: of a phrase the ticket's own texts may say nothing.
  const bool itself = what.phrase.empty() || !hits_of(what.phrase, {id.value}, true).empty();
  const auto erased = wait_for([&](auto done) {
    settings_.change_ticket(id, domain::erase_personal{what.id, what.phrase, what.who.text}, domain::caller::system(),
                            std::move(done));
  });
  if (!erased && erased.error().code == domain::errc::not_found) return settle("gone");
  if (!erased) throw unavailable_error("a ticket could not be erased: " + std::string(to_word(erased.error().code)));

  auto scrubs = what.phrase.empty() ? scrubs_of_ticket(id, what.id, what.who.text) : phrase_scrubs(what, id);
  std::vector<statement> statements;
  for (auto& each : scrubs) statements.push_back(std::move(each.what));
  const auto answers = transact(std::move(statements));
  auto counts = counts_of(scrubs, answers, 0);
  if (itself) counts.insert(1, counts.size() > 2 ? "\"support_tickets\":1," : "\"support_tickets\":1");
  // Counts of a try that a crash cut off are not added to: they are what this one found.
  one("UPDATE usher.erasure_tickets SET state = 'erased', counts = $3::jsonb WHERE erasure_id = $1 AND ticket_id = $2",
      parameters().uuid(what.id).uuid(id.value).text(counts));
}

void privacy_office::finish(const running_erasure& what) {
  std::vector<scrub> scrubs;
  if (!what.who.text.empty()) scrubs = scrubs_of_person(what.who, what.id);
  if (!what.agent.empty()) std::ranges::move(scrubs_of_agent(what.agent), std::back_inserter(scrubs));
  if (!what.phrase.empty()) scrubs.push_back(scrub_of_exports(what.id, what.phrase));
  std::vector<statement> statements;
  for (auto& each : scrubs) statements.push_back(std::move(each.what));
  auto counts = counts_of(scrubs, transact(std::move(statements)), 0);
  if (!what.agent.empty()) {
    const auto gone = wait_for([&](auto done) { settings_.erase_agent(what.agent, what.id, std::move(done)); });
    if (!gone && gone.error().code != domain::errc::not_found)
      throw unavailable_error("an agent could not be erased: " + std::string(to_word(gone.error().code)));
    if (gone) counts.insert(1, counts.size() > 2 ? "\"support_agents\":1," : "\"support_agents\":1");
  }
  transact({{{}, finish_erasure_sql(), parameters().uuid(what.id).at(clock_.now()).text(counts)},
            {{},
             "UPDATE usher.erasure_tickets SET hits = '[]' WHERE erasure_id = $1 AND hits <> '[]'",
             parameters().uuid(what.id)}});
  log::info("an erasure is done", {{"erasure_id", to_string(what.id)}});
  note("privacy.erased", "{\"erasure_id\":\"" + to_string(what.id) + "\"}", what.by, domain::role::admin);
}

}  // namespace usher::store
