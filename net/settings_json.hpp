// What people set for the desk, as JSON (contract, section 3, "The rest").
#pragma once

#include <string>

#include "domain/settings_change.hpp"
#include "net/json_reader.hpp"

namespace usher::net {

/// Decoders. Errors: `invalid`, with a pointer for each member that is wrong or unknown.
[[nodiscard]] domain::result<domain::policy_edit> decode_policy(const json_value& body);
[[nodiscard]] domain::result<domain::rule_edit> decode_rule(const json_value& body);
/// Into `rules`, which holds what stays when it is not named; a new calendar needs a name and a zone.
[[nodiscard]] domain::result<domain::calendar_rules> decode_calendar(const json_value& body,
                                                                     domain::calendar_rules rules, bool is_new);
[[nodiscard]] domain::result<domain::agent> decode_agent(const json_value& body, domain::agent who, bool is_new);
[[nodiscard]] domain::result<domain::presence> decode_presence(const json_value& body);
[[nodiscard]] domain::result<domain::desk_category> decode_category(const json_value& body, domain::desk_category what,
                                                                    bool is_new);

/// Encoders append.
void encode_policy(std::string& out, domain::tier t, domain::priority p, const domain::sla_policy& policy);
void encode_rule(std::string& out, const domain::escalation_rule& rule);
void encode_calendar(std::string& out, const domain::calendar_rules& rules);
void encode_agent(std::string& out, const domain::agent& who, std::int64_t load);
void encode_category(std::string& out, const domain::desk_category& what);

}  // namespace usher::net
