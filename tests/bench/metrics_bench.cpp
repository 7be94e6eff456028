// What the metrics of one new ticket cost: everything that is recorded between its request and its answer. Prints a
// figure a line: name, value, unit.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <thread>
#include <vector>

#include "domain/ticket_decide.hpp"
#include "metrics/desk_metrics.hpp"

namespace {

using namespace usher;
using clock = std::chrono::steady_clock;

constexpr int posts = 500'000;
constexpr int rounds = 5;

domain::change creation() {
  domain::desk_settings settings = domain::desk_settings::defaults();
  domain::create_ticket command;
  command.id = domain::ticket_id::generate();
  command.number = 1;
  command.organization = domain::organization_id::generate();
  command.tier = domain::tier::professional;
  command.subject = "The seating chart is gone";
  command.body = "It was there yesterday.";
  domain::caller by{"customer", domain::role::requester, command.organization};
  domain::decision_context context{by, domain::system_clock_port().now(), &settings, std::nullopt, nullptr};
  auto made = domain::perform(nullptr, command, context);
  if (!made) throw std::runtime_error("the ticket was refused");
  return std::move(*made);
}

/// One POST: the text was read, the batch was committed (of one write: the dearest case), the ticket counts, the answer
/// has left.
void record(metrics::desk_metrics& to, const domain::change& what) {
  to.text_classified("model", 0.00003);
  to.store_committed(0.002, 1);
  to.change_committed(what);
  to.actor_started(metrics::actor_kind::ticket);
  to.http_request_done(0, "POST", 201, 0.004);
}

/// The best of some rounds: nanoseconds of a thread for each POST.
double measure(std::size_t threads) {
  auto what = creation();
  double best = 1e9;
  for (int round = 0; round < rounds; ++round) {
    metrics::desk_metrics to("bench", "none");
    to.set_routes({"/api/support/tickets", "other"});
    auto start = clock::now();
    {
      std::vector<std::jthread> all;
      for (std::size_t i = 0; i < threads; ++i)
        all.emplace_back([&] {
          for (int n = 0; n < posts; ++n) record(to, what);
        });
    }
    best = std::min(best, std::chrono::duration<double, std::nano>(clock::now() - start).count() / posts);
  }
  return best;
}

}  // namespace

int main() {
  std::printf("metrics_post %.0f ns\n", measure(1));
  // All threads on the same counters at once: worse than a desk, whose threads do other things in between.
  std::printf("metrics_post_contended %.0f ns\n", measure(std::max(2U, std::thread::hardware_concurrency())));
}
