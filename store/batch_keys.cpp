#include "store/batch_keys.hpp"

#include "store/batch.hpp"

namespace usher::store {

namespace {

template <class... Ts>
struct overloaded : Ts... {
  using Ts::operator()...;
};

}  // namespace

std::string key_of(const domain::uuid& id) { return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()}; }

std::string key_of(const idempotency_record& what) {
  std::string key = key_of(what.organization.value);
  for (const auto* part : {&what.caller_sub, &what.route, &what.key}) {
    key += '\0';
    key += *part;
  }
  return key;
}

const idempotency_record* answer_of(const write& what) {
  if (const auto* of_ticket = std::get_if<ticket_write>(&what.what))
    return of_ticket->idempotency ? &*of_ticket->idempotency : nullptr;
  if (const auto* alone = std::get_if<answer_write>(&what.what)) return &alone->record;
  if (const auto* set = std::get_if<settings_write>(&what.what)) return set->idempotency ? &*set->idempotency : nullptr;
  return nullptr;
}

std::vector<std::string> exclusive_keys(const write& what) {
  return std::visit(overloaded{[](const ticket_write& w) {
                                 std::vector<std::string> keys{"t" + key_of(w.change.after->id.value)};
                                 if (w.also) keys.push_back("t" + key_of(w.also->after->id.value));
                                 if (w.idempotency) keys.push_back("k" + key_of(*w.idempotency));
                                 return keys;
                               },
                               [](const answer_write& w) { return std::vector<std::string>{"k" + key_of(w.record)}; },
                               [](const organization_write& w) {
                                 return std::vector<std::string>{"o" + key_of(w.organization.id.value)};
                               },
                               [](const alert_write&) { return std::vector<std::string>{}; },
                               [](const policies_write&) { return std::vector<std::string>{}; },
                               [](const alert_taken_write& w) { return std::vector<std::string>{"a" + key_of(w.id)}; },
                               [](const snapshot_write&) { return std::vector<std::string>{}; },
                               [](const note_write&) { return std::vector<std::string>{}; },
                               [](const purge_write& w) {
                                 std::vector<std::string> keys{"p"};
                                 for (const auto& id : w.what.tickets) keys.push_back("t" + key_of(id.value));
                                 return keys;
                               },
                               [](const redelivery_write& w) { return std::vector<std::string>{"r" + key_of(w.id)}; },
                               [](const rollup_write& w) { return std::vector<std::string>{"d" + w.day}; },
                               [](const settings_write& w) {
                                 std::vector<std::string> keys{"s" + std::to_string(static_cast<int>(w.table)) + w.key};
                                 if (w.idempotency) keys.push_back("k" + key_of(*w.idempotency));
                                 return keys;
                               }},
                    what.what);
}

domain::organization_id organization_of(const write& what) {
  return std::visit(
      overloaded{[](const ticket_write& w) { return w.change.after->organization; },
                 [](const organization_write& w) { return w.organization.id; },
                 [](const answer_write& w) { return w.record.organization; },
                 [](const policies_write&) { return domain::organization_id{}; },
                 [](const settings_write& w) { return w.organization.value_or(domain::organization_id{}); },
                 [](const redelivery_write& w) { return w.organization; },
                 [](const rollup_write&) { return domain::organization_id{}; },
                 [](const snapshot_write&) { return domain::organization_id{}; },
                 [](const note_write& w) { return w.organization; },
                 [](const purge_write&) { return domain::organization_id{}; },
                 [](const alert_taken_write& w) { return w.organization; },
                 [](const alert_write& w) { return w.organization.value_or(domain::organization_id{}); }},
      what.what);
}

std::vector<outbox_queue> queues_of(const write& what) {
  std::vector<outbox_queue> out;
  const auto add = [&out](const std::vector<domain::notification>& all) {
    for (const auto& each : all) out.push_back({each.channel, each.endpoint});
  };
  std::visit(overloaded{[&](const ticket_write& w) { add(w.notifications); },
                        [&](const alert_write& w) { add(w.notifications); },
                        [&](const alert_taken_write& w) { add(w.notifications); },
                        [&](const settings_write& w) {
                          if (w.alert) add(w.alert->notifications);
                        },
                        [&](const redelivery_write& w) {
                          out.push_back({"webhook", w.endpoint});
                        },
                        [](const auto&) {}},
             what.what);
  return out;
}

std::size_t weight_of(const write& what) {
  constexpr std::size_t row_bytes = 1024;
  const auto* w = std::get_if<ticket_write>(&what.what);
  const auto* kept = answer_of(what);
  if (w == nullptr) return row_bytes + (kept == nullptr ? 0 : kept->body.size());
  std::size_t bytes = row_bytes + w->change.after->body.size();
  if (const auto* added = w->change.added_message()) bytes += added->body.size();
  if (w->also) bytes += row_bytes + w->also->after->body.size() + w->change.before->body.size();
  if (w->idempotency) bytes += w->idempotency->body.size();
  return bytes;
}

}  // namespace usher::store
