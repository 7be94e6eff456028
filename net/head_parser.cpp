#include "net/head_parser.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <cstdint>

namespace usher::net {

namespace http = boost::beast::http;

namespace {

bool is_plain_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Beast's parser, told to hand over what it reads as views instead of building a message: no allocation a header.
class view_parser final : public http::basic_parser<true> {
 public:
  view_parser(std::string_view text, request_head& out) : text_(text), out_(out) {
    // The session judges sizes, before and after; a limit here would hide which one was broken.
    header_limit(static_cast<std::uint32_t>(text.size() + 1));
    body_limit(boost::none);
  }

  bool run() {
    boost::system::error_code ec;
    put(boost::asio::const_buffer(text_.data(), text_.size()), ec);
    if (ec || !is_header_done()) return false;
    out_.keep_alive = keep_alive();
    if (const auto length = content_length()) out_.content_length = *length;
    // A value that begins after its fold is handed over as any other.
    for (const std::string_view fold : {"\n ", "\n\t"})
      out_.folded = out_.folded || text_.find(fold) != std::string_view::npos;
    return true;
  }

 private:
  using error_code = boost::system::error_code;
  using beast_text = boost::core::string_view;

  static std::string_view view(beast_text t) { return {t.data(), t.size()}; }

  void on_request_impl(http::verb, beast_text word, beast_text target, int version, error_code&) override {
    out_.how = net::parse_method(view(word));
    out_.target = view(target);
    out_.http_1_0 = version == 10;
  }

  void on_field_impl(http::field name, beast_text word, beast_text value, error_code&) override {
    ++out_.fields;
    // A folded value has been copied into the parser: no view of it may stay.
    if (value.data() < text_.data() || value.data() + value.size() > text_.data() + text_.size()) {
      out_.folded = true;
      return;
    }
    take(name, view(word), view(value));
  }

  void take(http::field name, std::string_view word, std::string_view value) {
    switch (name) {
      case http::field::host:
        ++out_.hosts;
        out_.host = value;
        break;
      case http::field::authorization:
        once(0, word, out_.authorization, value);
        break;
      case http::field::content_type:
        once(1, word, out_.content_type, value);
        break;
      case http::field::if_match:
        out_.has_if_match = true;
        once(2, word, out_.if_match, value);
        break;
      case http::field::content_length:
        once(3, word, ignored_, value);
        // Beast takes "5, 5" for 5; others take it for a list, or for nothing.
        out_.odd_length = value.empty() || value.size() > 19 || !std::ranges::all_of(value, is_plain_digit);
        break;
      case http::field::expect:
        once(4, word, out_.expect, value);
        break;
      case http::field::if_none_match:
        once(5, word, out_.if_none_match, value);
        break;
      case http::field::accept:
        out_.accept = value;
        break;
      case http::field::accept_encoding:
        out_.codings.add(value);
        break;
      case http::field::transfer_encoding:
        out_.transfer_encoding = true;
        break;
      case http::field::content_encoding:
        out_.content_encoding = true;
        break;
      case http::field::origin:
        out_.origin = value;
        break;
      case http::field::cookie:
        once(8, word, out_.cookie, value);
        break;
      case http::field::access_control_request_method:
        out_.asks_cors_method = true;
        break;
      case http::field::sec_fetch_site:
        once(10, word, out_.fetch_site, value);
        break;
      case http::field::trailer:
        out_.trailer = true;
        break;
      case http::field::unknown:
        take_unknown(word, value);
        break;
      default:
        break;
    }
  }

  void take_unknown(std::string_view word, std::string_view value) {
    const auto is = [word](std::string_view name) {
      return boost::beast::iequals(beast_text(word.data(), word.size()), beast_text(name.data(), name.size()));
    };
    if (is("Idempotency-Key")) {
      out_.has_idempotency_key = true;
      once(6, word, out_.idempotency_key, value);
    } else if (is("X-Request-Id")) {
      out_.request_id = value;
    } else if (is("Last-Event-ID")) {
      out_.last_event_id = value;
    } else if (is("X-Break-Glass")) {
      once(7, word, out_.break_glass, value);
    } else if (is("X-CSRF-Token")) {
      once(9, word, out_.csrf_token, value);
    } else if (is("traceparent")) {
      out_.traceparent = value;
    } else if (is("X-Forwarded-For")) {
      auto& lines = out_.forwarded_for;
      if (out_.forwarded == lines.size())
        std::shift_left(lines.begin(), lines.end(), 1);
      else
        ++out_.forwarded;
      lines[out_.forwarded - 1] = value;
    }
  }

  /// A header that may come once.
  void once(unsigned bit, std::string_view word, std::string_view& field, std::string_view value) {
    const auto mask = 1U << bit;
    if ((seen_ & mask) != 0 && out_.duplicate.empty()) out_.duplicate = word;
    seen_ |= mask;
    field = value;
  }

  void on_response_impl(int, beast_text, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast_text, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, beast_text, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast_text, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}

  std::string_view text_;
  request_head& out_;
  std::string_view ignored_;
  unsigned seen_ = 0;
};

}  // namespace

head_scan scan_head(std::string_view received, std::size_t& resume) noexcept {
  using outcome = head_scan::outcome;
  if (received == "\r") return {};  // half of a line break too many
  if (!received.empty() && (received[0] < 'A' || received[0] > 'z')) return {outcome::hopeless, 0};
  for (std::size_t i = resume; i < received.size(); ++i) {
    const auto byte = static_cast<unsigned char>(received[i]);
    if (byte > '\r' || byte == '\t') continue;
    if (byte == '\r') {
      if (i + 1 == received.size()) {
        resume = i;
        return {};
      }
      if (received[i + 1] != '\n') return {outcome::hopeless, 0};
      if (i >= 2 && received[i - 1] == '\n') return {outcome::complete, i + 2};
      ++i;
      continue;
    }
    return {outcome::hopeless, 0};
  }
  resume = received.size();
  return {};
}

bool parse_head(std::string_view text, request_head& out) { return view_parser(text, out).run(); }

}  // namespace usher::net
