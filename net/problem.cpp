#include "net/problem.hpp"

#include <array>

#include "domain/json_writer.hpp"
#include "net/exchange.hpp"

namespace usher::net {

namespace {

struct mapping {
  domain::errc code;
  int status;
  int retry_after;
};

using domain::errc;

constexpr std::array<mapping, domain::errc_count> table{{
    {errc::invalid, 422, 0},
    {errc::bad_cursor, 400, 0},
    {errc::not_found, 404, 0},
    {errc::forbidden, 403, 0},
    {errc::conflict, 409, 0},
    {errc::version_mismatch, 412, 0},
    {errc::idempotency_key_reused, 422, 0},
    {errc::idempotency_in_flight, 409, 1},
    {errc::overloaded, 503, 1},
    {errc::unavailable, 503, 2},
    {errc::timed_out, 503, 2},
    {errc::quarantined, 503, 30},
    {errc::shutting_down, 503, 2},
    {errc::frozen, 423, 0},
    {errc::rejected_by_store, 422, 0},
    {errc::internal, 500, 0},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].code) != i) return false;
  return true;
}
static_assert(in_order(), "the table is indexed by the code");

const mapping& row(errc code) noexcept {
  const auto index = static_cast<std::size_t>(code);
  return table[index < table.size() ? index : table.size() - 1];
}

/// What a problem document is made of.
struct parts {
  int status;
  std::string_view code;
  std::string_view detail;
  const std::vector<domain::field_error>& fields;
  std::string_view list_name{};
  std::string_view list{};
};

response write_problem(const parts& what, const request& in, std::string buffer) {
  response out;
  out.status = what.status;
  out.content_type = problem_content;
  out.body = std::move(buffer);
  domain::json_writer w(out.body);
  w.begin_object();
  w.key("type");
  std::string type = "urn:usher:problem:";
  type += what.code;
  w.value(type);
  w.member("title", reason_of(what.status));
  w.member("status", what.status);
  w.member("detail", what.detail);
  w.member("instance", in.path);
  w.member("code", what.code);
  w.member("request_id", in.request_id);
  if (!what.fields.empty()) {
    w.key("errors");
    w.begin_array();
    for (const auto& field : what.fields) {
      w.begin_object();
      w.member("pointer", field.pointer);
      w.member("detail", field.detail);
      w.end_object();
    }
    w.end_array();
  }
  if (!what.list_name.empty()) w.raw_member(what.list_name, what.list);
  w.end_object();
  return out;
}

}  // namespace

int status_of(errc code) noexcept { return row(code).status; }
int retry_after_seconds(errc code) noexcept { return row(code).retry_after; }

std::string_view reason_of(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 423:
      return "Locked";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

response make_problem(const domain::error& why, const request& in, std::string buffer) {
  auto out =
      write_problem({status_of(why.code), domain::to_word(why.code), why.detail, why.fields}, in, std::move(buffer));
  const auto seconds = why.retry_after.count() > 0 ? why.retry_after.count() : retry_after_seconds(why.code);
  if (seconds > 0) add_header(out, "Retry-After", std::to_string(seconds));
  return out;
}

std::string problem_text(const domain::error& why, const request& in) {
  return write_problem({status_of(why.code), domain::to_word(why.code), why.detail, why.fields}, in, {}).body;
}

response make_problem(const refusal& why, const request& in, std::string buffer) {
  auto out =
      write_problem({why.status, why.code, why.detail, why.fields, why.list_name, why.list}, in, std::move(buffer));
  out.close = why.close;
  out.headers += why.headers;
  return out;
}

void responder::fail(const domain::error& why) { send(make_problem(why, in(), to_->take_buffer())); }

}  // namespace usher::net
