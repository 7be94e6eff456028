// Tickets, messages and organizations as JSON (contract, section 3): bodies into commands, values into text.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/desk_settings.hpp"
#include "domain/error.hpp"
#include "domain/message.hpp"
#include "domain/organization.hpp"
#include "domain/ticket_commands.hpp"
#include "domain/ticket_events.hpp"
#include "domain/ticket_query.hpp"
#include "net/json_reader.hpp"

namespace usher::net {

/// A creation as the body says it; ids and defaults are the handler's business.
struct create_body {
  domain::create_ticket command;
  std::optional<domain::organization_id> organization;
};

/// Decoders. Errors: `invalid`, with a pointer for each member that is wrong, missing, or unknown.
[[nodiscard]] domain::result<create_body> decode_create(const json_value& body);
[[nodiscard]] domain::result<domain::update_ticket> decode_update(const json_value& body);
[[nodiscard]] domain::result<domain::add_message> decode_message(const json_value& body);
[[nodiscard]] domain::result<domain::rate_ticket> decode_rating(const json_value& body);
[[nodiscard]] domain::result<domain::assign_ticket> decode_assign(const json_value& body);
[[nodiscard]] domain::result<domain::organization> decode_organization(const json_value& body,
                                                                       domain::organization_id id);

/// The body of `POST …/merge`.
[[nodiscard]] domain::result<domain::merge_ticket> decode_merge(const json_value& body);

/// The body of `POST …/escalate`; no body at all is one level up.
[[nodiscard]] domain::result<domain::escalate_ticket> decode_escalate(const json_value& body);

/// The body of `POST …/bulk`.
struct bulk_body {
  std::vector<domain::ticket_id> ids;  ///< without repeats
  domain::update_ticket set;
};
inline constexpr std::size_t bulk_ids_max = 100;
inline constexpr std::size_t reason_characters_max = 1000;
[[nodiscard]] domain::result<bulk_body> decode_bulk(const json_value& body);

/// The body of `POST /macros` and of `PUT …/{id}`: what is named, over `what`.
inline constexpr std::size_t macro_name_characters_max = 200;
[[nodiscard]] domain::result<domain::macro> decode_macro(const json_value& body, domain::macro what, bool is_new);
/// The body of `POST …/macro`.
[[nodiscard]] domain::result<domain::macro_id> decode_macro_use(const json_value& body);

/// The body of `POST /ai/categorize`: a text, or a ticket.
struct categorize_body {
  std::optional<domain::ticket_id> ticket;
  std::string subject;
  std::string body;
  std::optional<domain::wedding> wedding;
};
[[nodiscard]] domain::result<categorize_body> decode_categorize(const json_value& body);

/// Encoders append. The clocks of a ticket are given as they stand at `now`.
void encode_ticket(std::string& out, const domain::ticket& ticket, domain::instant now);
void encode_message(std::string& out, const domain::message& message);
void encode_organization(std::string& out, const domain::organization& organization);
void encode_tickets(std::string& out, const domain::page<domain::ticket_ptr>& page, domain::instant now);
void encode_messages(std::string& out, const domain::page<domain::message>& page);
/// `{"clocks": […]}`: each clock with its intervals and its story.
void encode_clocks(std::string& out, const domain::ticket& ticket, const std::vector<domain::clock_changed>& events,
                   domain::instant now);
/// A page of texts that are JSON already.
void encode_records(std::string& out, const domain::page<std::string>& page);
void encode_organizations(std::string& out, const domain::page<domain::organization>& page);

/// Characters (code points) of valid UTF-8.
[[nodiscard]] std::size_t count_characters(std::string_view utf8) noexcept;

}  // namespace usher::net
