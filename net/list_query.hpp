// The query of a list, as its parameters say it (contract, section 3, "List filters").
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "actors/gateway.hpp"
#include "domain/caller.hpp"
#include "domain/desk_settings.hpp"
#include "domain/escalation.hpp"
#include "domain/record_query.hpp"
#include "domain/ticket_commands.hpp"
#include "domain/ticket_query.hpp"
#include "net/http.hpp"
#include "net/problem.hpp"

namespace usher::net {

/// What every list takes.
struct page_query {
  int limit = domain::page_limit_default;
  std::string cursor;
};

inline constexpr std::size_t cursor_characters_max = 512;

/// The parameters of `GET /api/support/tickets`.
[[nodiscard]] std::span<const std::string_view> ticket_parameters() noexcept;
/// The parameters of other lists.
[[nodiscard]] std::span<const std::string_view> page_parameters() noexcept;

/// Readers. The parameters' names are known to be right; a bad value is refused with 400.
[[nodiscard]] std::expected<domain::ticket_query, refusal> read_ticket_query(const request& in,
                                                                             const domain::desk_settings& settings);
[[nodiscard]] std::expected<page_query, refusal> read_page_query(const request& in);

/// `GET /api/support/escalation`.
[[nodiscard]] std::span<const std::string_view> escalation_parameters() noexcept;
[[nodiscard]] std::expected<domain::record_query, refusal> read_escalation_query(const request& in);

/// `GET /api/support/alerts`.
[[nodiscard]] std::span<const std::string_view> alert_parameters() noexcept;
[[nodiscard]] std::expected<domain::record_query, refusal> read_alert_query(const request& in);

/// `GET /api/support/kb/articles` and `…/search`; who sees no drafts is asked for none.
[[nodiscard]] std::span<const std::string_view> article_parameters() noexcept;
[[nodiscard]] std::span<const std::string_view> article_search_parameters() noexcept;
[[nodiscard]] std::expected<domain::record_query, refusal> read_article_query(const request& in, bool with_drafts);
[[nodiscard]] std::expected<domain::record_query, refusal> read_article_search(const request& in, bool with_drafts);

/// `GET /api/support/audit`.
[[nodiscard]] std::span<const std::string_view> audit_parameters() noexcept;
[[nodiscard]] std::expected<domain::record_query, refusal> read_audit_query(const request& in);

/// `GET /api/support/snapshots`.
[[nodiscard]] std::span<const std::string_view> snapshot_parameters() noexcept;
[[nodiscard]] std::expected<domain::record_query, refusal> read_snapshot_query(const request& in);

/// `GET /api/support/webhooks/{id}/deliveries`.
[[nodiscard]] std::span<const std::string_view> delivery_parameters() noexcept;
[[nodiscard]] std::expected<domain::record_query, refusal> read_delivery_query(const request& in);

/// `GET /api/support/analytics`: the last 30 days, unless it says something else.
[[nodiscard]] std::span<const std::string_view> analytics_parameters() noexcept;
[[nodiscard]] std::expected<domain::record_query, refusal> read_analytics_query(const request& in, domain::instant now);

/// `GET /api/support/events`.
[[nodiscard]] std::span<const std::string_view> event_parameters() noexcept;
[[nodiscard]] std::expected<event_filter, refusal> read_event_filter(const request& in);

/// `Link: <…>; rel="next"`: the request's own query with another cursor.
void add_next_link(response& out, const request& in, std::string_view cursor);

}  // namespace usher::net
