#include "store/ticket_queries.hpp"

#include <algorithm>

namespace usher::store {

namespace {

using domain::ticket_query;
using domain::ticket_sort;

/// Collects conditions; a filter with one value is an equality, so that an index can give its rows in order.
class where_clause {
 public:
  explicit where_clause(std::string first) : text_(std::move(first)) {}

  void add(std::string_view condition) { text_.append(" AND ").append(condition); }

  void words(std::string_view column, const std::vector<std::string>& values) {
    if (values.empty()) return;
    if (values.size() == 1)
      add(std::string(column) + " = " + next(params_.text(values.front())));
    else
      add(std::string(column) + " = ANY (" + next(params_.texts(values)) + ")");
  }

  template <class Enum>
  void words(std::string_view column, const std::vector<Enum>& values) {
    std::vector<std::string> texts;
    for (auto value : values) texts.emplace_back(to_word(value));
    words(column, texts);
  }

  void numbers(std::string_view column, const std::vector<std::int64_t>& values) {
    if (values.empty()) return;
    if (values.size() == 1)
      add(std::string(column) + " = " + next(params_.int8(values.front())));
    else
      add(std::string(column) + " = ANY (" + next(params_.int8s(values)) + ")");
  }

  /// `priority_rank` is a smallint, and an index is of use for its own type only.
  void ranks(std::string_view column, const std::vector<std::int16_t>& values) {
    if (values.empty()) return;
    if (values.size() == 1)
      add(std::string(column) + " = " + next(params_.int2(values.front())));
    else
      add(std::string(column) + " = ANY (" + next(params_.int2s(values)) + ")");
  }

  void ids(std::string_view column, const std::vector<domain::uuid>& values) {
    if (values.empty()) return;
    if (values.size() == 1)
      add(std::string(column) + " = " + next(params_.uuid(values.front())));
    else
      add(std::string(column) + " = ANY (" + next(params_.uuids(values)) + ")");
  }

  void instant(std::string_view column, std::string_view comparison, const std::optional<domain::instant>& value) {
    if (value) add(std::string(column) + " " + std::string(comparison) + " " + next(params_.at(*value)));
  }

  /// An empty id is nobody.
  void assignees(std::vector<std::string> values) {
    if (values.empty()) return;
    bool nobody = std::erase(values, std::string()) > 0;
    if (values.empty())
      add("t.assignee_id IS NULL");
    else if (nobody)
      add("(t.assignee_id IS NULL OR t.assignee_id = ANY (" + next(params_.texts(values)) + "))");
    else
      words("t.assignee_id", values);
  }

  [[nodiscard]] parameters& params() { return params_; }
  /// The placeholder of the parameter that was added last.
  [[nodiscard]] std::string next(const parameters& added) const { return "$" + std::to_string(added.size()); }
  [[nodiscard]] std::string text() && { return std::move(text_); }

 private:
  std::string text_;
  parameters params_;
};

std::int16_t rank_of(domain::priority p) {
  return static_cast<std::int16_t>(domain::priority_count - static_cast<int>(p));
}

std::string_view key_column(ticket_sort sort) {
  switch (sort) {
    case ticket_sort::created_at:
      return "t.created_at";
    case ticket_sort::due_at:
      return "t.due_at";
    case ticket_sort::priority:
      return "t.priority_rank";
    case ticket_sort::wedding:
      return "t.wedding_at";
    case ticket_sort::relevance:
      return "relevance";
  }
  return "t.created_at";
}

void add_filters(where_clause& where, const ticket_query& q) {
  where.words("t.status", q.status);
  std::vector<std::int16_t> ranks;
  for (auto p : q.priorities) ranks.push_back(rank_of(p));
  where.ranks("t.priority_rank", ranks);
  where.words("t.category", q.categories);
  where.words("t.urgency", q.urgencies);
  where.words("t.tier", q.tiers);
  where.assignees(q.assignee_ids);
  std::vector<domain::uuid> organizations;
  for (const auto& id : q.organizations) organizations.push_back(id.value);
  where.ids("t.organization_id", organizations);
  where.numbers("t.escalation_level", {q.escalation_levels.begin(), q.escalation_levels.end()});
  if (q.sla.size() == 1 && q.sla.front() == domain::sla_filter::breached) where.add("t.sla_breached");
  if (q.sla.size() == 1 && q.sla.front() == domain::sla_filter::at_risk)
    where.add("t.at_risk_at <= " + where.next(where.params().at(q.now)));
  if (q.sla.size() > 1) where.add("(t.sla_breached OR t.at_risk_at <= " + where.next(where.params().at(q.now)) + ")");
  if (!q.tags.empty()) where.add("t.tags <> '{}' AND t.tags && " + where.next(where.params().texts(q.tags)));
  where.instant("t.created_at", ">", q.created_after);
  where.instant("t.created_at", "<", q.created_before);
  where.instant("t.wedding_at", ">", q.wedding_after);
  where.instant("t.wedding_at", "<", q.wedding_before);
}

/// The instants of a place are counted in milliseconds.
domain::instant to_instant(std::int64_t ms) { return domain::instant(domain::milliseconds(ms)); }

/// The columns that order a part of a list: rows of the same key follow each other by age.
std::vector<std::string_view> order_of(ticket_sort sort, bool nulls) {
  if (nulls) return {"t.created_at", "t.id"};
  if (sort == ticket_sort::created_at) return {"t.created_at", "t.id"};
  if (sort == ticket_sort::priority) return {"t.priority_rank", "t.created_at", "t.id"};
  if (sort == ticket_sort::relevance) return {"relevance", "t.id"};
  return {key_column(sort), "t.id"};
}

void add_place(where_clause& where, const ticket_query& q, bool nulls, const place& after, const std::string& key) {
  auto columns = order_of(q.sort, nulls);
  auto& params = where.params();
  std::string left;
  std::string right;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    bool is_first = i == 0;
    if (!is_first) left += ", ", right += ", ";
    left += columns[i] == "relevance" ? std::string_view(key) : columns[i];
    if (columns[i] == "relevance")
      right += where.next(params.int8(after.key));
    else if (columns[i] == "t.id")
      right += where.next(params.uuid(after.id));
    else if (columns[i] == "t.priority_rank")
      right += where.next(params.int2(static_cast<std::int16_t>(after.key)));
    else
      right += where.next(params.at(to_instant(is_first && !nulls ? after.key : after.second)));
  }
  where.add("(" + left + ") " + (q.descending ? "<" : ">") + " (" + right + ")");
}

template <class T>
void add_all(list_fingerprint& out, const std::vector<T>& values) {
  out.add(static_cast<std::int64_t>(values.size()));
  for (const auto& value : values) {
    if constexpr (std::is_same_v<T, std::string>)
      out.add(std::string_view(value));
    else if constexpr (std::is_same_v<T, domain::organization_id>)
      out.add(to_string(value));
    else
      out.add(static_cast<std::int64_t>(value));
  }
}

void add_instant(list_fingerprint& out, const std::optional<domain::instant>& at) {
  out.add(at ? at->time_since_epoch().count() : std::int64_t{-1});
}

}  // namespace

list_fingerprint fingerprint_of(const ticket_query& q, const scope& who) {
  list_fingerprint out;
  out.add("tickets").add(static_cast<std::int64_t>(q.sort)).add(q.descending ? 1 : 0);
  out.add(who.organization ? to_string(*who.organization) : std::string());
  add_all(out, q.status);
  add_all(out, q.priorities);
  add_all(out, q.categories);
  add_all(out, q.urgencies);
  add_all(out, q.tiers);
  add_all(out, q.assignee_ids);
  add_all(out, q.organizations);
  add_all(out, q.escalation_levels);
  add_all(out, q.sla);
  add_all(out, q.tags);
  out.add(q.text);
  add_instant(out, q.created_after);
  add_instant(out, q.created_before);
  add_instant(out, q.wedding_after);
  add_instant(out, q.wedding_before);
  return out;
}

bool has_nulls(ticket_sort sort) noexcept { return sort == ticket_sort::due_at || sort == ticket_sort::wedding; }

statement list_statement(const ticket_query& q, bool nulls, const std::optional<place>& after, int limit) {
  where_clause where("t.deleted_at IS NULL");
  std::string from = " FROM usher.support_tickets t";
  std::string relevance;
  if (!q.text.empty()) {
    std::string query = "usher.search_query(" + where.next(where.params().text(q.text)) + ")";
    from += " JOIN usher.ticket_search s ON s.ticket_id = t.id";
    where.add("s.document @@ " + query);
    relevance = "(ts_rank(s.document, " + query + ") * 1000000000)::int8";
  }
  add_filters(where, q);
  std::string key(q.sort == ticket_sort::relevance ? relevance : key_column(q.sort));
  if (has_nulls(q.sort)) where.add(key + (nulls ? " IS NULL" : " IS NOT NULL"));
  if (after) add_place(where, q, nulls, *after, key);
  std::string order;
  for (auto column : order_of(q.sort, nulls)) {
    if (!order.empty()) order += ", ";
    order.append(column == "relevance" ? std::string_view(key) : column).append(q.descending ? " DESC" : " ASC");
  }
  bool counted = q.sort == ticket_sort::priority || q.sort == ticket_sort::relevance;
  auto ms = [](const std::string& column) { return "(extract(epoch FROM " + column + ") * 1000)::int8"; };
  std::string columns = "t.id, " + (counted ? key + "::int8" : nulls ? "0::int8" : ms(key)) + ", " + ms("t.created_at");
  std::string last = where.next(where.params().int8(limit));
  auto params = std::move(where.params());
  return {{},
          "SELECT " + columns + from + " WHERE " + std::move(where).text() + " ORDER BY " + order + " LIMIT " + last,
          std::move(params)};
}

}  // namespace usher::store
