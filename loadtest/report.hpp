// What a run says when it is over: a summary for people, a report for programs.
#pragma once

#include <iosfwd>
#include <string>

#include "loadtest/corpus_run.hpp"

namespace usher::load {

void print_summary(std::ostream& out, const corpus_run& run);

/// `{"seed", "compared", "mismatches", "tickets": [{"corpus_id", "id", "number", "organization_id", "tier", "status",
/// "priority", "version", "subject", "body", "messages": [{"id", "author_id", "visibility", "body"}]}]}`: what the desk
/// acknowledged last of every ticket, to compare a database with. Throws std::runtime_error when the file can't be
/// written.
void write_report(const std::string& path, const corpus_run& run);

}  // namespace usher::load
