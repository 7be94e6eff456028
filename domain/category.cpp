#include "domain/category.hpp"

#include "domain/word_table.hpp"

namespace usher::domain {

namespace {

constexpr std::array<std::string_view, priority_count> priority_words{"critical", "high", "medium", "low"};

using enum priority;

// The contract's table, in its order.
constexpr std::array<category, 21> categories{{
    {"website_outage", high, true, "web_platform,dns_tls"},
    {"rsvp", medium, false, "guest_rsvp"},
    {"guest_data", medium, true, "guest_rsvp,data_import,privacy"},
    {"guest_messaging", medium, false, "email_deliverability,sms"},
    {"client_payment", high, false, "payments"},
    {"payout_verification", high, false, "payouts,risk"},
    {"subscription_billing", low, false, "billing"},
    {"contract_esign", high, false, "contracts"},
    {"workflow_automation", medium, false, "automation"},
    {"calendar_booking", medium, true, "calendar_sync"},
    {"crm_integration", medium, false, "integrations"},
    {"lead_capture", high, false, "marketplace,email_deliverability"},
    {"listing_reviews", low, false, "trust_safety"},
    {"vendor_no_show", critical, true, "wedding_day,vendor_network"},
    {"timeline_venue", high, true, "planner_tools,wedding_day"},
    {"seating_stationery", medium, true, "planner_tools,data_import"},
    {"media_gallery", medium, false, "media_storage"},
    {"registry_gifts", medium, false, "registry,payouts"},
    {"account_access", high, true, "identity"},
    {"privacy_request", medium, false, "privacy"},
    {general_question, low, false, "general"},
}};

}  // namespace

std::string_view to_word(priority p) noexcept { return priority_words[static_cast<std::size_t>(p)]; }

std::optional<priority> parse_priority(std::string_view word) noexcept {
  return find_word<priority>(priority_words, word);
}

std::span<const category> default_categories() noexcept { return categories; }

const category* find_category(std::string_view code) noexcept {
  const auto* found = std::find_if(categories.begin(), categories.end(), [&](const auto& c) { return c.code == code; });
  return found == categories.end() ? nullptr : found;
}

}  // namespace usher::domain
