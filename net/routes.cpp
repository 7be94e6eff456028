#include <array>

#include "net/handlers.hpp"
#include "net/list_query.hpp"

namespace usher::net {

namespace {

using domain::role;

const auto& table() {
  static const auto routes = std::to_array<route>({
      {method::post, "/api/support/tickets", role::requester, create_ticket, {}, true},
      {method::get, "/api/support/tickets", role::requester, list_tickets, ticket_parameters()},
      {method::get, "/api/support/tickets/{id}", role::requester, get_ticket},
      {method::put, "/api/support/tickets/{id}", role::requester, update_ticket, {}, true},
      {method::patch, "/api/support/tickets/{id}", role::requester, update_ticket, {}, true},
      {method::delete_, "/api/support/tickets/{id}", role::requester, delete_ticket},
      {method::post, "/api/support/tickets/{id}/restore", role::requester, restore_ticket},
      {method::get, "/api/support/tickets/{id}/messages", role::requester, list_messages, page_parameters()},
      {method::post, "/api/support/tickets/{id}/messages", role::requester, add_message, {}, true},
      {method::put, "/api/support/tickets/{id}/assign", role::requester, assign_ticket, {}, true},
      {method::get, "/api/support/tickets/{id}/sla", role::requester, get_sla},
      {method::get, "/api/support/tickets/{id}/history", role::agent, list_history, page_parameters()},
      {method::post, "/api/support/tickets/{id}/merge", role::agent, merge_ticket, {}, true},
      {method::get, "/api/support/tickets/{id}/csat", role::agent, get_score_link},
      {method::post, "/api/support/tickets/{id}/csat", role::requester, rate_ticket, {}, true},
      {method::post, "/api/support/tickets/bulk", role::agent, update_tickets, {}, true},
      {method::post, "/api/support/tickets/{id}/escalate", role::agent, escalate_ticket, {}, true},
      {method::post, "/api/support/tickets/{id}/acknowledge", role::agent, acknowledge_ticket},
      {method::get, "/api/support/escalation", role::agent, list_escalations, escalation_parameters()},
      {method::post, "/api/support/escalation", role::supervisor, check_escalations, {}, true},
      {method::post, "/api/support/sla/policies/apply", role::manager, apply_policies, {}, true},
      {method::post, "/api/support/ai/categorize", role::agent, categorize, {}, true},
      {method::get, "/api/support/ai/categorize", role::agent, show_classifier, classifier_parameters()},
      {method::post, "/api/support/ai/patterns", role::supervisor, create_pattern, {}, true},
      {method::put, "/api/support/ai/patterns/{id}", role::supervisor, put_pattern, {}, true},
      {method::delete_, "/api/support/ai/patterns/{id}", role::supervisor, delete_pattern},
      {method::get, "/api/support/sla/policies", role::manager, list_policies},
      {method::put, "/api/support/sla/policies/{tier}/{priority}", role::manager, put_policy, {}, true},
      {method::get, "/api/support/sla/calendars", role::manager, list_calendars},
      {method::post, "/api/support/sla/calendars", role::manager, create_calendar, {}, true},
      {method::get, "/api/support/sla/calendars/{id}", role::manager, get_calendar},
      {method::put, "/api/support/sla/calendars/{id}", role::manager, put_calendar, {}, true},
      {method::delete_, "/api/support/sla/calendars/{id}", role::manager, delete_calendar},
      {method::get, "/api/support/escalation/rules", role::manager, list_rules},
      {method::get, "/api/support/escalation/rules/{level}", role::manager, get_rule},
      {method::put, "/api/support/escalation/rules/{level}", role::manager, put_rule, {}, true},
      {method::get, "/api/support/categories", role::supervisor, list_categories},
      {method::post, "/api/support/categories", role::supervisor, create_category, {}, true},
      {method::get, "/api/support/categories/{code}", role::supervisor, get_category},
      {method::put, "/api/support/categories/{code}", role::supervisor, put_category, {}, true},
      {method::delete_, "/api/support/categories/{code}", role::supervisor, delete_category},
      {method::get, "/api/support/agents", role::agent, list_agents},
      {method::post, "/api/support/agents", role::agent, create_agent, {}, true},
      {method::get, "/api/support/agents/{id}", role::agent, get_agent},
      {method::put, "/api/support/agents/{id}", role::agent, put_agent, {}, true},
      {method::put, "/api/support/agents/{id}/presence", role::agent, put_presence, {}, true},
      {method::get, "/api/support/alerts", role::agent, list_alerts, alert_parameters()},
      {method::post, "/api/support/alerts/{id}/acknowledge", role::agent, acknowledge_alert},
      {method::post, "/api/support/tickets/{id}/macro", role::agent, run_macro, {}, true},
      {method::get, "/api/support/macros", role::agent, list_macros},
      {method::post, "/api/support/macros", role::supervisor, create_macro, {}, true},
      {method::get, "/api/support/macros/{id}", role::agent, get_macro},
      {method::put, "/api/support/macros/{id}", role::supervisor, put_macro, {}, true},
      {method::delete_, "/api/support/macros/{id}", role::supervisor, delete_macro},
      {method::get, "/api/support/analytics", role::supervisor, get_analytics, analytics_parameters()},
      {method::get, "/api/support/kb/articles", role::requester, list_articles, article_parameters()},
      {method::post, "/api/support/kb/articles", role::supervisor, create_article, {}, true},
      {method::get, "/api/support/kb/articles/{id}", role::requester, get_article},
      {method::put, "/api/support/kb/articles/{id}", role::supervisor, put_article, {}, true},
      {method::delete_, "/api/support/kb/articles/{id}", role::supervisor, delete_article},
      {method::get, "/api/support/kb/search", role::requester, search_articles, article_search_parameters()},
      {method::get, "/api/support/snapshots", role::supervisor, list_snapshots, snapshot_parameters()},
      {method::get, "/api/support/events", role::agent, stream_events, event_parameters()},
      {method::get, "/api/support/webhooks", role::admin, list_webhooks},
      {method::post, "/api/support/webhooks", role::admin, create_webhook, {}, true},
      {method::get, "/api/support/webhooks/{id}", role::admin, get_webhook},
      {method::put, "/api/support/webhooks/{id}", role::admin, put_webhook, {}, true},
      {method::delete_, "/api/support/webhooks/{id}", role::admin, delete_webhook},
      {method::post, "/api/support/webhooks/{id}/secrets", role::admin, add_webhook_secret, {}, true},
      {method::delete_, "/api/support/webhooks/{id}/secrets", role::admin, drop_webhook_secrets},
      {method::get, "/api/support/webhooks/{id}/deliveries", role::admin, list_deliveries, delivery_parameters()},
      {method::post, "/api/support/webhooks/{id}/deliveries/{delivery_id}/redeliver", role::admin, redeliver},
      {method::get, "/api/support/organizations", role::agent, list_organizations, page_parameters()},
      {method::get, "/api/support/organizations/{id}", role::agent, get_organization},
      {method::put, "/api/support/organizations/{id}", role::admin, put_organization, {}, true},
      {method::get, "/api/support/privacy/erasures", role::admin, list_erasures},
      {method::post, "/api/support/privacy/erasures", role::admin, erase_person, {}, true},
      {method::get, "/api/support/privacy/erasures/{id}", role::admin, get_erasure},
      {method::get, "/api/support/privacy/exports", role::admin, export_person, export_parameters()},
      {method::get, "/api/support/privacy/exports/{id}", role::admin, get_export},
      {method::get, "/api/support/privacy/retention", role::admin, get_retention},
      {method::put, "/api/support/privacy/retention", role::admin, put_retention, retention_parameters(), true},
      {method::get, "/csat/{token}", std::nullopt, serve_score_page},
      {method::post, "/csat/{token}", std::nullopt, rate_by_link, {}, true},
      {method::get, "/livez", std::nullopt, serve_live},
      {method::get, "/readyz", std::nullopt, serve_ready},
      {method::get, "/version", std::nullopt, serve_version},
      {method::get, "/metrics", std::nullopt, serve_metrics},
      {method::get, "/openapi.json", std::nullopt, serve_openapi},
      {method::get, "/docs", std::nullopt, serve_docs},
      {method::get, "/docs/{file}", std::nullopt, serve_docs_file},
      {method::get, "/", std::nullopt, serve_front_page},
  });
  return routes;
}

}  // namespace

std::span<const route> all_routes() noexcept { return table(); }

}  // namespace usher::net
