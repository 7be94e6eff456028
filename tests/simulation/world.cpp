#include "world.hpp"

namespace usher::simulation {

namespace {

using namespace std::chrono_literals;

const domain::instant beginning = std::chrono::sys_days{std::chrono::year{2026} / 6 / 1} + 8h;

domain::desk_settings staffed() {
  auto out = domain::desk_settings::defaults();
  auto add = [&out](std::string id, domain::role role, bool specialist) {
    domain::agent a;
    a.id = a.name = id;
    a.role = role;
    a.wedding_specialist = specialist;
    a.presence = domain::presence::online;
    out.agents[id] = std::move(a);
  };
  add("sam", domain::role::agent, false);
  add("spica", domain::role::agent, true);
  add("sue", domain::role::supervisor, false);
  add("max", domain::role::manager, false);  // no executive: level 4 reaches nobody
  return out;
}

const domain::caller agent{"sam", domain::role::agent, std::nullopt};
const domain::caller manager{"max", domain::role::manager, std::nullopt};

}  // namespace

world::world(std::uint64_t seed) : random_(seed), clock_(beginning) {
  domain::repeat_ids(seed);
  store_.people_settings = staffed();
  for (int i = 0; i < 2; ++i) organizations_.push_back(domain::organization_id::generate());
  start();
  store_.set_faults(true);
}

world::~world() { die(); }

void world::start() {
  metrics_ = std::make_unique<metrics::desk_metrics>("simulation", "none");
  actors::desk_options options;
  options.limits.shards = 4;
  options.limits.restarts_max = 1000;  // answers are lost more often here than anywhere
  options.worker_threads = 1;
  options.recovery_threads = 1;
  options.own_threads = false;
  options.single_threaded = true;
  desk_ = std::make_unique<actors::desk>(clock_, store_, store_, *metrics_, std::move(options));
  desk_->recover(store_);
}

void world::die() {
  store_.die();
  desk_.reset();
  metrics_.reset();
}

void world::run() {
  desk_->run_actors([this](std::size_t waiting) { return pick(waiting - 1); });
}

void world::pass(domain::milliseconds time) {
  clock_.step(time);
  desk_->advance_timers();
  run();
  desk_->sweep_deadlines();
}

domain::milliseconds world::some_time() {
  switch (pick(3)) {
    case 0:
      return domain::milliseconds(pick(1000));
    case 1:
      return domain::milliseconds(pick(10 * 60 * 1000));
    case 2:
      return domain::milliseconds(pick(3 * 3600 * 1000));
    default:
      return domain::milliseconds(pick(20 * 3600 * 1000));
  }
}

void world::ask(std::optional<domain::ticket_id> id, domain::ticket_command command, const domain::caller& by) {
  auto done = [this](domain::result<outcome> answer) {
    if (!answer || !answer->what.after) return;
    const auto& t = answer->what.after;
    if (answer->what.is_creation()) tickets_.push_back(t->id);
    answers_.push_back({t->id, t->version, t});
  };
  desk_->door().submit({id, std::move(command), by, std::nullopt, std::nullopt, clock_.steady_now() + 10min},
                       domain::completion<outcome>(std::move(done)));
}

void world::create() {
  domain::create_ticket command;
  command.organization = organizations_[pick(organizations_.size() - 1)];
  command.subject = "The seating chart";
  command.body = "is gone";
  command.priority = static_cast<domain::priority>(pick(3));
  if (pick(3) == 0) command.wedding = domain::wedding{now() + domain::milliseconds(pick(5 * 24 * 3600 * 1000)), "", ""};
  auto owner = command.organization;
  ask(std::nullopt, std::move(command), {"rosa", domain::role::requester, owner});
}

void world::act(const domain::ticket_id& id) {
  domain::caller customer{"rosa", domain::role::requester, std::nullopt};
  if (auto t = store_.stored(id)) customer.organization = t->organization;
  domain::update_ticket update;
  domain::add_message message;
  message.id = domain::message_id::generate();
  message.body = "Hello?";
  switch (pick(12)) {
    case 0:
    case 1:
      update.status = static_cast<domain::ticket_status>(pick(domain::ticket_status_count - 1));
      return ask(id, update, agent);
    case 2:
      update.priority = static_cast<domain::priority>(pick(3));
      return ask(id, update, agent);
    case 3:
      update.wedding = pick(2) == 0 ? std::optional<domain::wedding>()
                                    : domain::wedding{now() + domain::milliseconds(pick(4 * 24 * 3600 * 1000)), "", ""};
      return ask(id, update, agent);
    case 4:
    case 5:
      return ask(id, message, customer);
    case 6:
    case 7:
      message.visible = domain::visibility::public_;
      return ask(id, message, agent);
    case 8:
      return ask(id, domain::assign_ticket{pick(1) == 0 ? "sam" : ""}, agent);
    case 9:
      return ask(id, domain::escalate_ticket{std::nullopt, "They called."}, agent);
    case 10:
      return ask(id, domain::acknowledge_escalation{}, agent);
    case 11:
      if (pick(3) == 0) return ask(id, domain::delete_ticket{}, manager);
      return ask(id, domain::restore_ticket{}, manager);
    default:
      return ask(id, domain::merge_ticket{tickets_[pick(tickets_.size() - 1)]}, agent);
  }
}

void world::step() {
  auto what = pick(99);
  if (tickets_.size() < 3 || (what < 8 && tickets_.size() < 10)) {
    last_ = "create";
    create();
  } else if (what < 50) {
    last_ = "act";
    for (auto many = 1 + pick(2); many > 0; --many) act(tickets_[pick(tickets_.size() - 1)]);
  } else if (what < 90) {
    last_ = "pass";
    pass(some_time());
  } else if (what < 97) {
    last_ = "hurry";
    store_.hurry();
  } else {
    last_ = "die";
    ++deaths_;
    die();
    clock_.step(some_time());
    store_.revive();
    store_.set_faults(false);
    start();
    store_.set_faults(true);
  }
  run();
}

void world::calm() {
  store_.set_faults(false);
  for (int i = 0; i < 8; ++i) {
    store_.release_all();
    run();
    pass(actors::desk_limits{}.retry_delay + 1ms);
  }
  desk_->advance_timers();
  run();
  store_.set_faults(true);
}

}  // namespace usher::simulation
