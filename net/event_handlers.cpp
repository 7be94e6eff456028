// The desk's events as Server-Sent Events.
#include "net/handler_tools.hpp"
#include "net/handlers.hpp"
#include "net/list_query.hpp"

namespace usher::net {

void stream_events(const request& in, services& with, responder to) {
  auto filter = read_event_filter(in);
  if (!filter) return refuse(std::move(to), filter.error());
  auto source = with.desk().follow(std::move(*filter), *in.caller, in.head.last_event_id);
  if (!source) return to.fail(source.error());
  response out;
  out.status = 200;
  out.content_type = event_stream_content;
  add_header(out, "X-Accel-Buffering", "no");  // a proxy that gathers answers would hold events back
  out.events = std::move(*source);
  to.send(std::move(out));
}

}  // namespace usher::net
