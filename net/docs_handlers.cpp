#include <algorithm>

#include "net/embedded_files.hpp"
#include "net/handlers.hpp"
#include "net/preconditions.hpp"

namespace usher::net {

namespace {

constexpr std::string_view document_name = "openapi.json";
constexpr std::string_view page_name = "docs.html";
/// The console's files have names of their own: no other route shows them.
constexpr std::string_view console_folder = "console/";
constexpr std::string_view console_name = "console/console.html";

/// What the page may do: its own scripts, styles and requests, and pictures inside its style sheet. Its renderer styles
/// elements one by one.
constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src "
    "'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The console shows what customers have written: not even a style may stand in its markup.
constexpr std::string_view console_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

void send_file(responder to, const embedded_file* file, std::string_view policy) {
  if (file == nullptr) return to.fail(domain::error(domain::errc::not_found));
  const bool unchanged = none_match_names(to.in().head.if_none_match, file->etag);
  response out;
  out.status = unchanged ? 304 : 200;
  out.content_type = file->content_type;
  add_header(out, "ETag", file->etag);
  if (!unchanged && !policy.empty()) add_header(out, "Content-Security-Policy", policy);
  const bool compressed = !unchanged && to.in().head.codings.prefers_gzip();
  if (compressed) add_header(out, "Content-Encoding", "gzip");
  if (!unchanged) out.constant_body = compressed ? file->gzip : file->bytes;
  to.send(std::move(out));
}

}  // namespace

const embedded_file* find_embedded_file(std::string_view name) noexcept {
  const auto all = embedded_files();
  const auto found = std::ranges::find(all, name, &embedded_file::name);
  return found == all.end() ? nullptr : &*found;
}

void serve_openapi(const request&, services&, responder to) {
  send_file(std::move(to), find_embedded_file(document_name), {});
}

void serve_docs(const request&, services&, responder to) {
  send_file(std::move(to), find_embedded_file(page_name), page_policy);
}

void serve_docs_file(const request& in, services&, responder to) {
  const auto name = in.path_parameters[0];
  const bool part = name != document_name && name != page_name;
  send_file(std::move(to), part ? find_embedded_file(name) : nullptr, page_policy);
}

void serve_front_page(const request&, services&, responder to) {
  send_file(std::move(to), find_embedded_file(console_name), console_policy);
}

void serve_console_file(const request& in, services&, responder to) {
  const auto name = std::string(console_folder).append(in.path_parameters[0]);
  send_file(std::move(to), name == console_name ? nullptr : find_embedded_file(name), console_policy);
}

}  // namespace usher::net
