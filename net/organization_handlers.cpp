#include "net/handler_tools.hpp"
#include "net/handlers.hpp"
#include "net/list_query.hpp"
#include "net/preconditions.hpp"
#include "net/ticket_json.hpp"

namespace usher::net {

using domain::errc;
using domain::error;
using domain::organization;
using domain::result;

namespace {

void send_organization(responder to, const organization& what, int status) {
  const bool unchanged =
      status == 200 && to.in().how != method::put && none_match_names(to.in().head.if_none_match, what.version);
  auto out = to.make(unchanged ? 304 : status);
  add_etag(out, what.version);
  if (status == 201) add_header(out, "Location", to.in().path);
  if (!unchanged) encode_organization(out.body, what);
  to.send(std::move(out));
}

}  // namespace

void list_organizations(const request& in, services& with, responder to) {
  auto query = read_page_query(in);
  if (!query) return refuse(std::move(to), query.error());
  with.desk().organizations(*in.caller, query->limit, std::move(query->cursor),
                            domain::completion<domain::page<organization>>(
                                [to = std::move(to)](result<domain::page<organization>> found) mutable {
                                  if (!found) return to.fail(found.error());
                                  auto out = to.make(200);
                                  add_next_link(out, to.in(), found->next_cursor);
                                  encode_organizations(out.body, *found);
                                  to.send(std::move(out));
                                }));
}

void get_organization(const request& in, services& with, responder to) {
  const auto id = domain::organization_id::parse(in.path_parameters[0]);
  if (!id) return to.fail(error(errc::not_found));
  with.desk().organization(*id, *in.caller,
                           domain::completion<organization>([to = std::move(to)](result<organization> found) mutable {
                             if (!found) return to.fail(found.error());
                             send_organization(std::move(to), *found, 200);
                           }));
}

void put_organization(const request& in, services& with, responder to) {
  const auto id = domain::organization_id::parse(in.path_parameters[0]);
  if (!id) return to.fail(error(errc::not_found));
  const auto* body = read_body(in, with, to);
  if (body == nullptr) return;
  auto decoded = decode_organization(*body, *id);
  if (!decoded) return to.fail(decoded.error());
  const auto version = expected_version(in.head, false);
  if (!version) return refuse(std::move(to), version.error());
  with.desk().put_organization(
      std::move(*decoded), *in.caller, *version,
      domain::completion<organization>([to = std::move(to)](result<organization> done) mutable {
        if (!done) return to.fail(done.error());
        send_organization(std::move(to), *done, done->version == 1 ? 201 : 200);
      }));
}

}  // namespace usher::net
