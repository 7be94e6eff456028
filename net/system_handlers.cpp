#include "domain/json_writer.hpp"
#include "net/handlers.hpp"

namespace usher::net {

void serve_live(const request&, services&, responder to) {
  auto out = to.make(200);
  out.body += R"({"status":"alive"})";
  to.send(std::move(out));
}

void serve_ready(const request&, services& with, responder to) {
  const auto health = with.desk().health();
  auto out = to.make(health.ready() ? 200 : 503);
  if (!health.ready()) add_header(out, "Retry-After", "1");
  domain::json_writer w(out.body);
  w.begin_object();
  w.member("status", health.ready()      ? "ready"
                     : health.draining   ? "draining"
                     : !health.recovered ? "recovering"
                                         : "store_unreachable");
  w.member("recovered", health.recovered);
  w.member("loaded", health.tickets_loaded);
  w.member("expected", health.tickets_expected);
  w.member("store", health.store_reachable ? "reachable" : "unreachable");
  w.end_object();
  to.send(std::move(out));
}

void serve_version(const request&, services& with, responder to) {
  auto out = to.make(200);
  domain::json_writer w(out.body);
  w.begin_object();
  w.member("name", "usher");
  w.member("version", with.door.version);
  w.key("commit");
  with.door.commit.empty() ? w.value(nullptr) : w.value(with.door.commit);
  w.end_object();
  to.send(std::move(out));
}

void serve_metrics(const request&, services& with, responder to) {
  auto out = to.make(200);
  out.content_type = "text/plain; version=0.0.4; charset=utf-8";
  if (with.door.metrics_text) out.body = with.door.metrics_text();
  to.send(std::move(out));
}

}  // namespace usher::net
