#include "net/similar_things.hpp"

namespace usher::net {

namespace {

using record_page = domain::page<std::string>;

void find(gateway& desk, const domain::caller& by, domain::record_query query,
          domain::completion<similar_things> done) {
  desk.records(std::move(query), by,
               domain::completion<record_page>([done = std::move(done)](domain::result<record_page> found) mutable {
                 if (!found) return done(std::unexpected(std::move(found.error())));
                 similar_things out;
                 if (!found->data.empty()) out.tickets = std::move(found->data[0]);
                 if (found->data.size() > 1) out.articles = std::move(found->data[1]);
                 done(std::move(out));
               }));
}

domain::record_query query_of(const std::string& subject, const std::string& body,
                              const std::optional<domain::organization_id>& of, bool with_articles) {
  domain::record_query out;
  out.kind = domain::record_kind::similar;
  out.filters = {{"subject", {subject}}, {"body", {body}}};
  if (of) out.filters.push_back({"organization", {domain::to_string(*of)}});
  out.limit = with_articles ? 2 : 1;
  return out;
}

}  // namespace

void find_similar(gateway& desk, const domain::caller& by, const std::string& subject, const std::string& body,
                  std::optional<domain::organization_id> of, bool with_articles,
                  domain::completion<similar_things> done) {
  find(desk, by, query_of(subject, body, of, with_articles), std::move(done));
}

void find_similar(gateway& desk, const domain::caller& by, const domain::ticket& to, bool with_articles,
                  domain::completion<similar_things> done) {
  auto query = query_of(to.subject, to.body, to.organization, with_articles);
  query.parent = to.id.value;
  find(desk, by, std::move(query), std::move(done));
}

}  // namespace usher::net
