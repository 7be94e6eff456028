#include "loadtest/verification.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "loadtest/url.hpp"
#include "loadtest/workplace.hpp"
#include "store/connection.hpp"

namespace usher::load {

namespace {

constexpr std::size_t threads = 8;
/// So many that the desk's limit of requests a caller does not slow them down.
constexpr std::size_t auditors = 240;
constexpr std::size_t ids_at_once = 5000;
constexpr std::chrono::seconds statement_time_limit{60};
constexpr std::chrono::seconds give_up_after{30};

/// Looks for tickets and their messages on a handful of connections.
class audit {
 public:
  audit(verification& into, const crowd& people, const token_maker& tokens, const ticket_book& book)
      : into_(into), people_(people), tickets_(book.tickets()), messages_(book.messages()) {
    for (std::size_t i = 0; i < auditors; ++i)
      tokens_.push_back(tokens.make({"load-auditor-" + std::to_string(i + 1), "agent", {}}));
    std::sort(messages_.begin(), messages_.end(), [](const auto& a, const auto& b) { return a.ticket < b.ticket; });
  }

  void run(const target& where) {
    std::vector<std::jthread> all;
    for (std::size_t t = 0; t < std::min(threads, tickets_.size()); ++t) {
      all.emplace_back([&] {
        try {
          workplace at(where, {.total_max = give_up_after}, counts_);
          for (auto i = next_++; i < tickets_.size(); i = next_++) look(at, i);
        } catch (...) {
          next_ = tickets_.size();
          std::scoped_lock guard(mutex_);
          if (!failure_) failure_ = std::current_exception();
        }
      });
    }
    all.clear();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  http_response get(workplace& at, const std::string& path, std::size_t index) {
    auto answer = at.desk.get(path, tokens_[index % auditors]);
    if (!answer) throw std::runtime_error("what was acknowledged can't be looked for: " + answer.error());
    return std::move(*answer);
  }

  void look(workplace& at, std::size_t index) {
    const auto& sent = tickets_[index];
    auto path = "/api/support/tickets/" + domain::to_string(sent.id);
    auto answer = get(at, path, index);
    auto seen = answer.status == 200 ? at.reader.ticket(answer.body) : std::nullopt;
    const auto& owner = people_.organizations[people_.customers[sent.customer].organization].id;
    if (!seen || seen->id != domain::to_string(sent.id) || seen->organization != owner)
      note(into_.tickets_lost_in_api, "ticket " + domain::to_string(sent.id) + ": status " +
                                          std::to_string(answer.status) + (seen ? ", another one" : ""));
    look_for_messages(at, index, path);
  }

  void look_for_messages(workplace& at, std::size_t index, const std::string& path) {
    auto [from, to] = std::equal_range(messages_.begin(), messages_.end(), known_message{{}, std::uint32_t(index)},
                                       [](const auto& a, const auto& b) { return a.ticket < b.ticket; });
    if (from == to) return;
    std::set<std::string> seen;
    std::string cursor;
    do {
      auto answer = get(at, path + "/messages?limit=100" + (cursor.empty() ? "" : "&cursor=" + escaped(cursor)), index);
      auto page = answer.status == 200 ? at.reader.messages(answer.body) : std::nullopt;
      if (!page) break;
      for (auto& m : page->data) seen.insert(std::move(m.id));
      cursor = page->next_cursor;
    } while (!cursor.empty());
    for (; from != to; ++from) {
      auto id = domain::to_string(from->id);
      if (!seen.contains(id)) note(into_.messages_lost_in_api, "message " + id + " of " + path);
    }
  }

  void note(std::uint64_t& counter, const std::string& what) {
    std::scoped_lock guard(mutex_);
    ++counter;
    if (into_.first_lost.size() < verification::shown_max) into_.first_lost.push_back("API: " + what);
  }

  verification& into_;
  const crowd& people_;
  std::vector<known_ticket> tickets_;
  std::vector<known_message> messages_;
  std::vector<std::string> tokens_;
  api_counts counts_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  std::exception_ptr failure_;
};

/// Counts the ids that a table does not have.
std::uint64_t missing(store::connection& database, const std::string& table, const std::vector<domain::uuid>& ids,
                      std::vector<std::string>& shown) {
  const auto sql =
      "select a.id from unnest($1::uuid[]) a(id) left join " + table + " t on t.id = a.id where t.id is null";
  std::uint64_t lost = 0;
  for (std::size_t from = 0; from < ids.size(); from += ids_at_once) {
    std::span<const domain::uuid> part(ids.data() + from, std::min(ids_at_once, ids.size() - from));
    auto found =
        database.query(sql, store::parameters().uuids(part), std::chrono::steady_clock::now() + statement_time_limit);
    if (!found) throw std::runtime_error("the database can't be asked: " + found.error().message);
    for (int row = 0; row < static_cast<int>(found->size()); ++row) {
      ++lost;
      if (shown.size() < verification::shown_max)
        shown.push_back("database: " + table + " " + domain::to_string(found->uuid(row, 0)));
    }
  }
  return lost;
}

template <class Entry>
std::vector<domain::uuid> ids_of(const std::vector<Entry>& entries) {
  std::vector<domain::uuid> out;
  out.reserve(entries.size());
  for (const auto& e : entries) out.push_back(e.id);
  return out;
}

}  // namespace

void look_in_api(verification& into, const target& where, const crowd& people, const token_maker& tokens,
                 const ticket_book& book) {
  auto start = std::chrono::steady_clock::now();
  audit(into, people, tokens, book).run(where);
  into.in_api = true;
  into.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void look_in_database(verification& into, const std::string& conninfo, const ticket_book& book) {
  auto start = std::chrono::steady_clock::now();
  auto opened = store::connection::open({conninfo, {}}, start + statement_time_limit);
  if (!opened) throw std::runtime_error("the database can't be reached: " + opened.error().message);
  into.tickets_lost_in_database = missing(*opened, "usher.support_tickets", ids_of(book.tickets()), into.first_lost);
  into.messages_lost_in_database = missing(*opened, "usher.ticket_messages", ids_of(book.messages()), into.first_lost);
  into.in_database = true;
  into.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace usher::load
