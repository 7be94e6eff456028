#include "loadtest/lane.hpp"

#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <utility>

#include "loadtest/answers.hpp"
#include "loadtest/arrival_plan.hpp"
#include "loadtest/connection_pool.hpp"

namespace usher::load {

namespace asio = boost::asio;
using error_code = boost::system::error_code;

namespace {

constexpr asio::use_awaitable_t<lane_executor> awaiting{};
using lane_timer = asio::basic_waitable_timer<steady, asio::wait_traits<steady>, lane_executor>;
/// So many arrivals that are due are begun before answers get their turn.
constexpr int begun_at_once_max = 64;
constexpr std::chrono::milliseconds look_every{20};

steady::duration rounded(nanoseconds d) { return std::chrono::duration_cast<steady::duration>(d); }

outcome outcome_of(const wire_answer& answer, const journey_step& step) {
  if (answer.failure == wire_failure::timed_out) return outcome::timed_out;
  if (answer.failure == wire_failure::cut) return outcome::cut;
  if (std::find(step.expect.begin(), step.expect.end(), answer.status) != step.expect.end()) return outcome::planned;
  if (answer.status == 429 || answer.status == 503) return outcome::refused;
  bool asks_for_many = step.kind == action::list || step.kind == action::search;
  bool absent = answer.status == 404 || answer.status == 405 || (answer.status == 400 && asks_for_many);
  if (step.optional && absent) return outcome::absent;
  return outcome::unplanned;
}

}  // namespace

// Coroutines that wait when the run ends are destroyed with the io_context, after the members below it: what a journey
// does on its way out must not need them, so counts are kept by plain statements.
struct lane::inside {
  inside(const lane_props& s, std::size_t i, std::size_t n)
      : shared(s),
        index(i),
        lanes(n),
        what(s.props.what),
        pool(io, {{asio::ip::make_address(s.address), s.port},
                  s.host,
                  std::max<std::size_t>(1, what.limits.connections / n),
                  what.limits.timeout}),
        in_flight_max(std::max<std::size_t>(1, what.limits.in_flight / n)) {}

  task<void> schedule();
  task<void> watch_the_end();
  task<void> play(arrival from, steady::time_point planned);
  [[nodiscard]] bool take_person(traveller& who, std::optional<std::uint64_t> turn);
  task<bool> take_step(const journey_step& step, traveller& who, steady::time_point planned);
  task<wire_answer> send(const journey_step& step, wire_request request);
  [[nodiscard]] bool keep(const journey_step& step, traveller& who, const wire_answer& answer);
  [[nodiscard]] std::size_t stage_of(steady::time_point planned) const;
  template <class Coroutine>
  void spawn(Coroutine what_to_do) {
    asio::co_spawn(io.get_executor(), std::move(what_to_do), [this](std::exception_ptr thrown) {
      if (thrown && !failure) failure = thrown;
      if (thrown) io.stop();
    });
  }

  const lane_props& shared;
  const std::size_t index;
  const std::size_t lanes;
  const scenario& what;
  asio::io_context io{1};
  connection_pool pool;
  answer_reader reader;
  const std::size_t in_flight_max;
  steady::time_point begin;
  steady::time_point end;
  std::exception_ptr failure;
  std::uint64_t journeys_begun = 0;
  bool all_planned = false;
  std::atomic<bool> stopping{false};
  std::atomic<std::size_t> journeys{0};
  std::atomic<std::size_t> requests{0};
  std::atomic<std::size_t> open{0};
  std::atomic<std::uint64_t> planned_count{0};
  std::uint64_t events_seen = 0;
  std::atomic<std::uint64_t> events{0};
  std::atomic<clockid_t> cpu_clock{0};
  std::atomic<bool> has_clock{false};
};

std::size_t lane::inside::stage_of(steady::time_point planned) const {
  auto at = planned - begin;
  std::size_t i = 0;
  for (nanoseconds ends{0}; i + 1 < what.stages.size(); ++i) {
    ends += what.stages[i].duration;
    if (at < ends) break;
  }
  return i;
}

task<void> lane::inside::schedule() {
  arrival_plan plan(what, shared.seed);
  lane_timer timer(io.get_executor());
  error_code ignored;
  std::uint64_t number = 0;
  int in_a_row = 0;
  while (auto next = plan.next()) {
    if (number++ % lanes != index) continue;
    auto due = begin + rounded(next->at);
    if (due > steady::now()) {
      timer.expires_at(due);
      co_await timer.async_wait(asio::redirect_error(awaiting, ignored));
      in_a_row = 0;
    } else if (++in_a_row == begun_at_once_max) {
      co_await asio::post(io.get_executor(), awaiting);
      in_a_row = 0;
    }
    if (stopping) break;
    planned_count.fetch_add(1, std::memory_order_relaxed);
    if (journeys >= in_flight_max) {
      shared.figures.dropped();
      continue;
    }
    ++journeys;
    spawn(play(*next, due));
  }
  all_planned = true;
}

// Ends the lane when nothing is under way any more. Journeys whose next step lies after the end are left where they
// are.
task<void> lane::inside::watch_the_end() {
  lane_timer timer(io.get_executor());
  error_code ignored;
  std::optional<steady::time_point> give_up;
  for (;;) {
    timer.expires_after(look_every);
    co_await timer.async_wait(asio::redirect_error(awaiting, ignored));
    auto now = steady::now();
    open = pool.open();
    events.store(events_seen, std::memory_order_relaxed);
    if (!stopping && (!all_planned || now < end)) continue;
    stopping = true;
    if (!give_up) give_up = now + rounded(what.limits.drain);
    if (requests == 0 || now >= *give_up) break;
  }
  io.stop();
}

// A burst goes through the people one by one: so many different ones. A journey that needs a ticket from the start
// takes a recent one; a customer's, with its customer.
bool lane::inside::take_person(traveller& who, std::optional<std::uint64_t> turn) {
  const auto& people = shared.props.people.of(who.plan->who);
  if (!people.empty()) {
    auto at = turn ? *turn % people.size() : who.luck.index(people.size());
    who.customer = static_cast<std::uint32_t>(at);
    who.person = &people[who.customer];
  }
  bool needs = false;
  for (const auto& step : who.plan->steps) {
    if (step.kind == action::create) break;
    needs = needs || rule_of(step.kind).needs_ticket;
  }
  if (!needs) return true;
  auto found = shared.book.draw(who.luck);
  if (!found) return false;
  who.ticket = found->first;
  who.ticket_id = found->second.id;
  if (who.plan->who != role::customer) return true;
  who.customer = found->second.customer;
  who.person = &people[who.customer];
  return true;
}

task<void> lane::inside::play(arrival from, steady::time_point planned) {
  traveller who;
  who.plan = &what.journeys[from.journey];
  who.luck = lots(from.lot);
  who.number = journeys_begun++ * lanes + index;
  if (!take_person(who, from.turn)) {
    shared.figures.skipped();
    --journeys;
    co_return;
  }
  shared.figures.began(steady::now() - planned);
  bool first = true;
  for (const auto& step : who.plan->steps) {
    if (step.chance < 1 && who.luck.share() >= step.chance) continue;
    if (rule_of(step.kind).needs_ticket && !who.ticket) break;
    if (!first) {
      planned = steady::now() + rounded(who.luck.between(step.think.least, step.think.most));
      if (stopping || planned >= end) break;
      if (step.think.most > nanoseconds{0}) {
        lane_timer timer(io.get_executor());
        error_code ignored;
        timer.expires_at(planned);
        co_await timer.async_wait(asio::redirect_error(awaiting, ignored));
        if (stopping) break;
        shared.figures.woke(steady::now() - planned);
      }
    }
    first = false;
    if (!co_await take_step(step, who, planned)) break;
  }
  --journeys;
}

task<wire_answer> lane::inside::send(const journey_step& step, wire_request request) {
  if (step.kind != action::events) co_return co_await pool.exchange(std::move(request));
  auto rest = std::max<nanoseconds>(end - steady::now(), nanoseconds{0});
  co_return co_await pool.listen(std::move(request), std::min(step.hold, rest), events_seen);
}

// False: the journey can't go on.
task<bool> lane::inside::take_step(const journey_step& step, traveller& who, steady::time_point planned) {
  auto request = make_request(shared.props, step, who);
  bool write = request.method != "GET" && request.method != "HEAD";
  // Nobody waits for a listener at the end.
  bool awaited = step.kind != action::events;
  if (awaited) ++requests;
  auto answer = co_await send(step, std::move(request));
  if (awaited) --requests;
  sample s;
  s.name = step.name;
  s.stage = stage_of(planned);
  s.who = who.plan->who;
  s.how = outcome_of(answer, step);
  s.write = write;
  s.status = answer.status;
  s.corrected = answer.done - planned;
  s.service = answer.done - answer.sent;
  if (s.how == outcome::planned && !keep(step, who, answer)) s.how = outcome::unplanned;
  shared.figures.add(s);
  co_return s.how == outcome::planned || s.how == outcome::absent;
}

// Enters what was acknowledged into the book; false: it has no id, so nobody could ever look for it. A planned refusal
// (409: somebody closed the ticket meanwhile) acknowledges nothing.
bool lane::inside::keep(const journey_step& step, traveller& who, const wire_answer& answer) {
  bool message = step.kind == action::message || step.kind == action::reply || step.kind == action::note;
  if (step.kind != action::create && !message) return true;
  if (answer.status < 200 || answer.status > 299) return true;
  auto text = reader.id(answer.body);
  auto id = text ? domain::parse_uuid(*text) : std::nullopt;
  if (!id) return false;
  if (message) {
    if (who.ticket) shared.book.add(known_message{*id, *who.ticket});
    return true;
  }
  who.ticket = shared.book.add(known_ticket{*id, who.customer});
  who.ticket_id = *id;
  return true;
}

lane::lane(const lane_props& shared, std::size_t index, std::size_t count)
    : inside_(std::make_unique<inside>(shared, index, count)) {}

lane::~lane() = default;

void lane::run(steady::time_point begin) {
  auto& in = *inside_;
  clockid_t clock = 0;
  if (pthread_getcpuclockid(pthread_self(), &clock) == 0) {
    in.cpu_clock = clock;
    in.has_clock = true;
  }
  in.begin = begin;
  in.end = begin + rounded(in.what.duration());
  in.spawn(in.schedule());
  in.spawn(in.watch_the_end());
  in.io.run();
  in.has_clock = false;
  if (in.failure) std::rethrow_exception(in.failure);
}

void lane::stop() noexcept { inside_->stopping = true; }

std::size_t lane::journeys_under_way() const noexcept { return inside_->journeys; }
std::size_t lane::requests_under_way() const noexcept { return inside_->requests; }
std::size_t lane::connections() const noexcept { return inside_->open; }
std::uint64_t lane::events() const noexcept { return inside_->events; }
std::uint64_t lane::planned() const noexcept { return inside_->planned_count; }

nanoseconds lane::cpu() const noexcept {
  timespec t{};
  if (!inside_->has_clock || clock_gettime(inside_->cpu_clock, &t) != 0) return nanoseconds{0};
  return std::chrono::seconds{t.tv_sec} + nanoseconds{t.tv_nsec};
}

}  // namespace usher::load
