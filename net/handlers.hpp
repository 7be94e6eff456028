// The handlers, by theme. Each is a line of the table of routes.
#pragma once

#include "net/router.hpp"

namespace usher::net {

void create_ticket(const request& in, services& with, responder to);
void list_tickets(const request& in, services& with, responder to);
void get_ticket(const request& in, services& with, responder to);
[[nodiscard]] std::span<const std::string_view> ticket_get_parameters() noexcept;
void update_ticket(const request& in, services& with, responder to);
void delete_ticket(const request& in, services& with, responder to);
void restore_ticket(const request& in, services& with, responder to);
void merge_ticket(const request& in, services& with, responder to);
void update_tickets(const request& in, services& with, responder to);
void escalate_ticket(const request& in, services& with, responder to);
void acknowledge_ticket(const request& in, services& with, responder to);
void list_escalations(const request& in, services& with, responder to);
void stream_events(const request& in, services& with, responder to);
void list_snapshots(const request& in, services& with, responder to);
void check_escalations(const request& in, services& with, responder to);
void apply_policies(const request& in, services& with, responder to);
void get_freeze(const request& in, services& with, responder to);
void categorize(const request& in, services& with, responder to);
void show_classifier(const request& in, services& with, responder to);
[[nodiscard]] std::span<const std::string_view> classifier_parameters() noexcept;
void create_pattern(const request& in, services& with, responder to);
void put_pattern(const request& in, services& with, responder to);
void delete_pattern(const request& in, services& with, responder to);
void list_policies(const request& in, services& with, responder to);
void put_policy(const request& in, services& with, responder to);
void list_rules(const request& in, services& with, responder to);
void get_rule(const request& in, services& with, responder to);
void put_rule(const request& in, services& with, responder to);
void list_calendars(const request& in, services& with, responder to);
void get_calendar(const request& in, services& with, responder to);
void create_calendar(const request& in, services& with, responder to);
void put_calendar(const request& in, services& with, responder to);
void delete_calendar(const request& in, services& with, responder to);
void list_categories(const request& in, services& with, responder to);
void get_category(const request& in, services& with, responder to);
void create_category(const request& in, services& with, responder to);
void put_category(const request& in, services& with, responder to);
void delete_category(const request& in, services& with, responder to);
void list_agents(const request& in, services& with, responder to);
void get_agent(const request& in, services& with, responder to);
void create_agent(const request& in, services& with, responder to);
void put_agent(const request& in, services& with, responder to);
void put_presence(const request& in, services& with, responder to);
void list_macros(const request& in, services& with, responder to);
void get_macro(const request& in, services& with, responder to);
void create_macro(const request& in, services& with, responder to);
void put_macro(const request& in, services& with, responder to);
void delete_macro(const request& in, services& with, responder to);
void run_macro(const request& in, services& with, responder to);
void get_analytics(const request& in, services& with, responder to);
void list_articles(const request& in, services& with, responder to);
void search_articles(const request& in, services& with, responder to);
void get_article(const request& in, services& with, responder to);
void create_article(const request& in, services& with, responder to);
void put_article(const request& in, services& with, responder to);
void delete_article(const request& in, services& with, responder to);
void list_alerts(const request& in, services& with, responder to);
void list_webhooks(const request& in, services& with, responder to);
void get_webhook(const request& in, services& with, responder to);
void create_webhook(const request& in, services& with, responder to);
void put_webhook(const request& in, services& with, responder to);
void delete_webhook(const request& in, services& with, responder to);
void add_webhook_secret(const request& in, services& with, responder to);
void drop_webhook_secrets(const request& in, services& with, responder to);
void list_deliveries(const request& in, services& with, responder to);
void redeliver(const request& in, services& with, responder to);
void list_api_keys(const request& in, services& with, responder to);
void get_api_key(const request& in, services& with, responder to);
void create_api_key(const request& in, services& with, responder to);
void delete_api_key(const request& in, services& with, responder to);
void acknowledge_alert(const request& in, services& with, responder to);
void list_history(const request& in, services& with, responder to);
void get_sla(const request& in, services& with, responder to);
void assign_ticket(const request& in, services& with, responder to);

void get_score_link(const request& in, services& with, responder to);
void rate_ticket(const request& in, services& with, responder to);
void serve_score_page(const request& in, services& with, responder to);
void rate_by_link(const request& in, services& with, responder to);

void erase_person(const request& in, services& with, responder to);
void list_erasures(const request& in, services& with, responder to);
void confirm_erasure(const request& in, services& with, responder to);
void get_erasure(const request& in, services& with, responder to);
void export_person(const request& in, services& with, responder to);
[[nodiscard]] std::span<const std::string_view> export_parameters() noexcept;
void get_export(const request& in, services& with, responder to);
void get_retention(const request& in, services& with, responder to);
void put_retention(const request& in, services& with, responder to);
[[nodiscard]] std::span<const std::string_view> retention_parameters() noexcept;

void log_in(const request& in, services& with, responder to);
void get_session(const request& in, services& with, responder to);
void log_out(const request& in, services& with, responder to);

void list_messages(const request& in, services& with, responder to);
void add_message(const request& in, services& with, responder to);

void list_organizations(const request& in, services& with, responder to);
void get_organization(const request& in, services& with, responder to);
void put_organization(const request& in, services& with, responder to);

void serve_live(const request& in, services& with, responder to);
void serve_ready(const request& in, services& with, responder to);
void serve_version(const request& in, services& with, responder to);
void serve_metrics(const request& in, services& with, responder to);
void serve_openapi(const request& in, services& with, responder to);
void serve_docs(const request& in, services& with, responder to);
void serve_docs_file(const request& in, services& with, responder to);
void serve_front_page(const request& in, services& with, responder to);
void serve_console_file(const request& in, services& with, responder to);

void list_audit(const request& in, services& with, responder to);

}  // namespace usher::net
