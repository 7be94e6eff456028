#include "domain/ticket_merge.hpp"

#include <algorithm>

#include "domain/ticket_draft.hpp"

namespace usher::domain {

namespace {

result<void> check(const ticket& from, const ticket* into, const decision_context& context) {
  const auto& by = context.by;
  if (from.deleted_at || !by.sees(from.organization)) return fail(errc::not_found);
  if (context.expected_version && *context.expected_version != from.version) return fail(errc::version_mismatch);
  if (!by.is_staff()) return fail(errc::forbidden);
  if (into == nullptr || into->deleted_at || !by.sees(into->organization))
    return fail_field("/into", "there is no such ticket");
  if (into->id == from.id) return fail(errc::conflict, "a ticket can't be merged into itself");
  if (into->organization != from.organization) return fail_field("/into", "is a ticket of another organization");
  if (from.merged_into) return fail(errc::conflict, "the ticket was merged already");
  if (from.status == ticket_status::closed) return fail(errc::conflict, "the ticket is closed");
  if (into->status == ticket_status::closed) return fail(errc::conflict, "the other ticket is closed");
  return {};
}

/// Since when somebody waits for a word of staff; nothing when nobody does.
std::optional<instant> waiting_since(const ticket& t) {
  for (auto kind : {clock_kind::first_response, clock_kind::next_response}) {
    const auto* clock = t.latest(kind);
    if (clock != nullptr && clock->is_open()) return clock->started_at();
  }
  return std::nullopt;
}

/// The first characters of a text.
std::string beginning(const std::string& text, std::size_t characters) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    bool starts = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
    if (starts && characters-- == 0) break;
  }
  return text.substr(0, at);
}

message note_of(const ticket& from, message_id id, const decision_context& context) {
  std::string text =
      "Merged from #" + std::to_string(from.number) + " of " + from.requester_id + ": " + from.subject + "\n\n";
  auto room = body_characters_max - std::min(body_characters_max, text.size());
  text += beginning(from.body, room);
  return {id, context.by.sub, context.by.role, visibility::internal, channel::web, true, std::move(text), context.now};
}

change finish(const ticket_ptr& before, draft next, const decision_context& context) {
  auto after = std::make_shared<ticket>(next.state());
  after->version = before->version + 1;
  after->clocks.shrink_to_fit();
  return {before, std::move(after), std::move(next).take(), context.by, context.now};
}

}  // namespace

result<merged> merge(const ticket_ptr& from, const ticket_ptr& into, message_id note, const decision_context& context) {
  if (auto ok = check(*from, into.get(), context); !ok) return std::unexpected(ok.error());
  draft ends(*from, context);
  ends.settle();
  ends.cancel_all("merged into #" + std::to_string(into->number));
  ends.emit(ticket_merged{into->id});
  ends.emit(status_changed{from->status, ticket_status::closed});

  draft goes_on(*into, context);
  goes_on.settle();
  goes_on.emit(merge_received{from->id, from->number});
  goes_on.emit(message_added{note_of(*from, note, context)});
  if (auto since = waiting_since(*from); since && !has_ended(into->status)) {
    goes_on.start_earlier(clock_kind::first_response, *since);
    goes_on.start_earlier(clock_kind::next_response, *since);
    goes_on.customer_wrote(since);
    goes_on.align();
    goes_on.settle();
  }
  return merged{finish(from, std::move(ends), context), finish(into, std::move(goes_on), context)};
}

}  // namespace usher::domain
