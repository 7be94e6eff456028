#include "store/read_pool.hpp"

#include <algorithm>

#include "metrics/log/log.hpp"
#include "store/escalation_list.hpp"
#include "store/purge.hpp"
#include "store/record_queries.hpp"
#include "store/ticket_queries.hpp"
#include "store/ticket_rows.hpp"
#include "store/trail_rows.hpp"

namespace usher::store {

namespace {

using namespace std::chrono_literals;
using domain::fail;
using domain::result;

constexpr auto answers_kept = 24h;  // contract, section 2

statement named(std::string name, std::string sql, parameters params) {
  return {std::move(name), std::move(sql), std::move(params)};
}

/// The one answer to one question.
result<rows> ask_one(read_session& session, const scope& who, statement question, steady_time deadline) {
  auto answers = session.ask(who, {std::move(question)}, deadline);
  if (!answers) return std::unexpected(to_error(answers.error()));
  return std::move(answers->front());
}

/// Appends the rows of one part of a list; true when the page is full.
void append_part(const rows& part, bool nulls, std::vector<place>& page) {
  for (int row = 0; row < part.size(); ++row)
    page.push_back({nulls, part.int8(row, 1), part.int8(row, 2), part.uuid(row, 0)});
}

result<ticket_id_page> list(read_session& session, const domain::ticket_query& query, const scope& who,
                            steady_time deadline) {
  auto list = fingerprint_of(query, who);
  std::optional<place> after;
  if (!query.cursor.empty()) {
    after = parse_cursor(query.cursor, list);
    if (!after) return fail(domain::errc::bad_cursor);
  }
  auto limit = static_cast<std::size_t>(query.limit);
  std::vector<place> page;
  for (bool nulls : {false, true}) {
    if (nulls && !has_nulls(query.sort)) continue;
    if (!nulls && after && after->in_nulls) continue;
    if (page.size() > limit) break;
    auto from = after && after->in_nulls == nulls ? after : std::nullopt;
    int wanted = query.limit + 1 - static_cast<int>(page.size());
    auto part = ask_one(session, who, list_statement(query, nulls, from, wanted), deadline);
    if (!part) return std::unexpected(std::move(part.error()));
    append_part(*part, nulls, page);
  }
  ticket_id_page out;
  for (std::size_t i = 0; i < std::min(limit, page.size()); ++i) out.ids.push_back({page[i].id});
  if (page.size() > limit) out.next_cursor = to_cursor(page[limit - 1], list);
  return out;
}

/// A page of a list that is ordered by id alone; asks for one row more than the page holds.
template <class T, class Read, class Id>
domain::page<T> page_by_id(const rows& from, int limit, const list_fingerprint& list, Read read, Id id_of) {
  domain::page<T> page;
  for (int row = 0; row < std::min(limit, from.size()); ++row) page.data.push_back(read(from, row));
  if (from.size() > limit && limit > 0) page.next_cursor = to_cursor({false, 0, 0, id_of(page.data.back())}, list);
  return page;
}

bool is_report(domain::record_kind kind) noexcept {
  using enum domain::record_kind;
  return kind == analytics || kind == day_figures || kind == changed_days || kind == classification_stats ||
         kind == wedding_days || kind == similar || kind == audit;
}

/// The id after which a page begins: nil at the list's beginning.
result<domain::uuid> start_of(const std::string& cursor, const list_fingerprint& list) {
  if (cursor.empty()) return domain::uuid{};
  auto where = parse_cursor(cursor, list);
  if (!where) return fail(domain::errc::bad_cursor);
  return where->id;
}

}  // namespace

read_pool::read_pool(read_settings settings)
    : settings_(std::move(settings)),
      writes_(settings_, 1),
      looks_(settings_, settings_.threads),
      reports_(settings_, 1) {}

read_pool::~read_pool() { stop(); }

void read_pool::stop() {
  for (auto* each : {&writes_, &looks_, &reports_}) each->stop();
}

template <class T, class Question>
void read_pool::enqueue(read_queue& in, steady_time deadline, domain::completion<T> done, Question question) {
  in.push([deadline, done = std::move(done), question = std::move(question)](read_session* session,
                                                                             domain::errc refused) mutable {
    if (session == nullptr) return done(fail(refused));
    if (std::chrono::steady_clock::now() >= deadline) return done(fail(domain::errc::timed_out));
    try {
      done(question(*session));
    } catch (const unknown_word& why) {
      log::error("a row can't be read", {{"why", why.what()}});
      done(fail(domain::errc::internal));
    }
  });
}

void read_pool::list_tickets(domain::ticket_query query, scope who, steady_time deadline,
                             domain::completion<ticket_id_page> done) {
  query.limit = std::clamp(query.limit, 1, domain::page_limit_max);
  enqueue(looks_, deadline, std::move(done), [query = std::move(query), who, deadline](read_session& session) {
    return list(session, query, who, deadline);
  });
}

void read_pool::load_tickets(std::vector<domain::ticket_id> ids, scope who, steady_time deadline,
                             domain::completion<std::vector<domain::ticket_ptr>> done) {
  auto question = [this, ids = std::move(ids), who,
                   deadline](read_session& session) -> result<std::vector<domain::ticket_ptr>> {
    std::vector<domain::uuid> wanted;
    for (const auto& id : ids) wanted.push_back(id.value);
    auto all = select_ticket_parts(wanted);
    all.push_back(
        named("tickets", select_tickets() + " WHERE t.id = ANY ($1) ORDER BY t.id", parameters().uuids(wanted)));
    auto answers = session.ask(who, std::move(all), deadline);
    if (!answers) return std::unexpected(to_error(answers.error()));
    return read_tickets(answers->back(), *answers, shelf_);
  };
  enqueue(looks_, deadline, std::move(done), std::move(question));
}

void read_pool::find_ticket(std::int64_t number, scope who, steady_time deadline,
                            domain::completion<domain::ticket_id> done) {
  enqueue(looks_, deadline, std::move(done),
          [number, who, deadline](read_session& session) -> result<domain::ticket_id> {
            auto question = named("ticket_by_number", "SELECT id FROM usher.support_tickets WHERE number = $1",
                                  parameters().int8(number));
            auto found = ask_one(session, who, std::move(question), deadline);
            if (!found) return std::unexpected(std::move(found.error()));
            if (found->size() == 0) return fail(domain::errc::not_found);
            return domain::ticket_id{found->uuid(0, 0)};
          });
}

void read_pool::list_messages(domain::ticket_id ticket, scope who, bool with_internal, int limit, std::string cursor,
                              steady_time deadline, domain::completion<domain::page<domain::message>> done) {
  using page = domain::page<domain::message>;
  int size = std::clamp(limit, 1, domain::page_limit_max);
  auto question = [=](read_session& session) -> result<page> {
    list_fingerprint list;
    list.add("messages").add(to_string(ticket)).add(with_internal ? 1 : 0);
    auto after = start_of(cursor, list);
    if (!after) return std::unexpected(after.error());
    std::string sql = std::string(select_messages) + " WHERE ticket_id = $1 AND id > $2" +
                      (with_internal ? "" : " AND visibility = 'public'") + " ORDER BY id LIMIT $3";
    auto found = ask_one(session, who,
                         named(with_internal ? "messages" : "public_messages", std::move(sql),
                               parameters().uuid(ticket.value).uuid(*after).int8(size + 1)),
                         deadline);
    if (!found) return std::unexpected(std::move(found.error()));
    return page_by_id<domain::message>(*found, size, list, read_message, [](const auto& m) { return m.id.value; });
  };
  enqueue(looks_, deadline, std::move(done), std::move(question));
}

void read_pool::list_organizations(scope who, int limit, std::string cursor, steady_time deadline,
                                   domain::completion<domain::page<domain::organization>> done) {
  using page = domain::page<domain::organization>;
  int size = std::clamp(limit, 1, domain::page_limit_max);
  auto question = [=](read_session& session) -> result<page> {
    list_fingerprint list;
    list.add("organizations").add(who.organization ? to_string(*who.organization) : std::string());
    auto after = start_of(cursor, list);
    if (!after) return std::unexpected(after.error());
    std::string sql = std::string(select_organizations) + " WHERE id > $1 ORDER BY id LIMIT $2";
    auto found = ask_one(session, who, named("organizations", std::move(sql), parameters().uuid(*after).int8(size + 1)),
                         deadline);
    if (!found) return std::unexpected(std::move(found.error()));
    return page_by_id<domain::organization>(*found, size, list, read_organization,
                                            [](const auto& o) { return o.id.value; });
  };
  enqueue(looks_, deadline, std::move(done), std::move(question));
}

void read_pool::list_clock_events(domain::ticket_id ticket, scope who, steady_time deadline,
                                  domain::completion<std::vector<domain::clock_changed>> done) {
  using events = std::vector<domain::clock_changed>;
  enqueue(looks_, deadline, std::move(done), [this, ticket, who, deadline](read_session& session) -> result<events> {
    std::vector ids{ticket.value};
    std::vector<statement> both{named("clock_policies", select_clock_policies(), parameters().uuids(ids)),
                                named("clock_events", select_clock_events(), parameters().uuids(ids))};
    auto answers = session.ask(who, std::move(both), deadline);
    if (!answers) return std::unexpected(to_error(answers.error()));
    take_policies(shelf_, answers->front());
    events all;
    for (int row = 0; row < answers->back().size(); ++row)
      all.push_back(read_clock_event(answers->back(), row, shelf_));
    return all;
  });
}

void read_pool::list_due(domain::instant now, int limit, steady_time deadline,
                         domain::completion<std::vector<domain::ticket_id>> done) {
  using ids = std::vector<domain::ticket_id>;
  enqueue(writes_, deadline, std::move(done), [now, limit, deadline](read_session& session) -> result<ids> {
    auto found = ask_one(session, {},
                         named("due_tickets",
                               "SELECT id FROM usher.support_tickets WHERE timer_at <= $1 "
                               "ORDER BY timer_at, id LIMIT $2",
                               parameters().at(now).int8(limit)),
                         deadline);
    if (!found) return std::unexpected(std::move(found.error()));
    ids all;
    for (int row = 0; row < found->size(); ++row) all.push_back({found->uuid(row, 0)});
    return all;
  });
}

void read_pool::list_expired(expiry limits, steady_time deadline, domain::completion<expired_rows> done) {
  enqueue(reports_, deadline, std::move(done), [limits, deadline](read_session& session) -> result<expired_rows> {
    auto answers = session.ask({}, expired_statements(limits), deadline);
    if (!answers) return std::unexpected(to_error(answers.error()));
    return read_expired(*answers);
  });
}

void read_pool::list_trail(trail_query query, scope who, steady_time deadline,
                           domain::completion<std::vector<domain::trail_entry>> done) {
  enqueue(looks_, deadline, std::move(done),
          [query, who, deadline](read_session& session) -> result<std::vector<domain::trail_entry>> {
            auto found = ask_one(session, who, trail_statement(query), deadline);
            if (!found) return std::unexpected(std::move(found.error()));
            return read_trail(*found);
          });
}

void read_pool::list_records(domain::record_query query, scope who, steady_time deadline,
                             domain::completion<domain::page<std::string>> done) {
  using page = domain::page<std::string>;
  query.limit = std::clamp(query.limit, 1, domain::page_limit_max);
  enqueue(is_report(query.kind) ? reports_ : looks_, deadline, std::move(done),
          [this, query = std::move(query), who, deadline](read_session& session) -> result<page> {
            if (query.kind == domain::record_kind::escalations)
              return list_escalations(session, shelf_, query, who, deadline);
            auto list = fingerprint_of(query, who);
            auto after = start_of(query.cursor, list);
            if (!after) return std::unexpected(after.error());
            auto found = ask_one(session, who, record_statement(query, who, *after, query.limit + 1), deadline);
            if (!found) return std::unexpected(std::move(found.error()));
            page out;
            int shown = std::min(query.limit, found->size());
            for (int row = 0; row < shown; ++row) out.data.push_back(found->text(row, 1));
            if (found->size() > shown) out.next_cursor = to_cursor({false, 0, 0, found->uuid(shown - 1, 0)}, list);
            return out;
          });
}

void read_pool::find_idempotent(domain::organization_id organization, std::string caller_sub, std::string route,
                                std::string key, domain::instant now, steady_time deadline,
                                domain::completion<idempotency_record> done) {
  auto question = [=](read_session& session) -> result<idempotency_record> {
    std::string sql = std::string(select_idempotency) +
                      " WHERE organization_id = $1 AND caller_sub = $2 AND route = $3 AND key = $4 AND created_at > $5";
    auto params = parameters().uuid(organization.value).text(caller_sub).text(route).text(key).at(now - answers_kept);
    auto found =
        ask_one(session, scope{organization}, named("idempotency", std::move(sql), std::move(params)), deadline);
    if (!found) return std::unexpected(std::move(found.error()));
    if (found->size() == 0) return fail(domain::errc::not_found);
    auto record = read_idempotency(*found, 0);
    record.organization = organization;
    record.caller_sub = caller_sub;
    record.route = route;
    record.key = key;
    return record;
  };
  enqueue(writes_, deadline, std::move(done), std::move(question));
}

}  // namespace usher::store
