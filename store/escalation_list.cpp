#include "store/escalation_list.hpp"

#include <algorithm>
#include <limits>

#include "store/record_queries.hpp"
#include "store/ticket_rows.hpp"

namespace usher::store {

namespace {

using domain::result;

constexpr int tickets_a_batch = 100;
/// Batches that one page looks through at most.
constexpr int batches_max = 10;

constexpr std::string_view candidates_sql =
    "SELECT t.id, (extract(epoch FROM t.timer_at) * 1000)::int8 FROM usher.support_tickets t "
    "WHERE t.timer_at IS NOT NULL AND ($3::uuid = '00000000-0000-0000-0000-000000000000' OR t.id = $3) "
    "AND (t.timer_at, t.id) >= ($1, $2) ORDER BY t.timer_at, t.id LIMIT $4";

const domain::record_filter* filter_of(const domain::record_query& query, std::string_view name) {
  auto found = std::ranges::find(query.filters, name, &domain::record_filter::name);
  return found == query.filters.end() ? nullptr : &*found;
}

bool lets_through(const domain::record_filter* filter, const std::string& word) {
  return filter == nullptr || std::ranges::find(filter->any_of, word) != filter->any_of.end();
}

/// An armed level, and the place after it.
struct armed_item {
  std::string json;
  place after;
};

class armed_list {
 public:
  armed_list(read_session& session, policy_shelf& shelf, const domain::record_query& query, const scope& who,
             steady_time deadline)
      : session_(session), shelf_(shelf), query_(query), who_(who), deadline_(deadline) {}

  /// Up to `wanted` levels after `from`.
  result<std::vector<armed_item>> take(place from, std::size_t wanted) {
    std::vector<armed_item> out;
    reached_ = from;
    for (int batch = 0; batch < batches_max && !at_end_ && out.size() < wanted; ++batch) {
      if (auto read = read_batch(reached_, wanted, out); !read) return std::unexpected(std::move(read.error()));
    }
    return out;
  }
  [[nodiscard]] bool at_end() const noexcept { return at_end_; }
  /// The place after all that was looked at.
  [[nodiscard]] const place& reached() const noexcept { return reached_; }

 private:
  /// Past all levels of a ticket.
  static constexpr std::int64_t whole = std::numeric_limits<std::int32_t>::max();

  result<void> read_batch(place from, std::size_t wanted, std::vector<armed_item>& out) {
    parameters params;
    params.at(domain::instant{domain::milliseconds{from.key}}).uuid(from.id);
    params.uuid(query_.parent.value_or(domain::uuid{})).int8(tickets_a_batch);
    auto found = session_.ask(who_, {{{}, std::string(candidates_sql), std::move(params)}}, deadline_);
    if (!found) return std::unexpected(to_error(found.error()));
    const auto& candidates = found->front();
    at_end_ = candidates.size() < tickets_a_batch;
    std::vector<domain::uuid> ids;
    for (int row = 0; row < candidates.size(); ++row) ids.push_back(candidates.uuid(row, 0));
    if (ids.empty()) return {};
    auto all = select_ticket_parts(ids);
    all.push_back({"tickets", select_tickets() + " WHERE t.id = ANY ($1) ORDER BY t.id", parameters().uuids(ids)});
    auto answers = session_.ask(who_, std::move(all), deadline_);
    if (!answers) return std::unexpected(to_error(answers.error()));
    auto tickets = read_tickets(answers->back(), *answers, shelf_);
    for (int row = 0; row < candidates.size(); ++row) {
      auto t = std::ranges::find_if(tickets, [&](const auto& each) { return each->id.value == ids[std::size_t(row)]; });
      place here{true, candidates.int8(row, 1), 0, ids[std::size_t(row)]};
      if (from.id == here.id && from.key == here.key) here.second = from.second;
      if (t != tickets.end()) append(**t, here, out);
      here.second = whole;
      reached_ = here;
      if (out.size() >= wanted) return {};
    }
    return {};
  }

  /// The levels of one ticket after the first `from.second`.
  void append(const domain::ticket& t, place from, std::vector<armed_item>& out) {
    const auto* level = filter_of(query_, "level");
    std::int64_t index = 0;
    for (const auto& e : domain::armed_levels(t)) {
      if (++index <= from.second || !lets_through(level, std::to_string(e.level))) continue;
      place after = from;
      after.second = index;
      out.push_back({domain::to_json(t.id, e), after});
    }
  }

  read_session& session_;
  policy_shelf& shelf_;
  const domain::record_query& query_;
  scope who_;
  steady_time deadline_;
  bool at_end_ = false;
  place reached_;
};

/// The stored ones after `from`, at most one more than the page holds.
result<rows> stored_after(read_session& session, const domain::record_query& query, const scope& who,
                          const domain::uuid& from, steady_time deadline) {
  auto answers = session.ask(who, {record_statement(query, who, from, query.limit + 1)}, deadline);
  if (!answers) return std::unexpected(to_error(answers.error()));
  return std::move(answers->front());
}

}  // namespace

result<domain::page<std::string>> list_escalations(read_session& session, policy_shelf& shelf,
                                                   const domain::record_query& query, const scope& who,
                                                   steady_time deadline) {
  auto list = fingerprint_of(query, who);
  place from;
  if (!query.cursor.empty()) {
    auto parsed = parse_cursor(query.cursor, list);
    if (!parsed) return domain::fail(domain::errc::bad_cursor);
    from = *parsed;
  }
  const auto* states = filter_of(query, "state");
  bool with_armed = lets_through(states, "armed");
  bool only_armed = with_armed && states != nullptr && states->any_of.size() == 1;
  auto limit = static_cast<std::size_t>(query.limit);
  domain::page<std::string> out;
  place last = from;
  if (!from.in_nulls && !only_armed) {
    auto stored = stored_after(session, query, who, from.id, deadline);
    if (!stored) return std::unexpected(std::move(stored.error()));
    for (int row = 0; row < std::min(query.limit, stored->size()); ++row) {
      out.data.push_back(stored->text(row, 1));
      last = {false, 0, 0, stored->uuid(row, 0)};
    }
    if (stored->size() > query.limit) {
      out.next_cursor = to_cursor(last, list);
      return out;
    }
  }
  if (!with_armed) return out;
  armed_list armed(session, shelf, query, who, deadline);
  auto room = limit - out.data.size();
  auto more = armed.take(from.in_nulls ? from : place{true, 0, 0, {}}, room + 1);
  if (!more) return std::unexpected(std::move(more.error()));
  for (std::size_t i = 0; i < std::min(room, more->size()); ++i) {
    out.data.push_back(std::move((*more)[i].json));
    last = (*more)[i].after;
  }
  if (more->size() > room)
    out.next_cursor = to_cursor(last, list);
  else if (!armed.at_end())
    out.next_cursor = to_cursor(armed.reached(), list);
  return out;
}

}  // namespace usher::store
