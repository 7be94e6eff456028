#include "tests/support/load.hpp"

#include <array>

#include "tests/support/poll.hpp"

namespace usher::test {

namespace {

const std::array organizations{org_a, org_b, std::string("0197a000-0000-7000-8000-00000000000c"),
                               std::string("0197a000-0000-7000-8000-00000000000d")};

constexpr std::size_t tickets_kept_busy = 12;

/// Whether a repetition may have another answer.
bool is_temporary(const http_response& answer) {
  return answer.status == 503 || answer.status == 429 ||
         (answer.status == 409 && answer.body.find("idempotency_in_flight") != std::string::npos);
}

}  // namespace

struct load::writer {
  int index;
  std::mt19937 random;
  person customer;
  person agent;
  std::string organization;
  int counter = 0;
  ledger mine;
  std::jthread thread;

  std::string name() { return "w" + std::to_string(index) + "-" + std::to_string(++counter); }
  /// One of the latest own tickets.
  ledger_ticket& any_ticket() {
    auto& all = mine.tickets;
    auto from = all.size() > tickets_kept_busy ? all.size() - tickets_kept_busy : 0;
    return all[std::uniform_int_distribution<std::size_t>{from, all.size() - 1}(random)];
  }
};

load::load(desk& on, int writers, unsigned seed) {
  for (int i = 0; i < writers; ++i) {
    const auto& organization = organizations[static_cast<std::size_t>(i) % organizations.size()];
    std::string name = "writer-" + std::to_string(i);
    writers_.push_back(std::unique_ptr<writer>(new writer{i,
                                                          std::mt19937(seed * 1000 + static_cast<unsigned>(i)),
                                                          on.as("requester", name, organization),
                                                          on.as("agent", "agent-" + std::to_string(i)),
                                                          organization,
                                                          0,
                                                          {},
                                                          {}}));
  }
  working_ = writers;
  for (auto& each : writers_) {
    each->thread = std::jthread([this, me = each.get()] {
      work(*me);
      --working_;
    });
  }
}

load::~load() {
  giving_up_ = true;
  ending_ = true;
}

ledger load::finish(std::chrono::milliseconds at_most) {
  ending_ = true;
  bool all_answered = wait_until([this] { return working_ == 0; }, at_most);
  giving_up_ = true;
  auto all = join();
  if (!all_answered) all.unexpected.emplace_back("the last requests were not answered in time");
  return all;
}

ledger load::give_up() {
  giving_up_ = true;
  ending_ = true;
  return join();
}

ledger load::join() {
  ledger all;
  for (auto& each : writers_) {
    if (each->thread.joinable()) each->thread.join();
    auto& mine = each->mine;
    all.tickets.insert(all.tickets.end(), mine.tickets.begin(), mine.tickets.end());
    all.given_up.insert(all.given_up.end(), mine.given_up.begin(), mine.given_up.end());
    all.unexpected.insert(all.unexpected.end(), mine.unexpected.begin(), mine.unexpected.end());
  }
  return all;
}

bool load::wait_for_progress(long further, std::chrono::milliseconds at_most) const {
  long wanted = acknowledged_ + further;
  return wait_until([&] { return acknowledged_ >= wanted; }, at_most);
}

void load::work(writer& me) {
  while (!ending_) {
    int drawn = std::uniform_int_distribution{0, 9}(me.random);
    try {
      if (me.mine.tickets.empty() || drawn < 4)
        create(me);
      else if (drawn < 7)
        add_message(me, drawn == 6);
      else
        update(me);
    } catch (const std::exception& e) {
      me.mine.unexpected.emplace_back(e.what());
      return;
    }
    if (me.mine.unexpected.size() > 10) return;
  }
}

void load::note_time(std::chrono::steady_clock::time_point since) {
  auto took = std::chrono::duration_cast<std::chrono::milliseconds>(steady::now() - since).count();
  long seen = longest_ms;
  while (took > seen && !longest_ms.compare_exchange_weak(seen, took)) {
  }
}

std::optional<json> load::insist(writer& me, person& by, std::string_view method, const std::string& target,
                                 const std::string& body, const std::string& key, int wanted) {
  header_list headers;
  if (!key.empty()) headers.emplace_back("Idempotency-Key", key);
  while (!giving_up_) {
    auto since = steady::now();
    auto answer = by.try_ask(method, target, body, headers);
    note_time(since);
    if (answer && answer->status == wanted) {
      ++acknowledged_;
      return json(answer->body);
    }
    if (!answer) {
      ++cut;
      if (answer.error() != "refused" && answer.error() != "cut")
        me.mine.unexpected.push_back(std::string(method) + " " + target + ": " + answer.error());
    } else if (!is_temporary(*answer)) {
      me.mine.unexpected.push_back(std::string(method) + " " + target + ": " + std::to_string(answer->status) + " " +
                                   answer->body);
      return std::nullopt;
    } else if (answer->status == 503) {
      ++refused;
      if (!answer->header("retry-after")) ++refused_without_retry_after;
    }
    std::this_thread::sleep_for(20ms);  // keeps a dead server from eating the machine
  }
  return std::nullopt;
}

void load::create(writer& me) {
  ledger_ticket made;
  made.subject = "load-" + me.name();
  made.organization = me.organization;
  std::string body = "{\"subject\":" + json_string(made.subject) + ",\"body\":\"from " + made.subject +
                     "\",\"priority\":\"medium\",\"custom_fields\":{\"step\":0}}";
  auto answer = insist(me, me.customer, "POST", std::string(tickets_path), body, made.subject, 201);
  if (!answer) {
    me.mine.given_up.push_back(made.subject);
    return;
  }
  made.id = answer->text("/id");
  for (const auto& clock : answer->items("/sla")) made.due_at[clock.text("/clock")] = clock.text("/due_at");
  me.mine.tickets.push_back(std::move(made));
}

void load::add_message(writer& me, bool by_staff) {
  auto& ticket = me.any_ticket();
  std::string text = "message-" + me.name();
  auto answer = insist(me, by_staff ? me.agent : me.customer, "POST", path_of(ticket.id, "/messages"),
                       R"({"visibility":"public","body":")" + text + "\"}", text, 201);
  if (answer)
    ticket.messages[answer->text("/id")] = text;
  else
    ticket.unsettled = true;
}

void load::update(writer& me) {
  auto& ticket = me.any_ticket();
  if (ticket.unsettled) return;
  std::string body = R"({"custom_fields":{"step":)" + std::to_string(ticket.steps + 1) + "}}";
  auto answer = insist(me, me.agent, "PATCH", path_of(ticket.id), body, "", 200);
  if (answer)
    ++ticket.steps;
  else
    ticket.unsettled = true;
}

}  // namespace usher::test
