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
      {method::post, "/api/support/tickets/bulk", role::agent, update_tickets, {}, true},
      {method::post, "/api/support/tickets/{id}/escalate", role::agent, escalate_ticket, {}, true},
      {method::post, "/api/support/tickets/{id}/acknowledge", role::agent, acknowledge_ticket},
      {method::get, "/api/support/escalation", role::agent, list_escalations, escalation_parameters()},
      {method::post, "/api/support/escalation", role::supervisor, check_escalations, {}, true},
      {method::post, "/api/support/sla/policies/apply", role::manager, apply_policies, {}, true},
      {method::post, "/api/support/ai/categorize", role::agent, categorize, {}, true},
      {method::get, "/api/support/organizations", role::agent, list_organizations, page_parameters()},
      {method::get, "/api/support/organizations/{id}", role::agent, get_organization},
      {method::put, "/api/support/organizations/{id}", role::admin, put_organization, {}, true},
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
