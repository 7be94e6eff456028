#include "loadtest/corpus_run.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "domain/json_writer.hpp"
#include "loadtest/preparation.hpp"
#include "loadtest/read_back.hpp"
#include "loadtest/storyteller.hpp"

namespace usher::load {

namespace {

using clock = std::chrono::steady_clock;

double seconds_since(clock::time_point start) { return std::chrono::duration<double>(clock::now() - start).count(); }

std::string creation_body(const sent_ticket& t) {
  std::string body;
  domain::json_writer w(body);
  w.begin_object();
  w.member("subject", t.source->subject);
  w.member("body", t.source->body);
  w.member("channel", "web");
  if (!t.wedding_at.empty()) {
    w.key("wedding");
    w.begin_object();
    w.member("at", t.wedding_at);
    w.end_object();
  }
  w.key("custom_fields");
  w.begin_object();
  w.member("corpus_id", t.source->id);
  w.end_object();
  w.end_object();
  return body;
}

}  // namespace

corpus_run::corpus_run(target where, corpus_options options, const token_maker& tokens,
                       std::vector<labelled_ticket> corpus)
    : where_(std::move(where)),
      options_(options),
      corpus_(std::move(corpus)),
      cast_(make_cast(tokens, options.seed, options.organizations)) {
  deal_tickets(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
}

void corpus_run::deal_tickets(std::chrono::sys_time<std::chrono::milliseconds> now) {
  tickets_.resize(corpus_.size());
  for (std::size_t i = 0; i < corpus_.size(); ++i) {
    auto& ticket = tickets_[i];
    const auto& line = corpus_[i];
    ticket.source = &line;
    auto candidates = cast_.of_tier(line.tier);
    if (candidates.empty()) throw std::runtime_error(line.id + ": there is no tier '" + line.tier + "'");
    auto lot = draw(options_.seed, "customer", i);
    ticket.organization = candidates[lot % candidates.size()];
    ticket.customer = lot / 64 % customers_per_organization;
    if (line.hours_to_wedding) {
      auto ahead = std::chrono::milliseconds{std::llround(*line.hours_to_wedding * 3'600'000.0)};
      ticket.wedding_at = domain::format_rfc3339(now + ahead);
    }
  }
}

void corpus_run::spread(std::size_t count, const task& what) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < std::min(options_.connections, count); ++t) {
      threads.emplace_back([&] {
        try {
          workplace at(where_, options_.limits, counts_);
          for (auto i = next++; i < count; i = next++) what(at, i);
        } catch (...) {
          next = count;
          std::scoped_lock guard(mutex);
          if (!failure) failure = std::current_exception();
        }
      });
    }
  }
  if (failure) std::rethrow_exception(failure);
}

void corpus_run::put_organizations() {
  workplace at(where_, options_.limits, counts_);
  for (const auto& o : cast_.organizations) {
    auto path = "/api/support/organizations/" + o.id;
    auto before = at.desk.get(path, cast_.admin.token);
    if (!before) throw std::runtime_error(before.error());
    if (before->status == 200)
      throw std::runtime_error("the desk knows the organizations of seed " + std::to_string(cast_.seed) +
                               " already; take another --seed");
    auto answer = at.desk.call({"PUT", path, cast_.admin.token, {}, organization_body(o.name, o.tier)});
    if (!answer) throw std::runtime_error(answer.error());
    if (!answer->ok())
      throw std::runtime_error("PUT " + path + ": " + std::to_string(answer->status) + " " +
                               at.reader.problem_code(answer->body));
  }
}

void corpus_run::create(workplace& at, sent_ticket& ticket) {
  const auto& by = customer_of(ticket);
  auto key = "corpus-" + std::to_string(options_.seed) + "-" + ticket.source->id;
  auto answer = at.desk.call({"POST", "/api/support/tickets", by.token, std::move(key), creation_body(ticket)});
  if (!answer) throw std::runtime_error(answer.error());
  const auto& id = ticket.source->id;
  if (!found_.check(answer->status == 201, id + ": create: status " + std::to_string(answer->status) + " " +
                                               at.reader.problem_code(answer->body)))
    return;
  auto seen = at.reader.ticket(answer->body);
  if (!found_.check(seen.has_value(), id + ": create: the answer is not a ticket")) return;
  ticket.id = seen->id;
  ticket.number = seen->number;
  ticket.status = seen->status;
  ticket.priority = seen->priority;
  ticket.version = seen->version;
  ticket.created_at = seen->created_at;
  compare_ticket(found_, cast_, ticket, *seen, "create");
}

void corpus_run::post() {
  auto start = clock::now();
  spread(tickets_.size(), [this](workplace& at, std::size_t i) { create(at, tickets_[i]); });
  storyteller teller(cast_, found_);
  spread(tickets_.size(), [&](workplace& at, std::size_t i) {
    auto& ticket = tickets_[i];
    if (!ticket.id.empty()) teller.tell(at, ticket, i);
  });
  summary_.post_seconds = seconds_since(start);
  summary_.tickets = std::count_if(tickets_.begin(), tickets_.end(), [](const auto& t) { return !t.id.empty(); });
  for (const auto& t : tickets_) summary_.messages += static_cast<long>(t.messages.size());
  summary_.changes = teller.changes();
}

void corpus_run::read_back() {
  auto start = clock::now();
  reading back(cast_, tickets_, found_);
  auto walks = back.walks();
  spread(walks.size(), [&](workplace& at, std::size_t i) { back.walk(at, walks[i]); });
  spread(tickets_.size(), [&](workplace& at, std::size_t i) { back.read_one(at, i); });
  summary_.lists = static_cast<long>(walks.size());
  summary_.read_seconds = seconds_since(start);
}

}  // namespace usher::load
