// Pieces of JSON that several encoders write.
#pragma once

#include <string>
#include <string_view>

#include "domain/escalation.hpp"
#include "domain/json_writer.hpp"
#include "domain/sla_clock.hpp"

namespace usher::net {

/// A number of thousandths as a decimal fraction without trailing zeros: exact, and never in exponent form.
void write_thousandths(domain::json_writer& w, std::int64_t thousandths);
void member_seconds(domain::json_writer& w, std::string_view name, domain::milliseconds time);
/// An empty string is "nothing".
void member_or_null(domain::json_writer& w, std::string_view name, const std::string& text);
/// The members of a clock as a ticket shows it (contract, section 3).
void write_clock_members(domain::json_writer& w, const domain::sla_clock& clock, domain::instant now);
/// A level of the ladder as `/escalation/rules` and `…/sla` show it.
void write_rule(domain::json_writer& w, const domain::escalation_rule& rule);

}  // namespace usher::net
