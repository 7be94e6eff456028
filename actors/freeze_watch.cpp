#include "actors/freeze_watch.hpp"

namespace usher::actors {

namespace {

constexpr auto question_limit = std::chrono::seconds{5};

}  // namespace

void freeze_watch::look(domain::completion<domain::freeze_state> done) const {
  const auto now = clock_.now();
  if (!rules_.enabled) return done(domain::freeze_at(rules_, {}, now));
  domain::record_query query;
  query.kind = domain::record_kind::wedding_days;
  query.filters = {{"from", {domain::format_rfc3339(now - domain::freeze_looks_back)}},
                   {"to", {domain::format_rfc3339(now + domain::freeze_looks_ahead)}}};
  using page = domain::page<std::string>;
  auto told = [rules = rules_, now, done = std::move(done)](domain::result<page> days) mutable {
    if (!days) return done(std::unexpected(std::move(days.error())));
    done(domain::freeze_at(rules, domain::read_wedding_days(days->data.empty() ? "" : days->data.front()), now));
  };
  reader_.list_records(std::move(query), {}, clock_.steady_now() + question_limit,
                       domain::completion<page>(std::move(told)));
}

void freeze_watch::allow(const domain::caller& by, std::string broken_glass,
                         domain::completion<domain::freeze_state> done) const {
  look(domain::completion<domain::freeze_state>(
      [by, broken_glass = std::move(broken_glass), now = clock_.now(),
       done = std::move(done)](domain::result<domain::freeze_state> state) mutable {
        if (!state) return done(std::move(state));
        if (auto allowed = domain::allow_in_freeze(*state, by, broken_glass, now); !allowed)
          return done(std::unexpected(std::move(allowed.error())));
        done(std::move(state));
      }));
}

}  // namespace usher::actors
