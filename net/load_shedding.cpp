#include "net/load_shedding.hpp"

#include <random>

#include "domain/wedding_day.hpp"
#include "net/problem.hpp"
#include "net/ticket_json.hpp"

namespace usher::net {

namespace {

/// Of a creation that there is room for only if its wedding is today; a larger one is not read to find out.
constexpr std::size_t small_body_bytes_max = 32 * 1024;

/// Seconds; not the same for all, so that those who were refused together don't come back together.
int retry_after() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_int_distribution<int>(1, 3)(random);
}

response refuse(services& with, const request& in, importance what) {
  if (with.door.watcher != nullptr) with.door.watcher->refused(refused_for::overload, to_word(what));
  refusal why;
  why.status = 503;
  why.code = domain::to_word(domain::errc::overloaded);
  why.detail = "The desk has more to do than it can; nothing was done for this request.";
  why.headers = "Retry-After: " + std::to_string(retry_after()) + "\r\n";
  auto out = make_problem(why, in);
  out.shed = true;
  return out;
}

bool is_about_an_emergency(services& with, const request& in, const route_traits& traits) {
  if (!traits.names_ticket || !in.caller) return false;
  const auto id = domain::ticket_id::parse(in.path_parameters[0]);
  return id && with.desk().is_emergency(*id, *in.caller);
}

bool is_for_a_wedding_today(services& with, const request& in, const route_traits& traits) {
  if (!traits.creates_ticket || in.body.size() > small_body_bytes_max) return false;
  const auto body = with.json.read(in.body);
  if (!body) return false;
  const auto decoded = decode_create(**body);
  return decoded && decoded->command.wedding &&
         domain::urgency_at(decoded->command.wedding->at, with.now()) == domain::urgency::emergency;
}

}  // namespace

std::optional<response> refuse_before_body(services& with, const request& in, const route_traits& traits,
                                           std::size_t length) {
  auto* gate = with.door.gate;
  const auto now = overload_gate::time::clock::now();
  if (gate == nullptr || gate->has_room(traits.matters, traits.changes, now)) return std::nullopt;
  const bool may_be_urgent = is_about_an_emergency(with, in, traits) ||
                             (traits.creates_ticket && length > 0 && length <= small_body_bytes_max);
  if (may_be_urgent && gate->has_room(importance::urgent, traits.changes, now)) return std::nullopt;
  return refuse(with, in, traits.matters);
}

std::optional<response> take_place(services& with, const request& in, const route_traits& traits, desk_place& place) {
  auto* gate = with.door.gate;
  if (gate == nullptr) return std::nullopt;
  const auto now = overload_gate::time::clock::now();
  bool taken = gate->enter(traits.matters, traits.changes, now);
  // Looked at only now: it costs something, and mostly there is room.
  if (!taken && (is_about_an_emergency(with, in, traits) || is_for_a_wedding_today(with, in, traits)))
    taken = gate->enter(importance::urgent, traits.changes, now);
  if (!taken) return refuse(with, in, traits.matters);
  place = desk_place(*gate, traits.changes, now);
  return std::nullopt;
}

}  // namespace usher::net
