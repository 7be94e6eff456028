// What is like a text, as answers offer it beside what was asked for.
#pragma once

#include "net/router.hpp"

namespace usher::net {

/// Lists, as JSON.
struct similar_things {
  std::string tickets = "null";   ///< resolved and closed ones; null when they could not be looked for in time
  std::string articles = "null";  ///< published ones of the knowledge base; null as for tickets, or when not wanted
};

/// Looks for what is like the text: of the organization, or of all that the caller sees.
void find_similar(gateway& desk, const domain::caller& by, const std::string& subject, const std::string& body,
                  std::optional<domain::organization_id> of, bool with_articles,
                  domain::completion<similar_things> done);

/// The same for a ticket: of its organization, without itself, and no articles unless wanted.
void find_similar(gateway& desk, const domain::caller& by, const domain::ticket& to, bool with_articles,
                  domain::completion<similar_things> done);

}  // namespace usher::net
