// Any bytes as what a client sends: the head is found, parsed and judged, the route, the token and the parameters are
// looked at, the handler is called on a desk in memory, and the answer is written. No socket. A token `a` is an
// admin's, `s` a supervisor's of one organization, `c` a customer's.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "../net/fake_desk.hpp"
#include "net/guard.hpp"
#include "net/head_parser.hpp"
#include "net/load_shedding.hpp"
#include "net/response_writer.hpp"
#include "net/router.hpp"
#include "tests/fuzz/hold.hpp"

using namespace usher;
using test::hold;

namespace {

/// The way back to a client that is not there.
class to_nowhere final : public net::exchange {
 public:
  explicit to_nowhere(const net::request& in) : in_(in) {}
  [[nodiscard]] const net::request& in() const noexcept override { return in_; }
  void answer(net::response what) override {
    hold(!given);
    given = std::move(what);
  }
  [[nodiscard]] std::string take_buffer() noexcept override { return {}; }

  std::optional<net::response> given;

 private:
  const net::request& in_;
};

class no_webhooks final : public domain::webhook_guard {
 public:
  [[nodiscard]] domain::result<void> check_url(std::string_view) const override {
    return domain::fail(domain::errc::invalid);
  }
  [[nodiscard]] std::string new_secret() const override { return "whsec_c2VjcmV0"; }
  [[nodiscard]] domain::result<std::string> parse_secret(std::string_view) const override {
    return domain::fail(domain::errc::invalid);
  }
};

struct front {
  domain::system_clock_port clock;
  test::fake_desk desk{clock};
  net::token_verifier verifier{{net::jwt_key::from_secret("0123456789abcdef0123456789abcdef").value()}};
  net::rate_limiter rates{0, 0, 0};
  net::overload_gate gate;
  no_webhooks webhooks;
  net::front_door door;
  net::router routes{net::all_routes()};
  net::services with;

  front() : door(make_door()), with(door) {
    const auto until = clock.now() + std::chrono::hours(24 * 365);
    const auto home = domain::organization_id::parse("0197a000-0000-7000-8000-00000000000a");
    with.tokens.add("a", {{"admin", domain::role::admin, {}}, until});
    with.tokens.add("s", {{"supervisor", domain::role::supervisor, home}, until});
    with.tokens.add("c", {{"customer", domain::role::requester, home}, until});
  }

  net::front_door make_door() {
    net::front_door out;
    out.desk = &desk;
    out.clock = &clock;
    out.tokens = &verifier;
    out.webhooks = &webhooks;
    out.rates = &rates;
    out.gate = &gate;
    out.metrics_text = [] { return std::string("usher_up 1\n"); };
    return out;
  }
};

/// The answer as bytes: one head, no line that the headers have not.
void write(const net::response& what, const net::request& in) {
  std::string out;
  net::write_response(out, what,
                      {.request_id = "r", .date = "d", .head_only = in.how == net::method::head, .close = what.close});
  hold(out.starts_with("HTTP/1.1 "));
  hold(what.status >= 200 && what.status <= 599);
  const auto end = out.find("\r\n\r\n");
  hold(end != std::string::npos);
  const auto head = std::string_view(out).substr(0, end);
  for (std::size_t i = 0; i < head.size(); ++i)
    if (head[i] == '\n') hold(i > 0 && head[i - 1] == '\r');
}

void serve(front& at, net::request& in, std::string_view rest) {
  const net::route* found = nullptr;
  if (auto early = net::admit(at.routes, at.with, in, found)) return write(*early, in);
  hold(found != nullptr);
  const auto& traits = at.routes.traits(in.route);
  hold(!net::refuse_before_body(at.with, in, traits, rest.size()));
  in.body = rest.substr(0, static_cast<std::size_t>(in.head.content_length.value_or(0)));
  net::desk_place place;
  hold(!net::take_place(at.with, in, traits, place));
  if (in.path.starts_with("/csat/")) return;  // links need a key of their own
  const auto back = std::make_shared<to_nowhere>(in);
  found->call(in, at.with, net::responder(back));
  if (back->given) write(*back->given, in);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static front at;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::size_t resume = 0;
  const auto scan = net::scan_head(bytes, resume);
  hold(resume <= bytes.size());
  // In two parts it is found where it is found in one.
  std::size_t later = 0;
  const auto first = net::scan_head(bytes.substr(0, size / 2), later);
  if (first.what == net::head_scan::outcome::incomplete) hold(net::scan_head(bytes, later).what == scan.what);
  if (scan.what != net::head_scan::outcome::complete) return 0;
  hold(scan.size <= bytes.size());
  net::request in;
  in.request_id = "r";
  in.remote = "192.0.2.1";
  in.received_at = std::chrono::steady_clock::now();
  const bool parsed = net::parse_head(bytes.substr(0, scan.size), in.head);
  if (!parsed) {
    hold(net::refuse_malformed(in.head).close);
    return 0;
  }
  if (const auto no = net::check_head(in.head, at.door.bounds)) {
    hold(no->close && no->status >= 400);
    return 0;
  }
  hold(!in.head.transfer_encoding && !in.head.folded && in.head.duplicate.empty());
  in.how = in.head.how;
  const auto question = in.head.target.find('?');
  in.path = in.head.target.substr(0, question);
  if (question != std::string_view::npos) in.query = in.head.target.substr(question + 1);
  serve(at, in, bytes.substr(scan.size));
  return 0;
}
