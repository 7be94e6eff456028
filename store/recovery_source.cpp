#include "store/recovery_source.hpp"

#include <algorithm>
#include <array>

#include "store/settings_rows.hpp"
#include "store/ticket_rows.hpp"

namespace usher::store {

namespace {

constexpr std::string_view is_live = "t.status <> 'closed' AND t.deleted_at IS NULL";
constexpr std::string_view session_options = " -c jit=off -c timezone=UTC -c plan_cache_mode=force_custom_plan";

}  // namespace

recovery_source::recovery_source(connect_target staff, std::chrono::milliseconds answer_max)
    : target_(std::move(staff)), answer_max_(answer_max) {
  target_.options += session_options;
}

std::shared_ptr<connection> recovery_source::mine() {
  auto me = std::this_thread::get_id();
  {
    std::scoped_lock guard(mutex_);
    auto found = connections_.find(me);
    if (found != connections_.end() && found->second->is_open()) return found->second;
  }
  auto opened = connection::open(target_, std::chrono::steady_clock::now() + answer_max_);
  if (!opened) throw unavailable_error(opened.error());
  auto made = std::make_shared<connection>(std::move(*opened));
  std::scoped_lock guard(mutex_);
  connections_[me] = made;
  return made;
}

rows recovery_source::ask(connection& with, statement question) {
  auto answers = with.pipeline(std::array{std::move(question)}, std::chrono::steady_clock::now() + answer_max_);
  if (!answers) throw unavailable_error(answers.error());
  return std::move(answers->front());
}

std::int64_t recovery_source::highest_ticket_number() {
  auto answer = ask(*mine(), {{}, "SELECT coalesce(max(number), 0) FROM usher.support_tickets", {}});
  return answer.int8(0, 0);
}

std::int64_t recovery_source::count_live_tickets() {
  auto answer = ask(*mine(), {{}, "SELECT count(*) FROM usher.support_tickets t WHERE " + std::string(is_live), {}});
  return answer.int8(0, 0);
}

std::vector<domain::organization> recovery_source::all_organizations() {
  auto answer = ask(*mine(), {{}, std::string(select_organizations) + " ORDER BY id", {}});
  std::vector<domain::organization> all;
  all.reserve(static_cast<std::size_t>(answer.size()));
  for (int row = 0; row < answer.size(); ++row) all.push_back(read_organization(answer, row));
  return all;
}

domain::desk_settings recovery_source::settings() {
  auto with = mine();
  return read_settings_from([&](std::string_view sql) { return ask(*with, {{}, std::string(sql), {}}); });
}

std::vector<agent_record> recovery_source::agent_records() {
  auto answer = ask(*mine(), {{},
                              "SELECT agent_id, count(*), sum(score)::bigint FROM usher.csat_responses "
                              "WHERE agent_id IS NOT NULL GROUP BY agent_id",
                              {}});
  std::vector<agent_record> out;
  for (int row = 0; row < answer.size(); ++row)
    out.push_back({answer.text(row, 0), answer.int8(row, 1), answer.int8(row, 2)});
  return out;
}

std::vector<customer_record> recovery_source::customer_records(domain::instant since) {
  auto answer =
      ask(*mine(), {{},
                    "SELECT organization_id, assignee_id, count(*) FROM usher.support_tickets WHERE created_at >= $1 "
                    "AND deleted_at IS NULL AND assignee_id IS NOT NULL AND status IN ('resolved', 'closed') "
                    "GROUP BY organization_id, assignee_id",
                    parameters().at(since)});
  std::vector<customer_record> out;
  for (int row = 0; row < answer.size(); ++row)
    out.push_back({{answer.uuid(row, 0)}, answer.text(row, 1), answer.int8(row, 2)});
  return out;
}

std::vector<domain::ticket_id> recovery_source::split_live_tickets(int parts) {
  domain::ticket_id last;
  last.value.bytes.fill(0xFF);
  std::vector<domain::ticket_id> bounds;
  if (parts > 1) {
    parameters params;
    params.int4(parts);
    auto answer =
        ask(*mine(), {{},
                      "SELECT DISTINCT ON (part) id FROM (SELECT t.id, ntile($1) OVER (ORDER BY t.id) AS part "
                      "FROM usher.support_tickets t WHERE " +
                          std::string(is_live) + ") AS parts ORDER BY part, id DESC",
                      std::move(params)});
    for (int row = 0; row + 1 < answer.size(); ++row) bounds.push_back({answer.uuid(row, 0)});
  }
  bounds.push_back(last);
  return bounds;
}

std::vector<domain::ticket_ptr> recovery_source::load_live_tickets(domain::ticket_id after, domain::ticket_id up_to,
                                                                   int limit) {
  auto with = mine();
  parameters range;
  range.uuid(after.value).uuid(up_to.value).int8(limit);
  auto tickets = ask(*with, {"live_tickets",
                             select_tickets() + " WHERE t.id > $1 AND t.id <= $2 AND " + std::string(is_live) +
                                 " ORDER BY t.id LIMIT $3",
                             std::move(range)});
  if (tickets.size() == 0) return {};
  auto parts = with->pipeline(select_ticket_parts(ids_of(tickets)), std::chrono::steady_clock::now() + answer_max_);
  if (!parts) throw unavailable_error(parts.error());
  return read_tickets(tickets, *parts, shelf_);
}

void recovery_source::close() {
  std::scoped_lock guard(mutex_);
  connections_.clear();
}

}  // namespace usher::store
