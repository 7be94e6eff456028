#include "app/personal_data.hpp"

#include "domain/erasure.hpp"

namespace usher::app {

namespace {

using namespace std::chrono_literals;

constexpr auto answer_max = 10s;

std::optional<store::known_agent> find_agent(const gateway& desk, const domain::personal_subject& who) {
  const bool by_email = who.kind == domain::subject_kind::email;
  const auto now = desk.settings();
  for (const auto& [id, agent] : now->agents)
    if (domain::same_person(by_email ? agent.email : id, who.text))
      return store::known_agent{id, agent.presence == domain::presence::offline, desk.load_of(id)};
  return std::nullopt;
}

}  // namespace

store::privacy_settings personal_data(store::connect_target eraser, std::string key, gateway& desk,
                                      const domain::clock_port& clock) {
  store::privacy_settings out;
  out.eraser = std::move(eraser);
  out.key = std::move(key);
  out.change_ticket = [&desk, &clock](domain::ticket_id id, domain::ticket_command what, domain::caller by,
                                      domain::completion<std::monostate> done) {
    submission change{id, std::move(what), std::move(by), {}, {}, clock.steady_now() + answer_max};
    desk.submit(std::move(change),
                domain::completion<outcome>([done = std::move(done)](domain::result<outcome> result) mutable {
                  if (!result) return done(std::unexpected(std::move(result.error())));
                  done(std::monostate{});
                }));
  };
  out.find_agent = [&desk](const domain::personal_subject& who) { return find_agent(desk, who); };
  out.erase_agent = [&desk](std::string id, domain::uuid erasure, domain::completion<std::monostate> done) {
    settings_request change;
    change.edit = [id = std::move(id), erasure](const domain::desk_settings& now) {
      return domain::erase_agent(now, id, erasure);
    };
    change.by = domain::caller::system();
    change.done = domain::completion<domain::settings_ptr>(
        [done = std::move(done)](domain::result<domain::settings_ptr> result) mutable {
          if (!result) return done(std::unexpected(std::move(result.error())));
          done(std::monostate{});
        });
    desk.change_settings(std::move(change));
  };
  return out;
}

}  // namespace usher::app
