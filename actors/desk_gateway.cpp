#include "actors/desk_gateway.hpp"

#include <algorithm>

#include "actors/event_follower.hpp"
#include "actors/shard_actor.hpp"

namespace usher::actors {

namespace {

constexpr auto read_limit = std::chrono::seconds(8);
constexpr auto similar_limit = std::chrono::seconds(2);  // it is offered beside what was asked for

std::string claim_key(const idempotency& key) {
  std::string text = key.organization ? to_string(*key.organization) : std::string("-");
  for (const auto* part : {&key.caller_sub, &key.route, &key.key}) text += '\0' + *part;
  return text;
}

stored_answer to_answer(store::idempotency_record record) {
  return {record.status, std::move(record.body), record.ticket, record.version};
}

}  // namespace

desk_gateway::desk_gateway(desk_parts& desk, organization_directory& organizations, const shard_table& shards,
                           const monitor_board& board)
    : desk_(desk), organizations_(organizations), shards_(shards), board_(board), sweep_(desk.clock) {}

void desk_gateway::open(std::int64_t next_ticket_number) {
  next_number_ = next_ticket_number;
  recovered_ = true;
}

desk_health desk_gateway::health() const {
  return {recovered_, desk_.tickets_recovered, expected_, desk_.writer.reachable(), draining_};
}

std::optional<domain::error> desk_gateway::closed() const {
  if (draining_) return domain::error(domain::errc::shutting_down);
  if (!recovered_) return domain::error(domain::errc::unavailable, "the desk is still loading its tickets");
  return std::nullopt;
}

store::steady_time desk_gateway::read_deadline() const { return desk_.clock.steady_now() + read_limit; }

// -- submissions ------------------------------------------------------------------------------------------------------

void desk_gateway::submit(submission what, domain::completion<outcome> done) {
  if (auto why = closed()) return done(std::unexpected(std::move(*why)));
  if (!desk_.writer.reachable()) return done(domain::fail(domain::errc::unavailable));
  if (in_flight_.fetch_add(1) >= desk_.limits.in_flight_max) {
    in_flight_.fetch_sub(1);
    return done(domain::fail(domain::errc::overloaded));
  }
  seen(what.by);
  auto request = std::make_shared<ticket_request>();
  request->id = what.id.value_or(domain::ticket_id{});
  request->what = std::move(what);
  request->slot = std::make_shared<answer_slot>(std::move(done), in_flight_);
  sweep_.watch(request->what.deadline, request->slot);
  if (request->what.idempotency)
    check_key(request);
  else
    complete_creation(std::move(request));
}

void desk_gateway::check_key(const request_ptr& request) {
  auto seen = [this, request](domain::result<claimed_key> claimed) {
    if (!claimed) return request->answer(std::unexpected(std::move(claimed.error())));
    request->claim = std::move(claimed->claim);
    if (!claimed->replayed) return complete_creation(request);
    outcome replay;
    replay.replayed = std::move(claimed->replayed);
    request->answer(std::move(replay));
  };
  claim(*request->what.idempotency, request->what.deadline, domain::completion<claimed_key>(std::move(seen)));
}

void desk_gateway::claim(usher::idempotency key, std::chrono::steady_clock::time_point deadline,
                         domain::completion<claimed_key> done) {
  if (auto why = closed()) return done(std::unexpected(std::move(*why)));
  auto held = claims_.take(claim_key(key));
  if (!held) return done(domain::fail(domain::errc::idempotency_in_flight));
  auto organization = key.organization.value_or(domain::organization_id{});
  auto sub = key.caller_sub;
  auto route = key.route;
  auto word = key.key;
  auto found = [key = std::move(key), held = std::move(held),
                done = std::move(done)](domain::result<store::idempotency_record> record) mutable {
    claimed_key out{std::move(key), std::move(held), std::nullopt};
    bool fresh = !record && record.error().code == domain::errc::not_found;
    std::optional<domain::error> why;
    if (!record && !fresh) why = std::move(record.error());
    if (record && record->fingerprint != out.key.fingerprint) why.emplace(domain::errc::idempotency_key_reused);
    if (record && !why) out.replayed = to_answer(std::move(*record));
    if (why || out.replayed) out.claim.reset();  // before the answer: whoever has it may repeat the request at once
    if (why) return done(std::unexpected(std::move(*why)));
    done(std::move(out));
  };
  desk_.reader.find_idempotent(organization, std::move(sub), std::move(route), std::move(word), desk_.clock.now(),
                               deadline, domain::completion<store::idempotency_record>(std::move(found)));
}

void desk_gateway::keep(claimed_key key, stored_answer answer, domain::completion<std::monostate> done) {
  store::write write{store::answer_write{to_record(key.key, std::move(answer), desk_.clock.now())},
                     desk_.clock.steady_now() + read_limit,
                     {}};
  write.done = domain::completion<std::monostate>(
      [held = std::move(key.claim), done = std::move(done)](domain::result<std::monostate> result) mutable {
        held.reset();
        done(std::move(result));
      });
  desk_.writer.submit(std::move(write));
}

void desk_gateway::complete_creation(request_ptr request) {
  auto* create = std::get_if<domain::create_ticket>(&request->what.command);
  if (create == nullptr) return send_to_seen(std::move(request));
  const auto& by = request->what.by;
  auto owner = organizations_.find(create->organization);
  if (!by.sees(create->organization) || (!owner && by.is_staff()))
    return request->answer(domain::fail_field("/organization_id", "there is no such organization"));
  if (!owner) return make_organization(request, create->organization);
  create->tier = owner->tier;
  create->id = domain::ticket_id::generate();
  create->number = next_number_.fetch_add(1);
  request->id = create->id;
  desk_.send(std::move(request));
}

// How long it takes must not tell a caller of one organization another's ticket from none: a live one would be refused
// by its actor at once, one that is nobody's after a look into the database. So whatever is not seen to be its own is
// looked for among its own, and only what is there goes on.
void desk_gateway::send_to_seen(request_ptr request) {
  const auto& what = request->what;
  if (!what.by.organization) return desk_.send(std::move(request));
  std::vector<domain::ticket_id> unseen{request->id};
  if (const auto* merge = std::get_if<domain::merge_ticket>(&what.command)) unseen.push_back(merge->into);
  std::erase_if(unseen, [&](const auto& id) {
    const auto live = desk_.directory.find(id);
    return live && what.by.sees(live->organization);
  });
  if (unseen.empty()) return desk_.send(std::move(request));
  auto loaded = [this, unseen, request](domain::result<std::vector<domain::ticket_ptr>> found) mutable {
    if (!found) return request->answer(std::unexpected(std::move(found.error())));
    for (const auto& ticket : *found) std::erase(unseen, ticket->id);
    if (std::ranges::find(unseen, request->id) != unseen.end())
      return request->answer(domain::fail(domain::errc::not_found));
    // It is refused by the ticket, in its turn among other reasons.
    if (!unseen.empty()) std::get<domain::merge_ticket>(request->what.command).into = {};
    desk_.send(std::move(request));
  };
  desk_.reader.load_tickets(unseen, store::scope::of(what.by), what.deadline,
                            domain::completion<std::vector<domain::ticket_ptr>>(std::move(loaded)));
}

// A signed token is the platform's word that the organization exists: its first ticket must not be lost to a delay in
// telling the desk of it.
void desk_gateway::make_organization(const request_ptr& request, domain::organization_id id) {
  domain::organization made;
  made.id = id;
  made.created_at = made.updated_at = desk_.clock.now();
  store::write write{store::organization_write{made, 0, domain::caller::system()}, request->what.deadline, {}};
  write.done = domain::completion<std::monostate>([this, request, made](domain::result<std::monostate> stored) {
    // A version conflict: another request has just made it.
    if (!stored && stored.error().code != domain::errc::version_mismatch)
      return request->answer(std::unexpected(std::move(stored.error())));
    organizations_.learn(made);
    complete_creation(request);
  });
  desk_.writer.submit(std::move(write));
}

// -- questions --------------------------------------------------------------------------------------------------------

void desk_gateway::get(domain::ticket_id id, const domain::caller& by, domain::completion<domain::ticket_ptr> done) {
  if (auto why = closed()) return done(std::unexpected(std::move(*why)));
  seen(by);
  // Another's is looked for like nobody's, and takes as long.
  if (auto live = desk_.directory.find(id); live && !live->deleted_at && by.sees(live->organization))
    return done(std::move(live));
  auto loaded = [by, done = std::move(done)](domain::result<std::vector<domain::ticket_ptr>> found) mutable {
    if (!found) return done(std::unexpected(std::move(found.error())));
    if (found->empty() || found->front()->deleted_at || !by.sees(found->front()->organization))
      return done(domain::fail(domain::errc::not_found));
    done(std::move(found->front()));
  };
  desk_.reader.load_tickets({id}, store::scope::of(by), read_deadline(),
                            domain::completion<std::vector<domain::ticket_ptr>>(std::move(loaded)));
}

bool desk_gateway::is_emergency(domain::ticket_id id, const domain::caller& by) const {
  const auto live = desk_.directory.find(id);
  return live && !live->deleted_at && by.sees(live->organization) && live->urgency == domain::urgency::emergency;
}

void desk_gateway::find(std::int64_t number, const domain::caller& by, domain::completion<domain::ticket_id> done) {
  if (auto why = closed()) return done(std::unexpected(std::move(*why)));
  desk_.reader.find_ticket(number, store::scope::of(by), read_deadline(), std::move(done));
}

void desk_gateway::list(domain::ticket_query query, const domain::caller& by,
                        domain::completion<domain::page<domain::ticket_ptr>> done) {
  if (auto why = closed()) return done(std::unexpected(std::move(*why)));
  seen(by);
  auto who = store::scope::of(by);
  auto found = [this, who, done = std::move(done)](domain::result<store::ticket_id_page> page) mutable {
    if (!page) return done(std::unexpected(std::move(page.error())));
    fill(std::move(page->ids), std::move(page->next_cursor), who, std::move(done));
  };
  desk_.reader.list_tickets(std::move(query), who, read_deadline(),
                            domain::completion<store::ticket_id_page>(std::move(found)));
}

void desk_gateway::fill(std::vector<domain::ticket_id> ids, std::string next_cursor, store::scope who,
                        domain::completion<domain::page<domain::ticket_ptr>> done) {
  std::vector<domain::ticket_ptr> tickets(ids.size());
  std::vector<domain::ticket_id> missing;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    tickets[i] = desk_.directory.find(ids[i]);
    if (!tickets[i]) missing.push_back(ids[i]);
  }
  auto finish = [](std::vector<domain::ticket_ptr> all, std::string cursor) {
    std::erase_if(all, [](const auto& t) { return !t || t->deleted_at; });
    return domain::page<domain::ticket_ptr>{std::move(all), std::move(cursor)};
  };
  if (missing.empty()) return done(finish(std::move(tickets), std::move(next_cursor)));
  auto loaded = [ids = std::move(ids), tickets = std::move(tickets), cursor = std::move(next_cursor), finish,
                 done = std::move(done)](domain::result<std::vector<domain::ticket_ptr>> found) mutable {
    if (!found) return done(std::unexpected(std::move(found.error())));
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (tickets[i]) continue;
      for (const auto& ticket : *found) {
        if (ticket->id == ids[i]) tickets[i] = ticket;
      }
    }
    done(finish(std::move(tickets), std::move(cursor)));
  };
  desk_.reader.load_tickets(std::move(missing), who, read_deadline(),
                            domain::completion<std::vector<domain::ticket_ptr>>(std::move(loaded)));
}

void desk_gateway::clock_events(domain::ticket_id id, const domain::caller& by,
                                domain::completion<clock_history> done) {
  auto seen = [this, id, by, done = std::move(done)](domain::result<domain::ticket_ptr> ticket) mutable {
    if (!ticket) return done(std::unexpected(std::move(ticket.error())));
    auto read = [ticket = std::move(*ticket),
                 done = std::move(done)](domain::result<std::vector<domain::clock_changed>> events) mutable {
      if (!events) return done(std::unexpected(std::move(events.error())));
      done(clock_history{std::move(ticket), std::move(*events)});
    };
    desk_.reader.list_clock_events(id, store::scope::of(by), read_deadline(),
                                   domain::completion<std::vector<domain::clock_changed>>(std::move(read)));
  };
  get(id, by, domain::completion<domain::ticket_ptr>(std::move(seen)));
}

void desk_gateway::records(domain::record_query query, const domain::caller& by,
                           domain::completion<domain::page<std::string>> done) {
  if (auto why = closed()) return done(std::unexpected(std::move(*why)));
  seen(by);
  if (query.kind == domain::record_kind::analytics) query.filters.push_back({"live", desk_.analytics.live()});
  const auto limit = query.kind == domain::record_kind::similar ? similar_limit : read_limit;
  desk_.reader.list_records(std::move(query), store::scope::of(by), desk_.clock.steady_now() + limit, std::move(done));
}

void desk_gateway::acknowledge_alert(domain::alert_event what, const domain::caller& by,
                                     domain::completion<std::monostate> done) {
  what.type = domain::event_type::alert_acknowledged;
  what.at = desk_.clock.now();
  what.acknowledged_by = by.sub;
  store::alert_taken_write row{
      what.alert, what.organization,     by.sub, what.at, domain::notifications_of(what, *desk_.settings.get()),
      by.role,    domain::trail_of(what)};
  auto stored = [this, what = std::move(what), done = std::move(done)](domain::result<std::monostate> result) mutable {
    if (result) desk_.events.publish(what);
    done(std::move(result));
  };
  desk_.writer.submit({std::move(row), desk_.clock.steady_now() + std::chrono::seconds(8),
                       domain::completion<std::monostate>(std::move(stored))});
}

domain::result<std::shared_ptr<event_source>> desk_gateway::follow(event_filter filter, const domain::caller& by,
                                                                   std::string_view after) {
  if (auto why = closed()) return std::unexpected(std::move(*why));
  std::optional<event_position> place;
  if (!after.empty()) place = event_position::parse(after);
  if (!after.empty() && !place)
    return domain::fail(domain::errc::bad_cursor, "Last-Event-ID is no place in this stream");
  auto made = event_follower::make(desk_, by, std::move(filter), place);
  if (!made) return domain::fail(domain::errc::overloaded, "as many follow the events as can");
  return made;
}

void desk_gateway::messages(domain::ticket_id id, const domain::caller& by, int limit, std::string cursor,
                            domain::completion<domain::page<domain::message>> done) {
  auto seen = [this, id, by, limit, cursor = std::move(cursor),
               done = std::move(done)](domain::result<domain::ticket_ptr> ticket) mutable {
    if (!ticket) return done(std::unexpected(std::move(ticket.error())));
    desk_.reader.list_messages(id, store::scope::of(by), by.is_staff(), limit, std::move(cursor), read_deadline(),
                               std::move(done));
  };
  get(id, by, domain::completion<domain::ticket_ptr>(std::move(seen)));
}

// -- organizations ----------------------------------------------------------------------------------------------------

void desk_gateway::organization(domain::organization_id id, const domain::caller& by,
                                domain::completion<domain::organization> done) {
  if (auto why = closed()) return done(std::unexpected(std::move(*why)));
  auto known = organizations_.find(id);
  if (!known || !by.sees(id)) return done(domain::fail(domain::errc::not_found));
  done(std::move(*known));
}

void desk_gateway::organizations(const domain::caller& by, int limit, std::string cursor,
                                 domain::completion<domain::page<domain::organization>> done) {
  if (auto why = closed()) return done(std::unexpected(std::move(*why)));
  desk_.reader.list_organizations(store::scope::of(by), limit, std::move(cursor), read_deadline(), std::move(done));
}

void desk_gateway::put_organization(domain::organization what, const domain::caller& by,
                                    std::optional<std::int64_t> expected_version,
                                    domain::completion<domain::organization> done) {
  if (auto why = closed()) return done(std::unexpected(std::move(*why)));
  if (!by.sees(what.id)) return done(domain::fail(domain::errc::not_found));
  auto known = organizations_.find(what.id);
  std::int64_t stored = known ? known->version : 0;
  if (expected_version && *expected_version != stored) return done(domain::fail(domain::errc::version_mismatch));
  what.version = stored + 1;
  what.updated_at = desk_.clock.now();
  what.created_at = known ? known->created_at : what.updated_at;
  store::write write{store::organization_write{what, stored, by}, desk_.clock.steady_now() + read_limit, {}};
  write.done = domain::completion<std::monostate>(
      [this, what, expected_version, done = std::move(done)](domain::result<std::monostate> result) mutable {
        if (result) {
          organizations_.learn(what);
          return done(std::move(what));
        }
        bool raced = result.error().code == domain::errc::version_mismatch && !expected_version;
        if (raced)
          return done(domain::fail(domain::errc::conflict, "it was changed at the same moment; send it again"));
        done(std::unexpected(std::move(result.error())));
      });
  desk_.writer.submit(std::move(write));
}

}  // namespace usher::actors
