#include "outbox/http_client.hpp"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <new>

namespace usher::outbox {

using domain::errc;
using domain::fail;
using domain::milliseconds;

namespace {

/// More addresses of a name than these are not tried.
constexpr std::size_t addresses_tried_max = 8;

struct easy_cleanup {
  void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};
struct list_cleanup {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using easy_handle = std::unique_ptr<CURL, easy_cleanup>;

class string_list {
 public:
  void add(const std::string& text) {
    auto* grown = curl_slist_append(list_.get(), text.c_str());
    if (grown == nullptr) throw std::bad_alloc();
    (void)list_.release();
    list_.reset(grown);
  }
  [[nodiscard]] curl_slist* get() const noexcept { return list_.get(); }

 private:
  std::unique_ptr<curl_slist, list_cleanup> list_;
};

/// One request under way: what libcurl's callbacks read and fill.
class transfer {
 public:
  transfer(const http_limits& limits, std::vector<address> checked, const std::stop_token& stop)
      : limits_(limits), checked_(std::move(checked)), stop_(stop), easy_(curl_easy_init()) {
    if (!easy_) throw std::bad_alloc();
  }

  http_answer run(const http_request& request, const target& where, steady_time deadline) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left <= milliseconds{0}) return failed(http_failure::timed_out, "The time was up before it could be sent.");
    set_where(where);
    set_what(request);
    set_limits(left);
    return answer(curl_easy_perform(easy_.get()));
  }

 private:
  template <class T>
  void set(CURLoption option, T value) {
    if (curl_easy_setopt(easy_.get(), option, value) == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  }

  static http_answer failed(http_failure failure, std::string detail) {
    http_answer out;
    out.failure = failure;
    out.detail = std::move(detail);
    return out;
  }

  void set_where(const target& where) {
    set(CURLOPT_URL, where.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_FRESH_CONNECT, 1L);
    set(CURLOPT_FORBID_REUSE, 1L);
    set(CURLOPT_OPENSOCKETFUNCTION, &transfer::open_socket);
    set(CURLOPT_OPENSOCKETDATA, this);
    if (where.literal) return;
    std::string pinned = where.host + ":" + std::to_string(where.port) + ":";
    for (std::size_t i = 0; i < std::min(checked_.size(), addresses_tried_max); ++i) {
      if (i > 0) pinned += ',';
      pinned += checked_[i].v6 ? "[" + to_string(checked_[i]) + "]" : to_string(checked_[i]);
    }
    pinned_.add(pinned);
    set(CURLOPT_RESOLVE, pinned_.get());
  }

  void set_what(const http_request& request) {
    if (request.method == http_request::verb::post) {
      set(CURLOPT_POST, 1L);
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      set(CURLOPT_POSTFIELDS, request.body.data());
      headers_.add("Expect:");  // no waiting for a "100 Continue"
    }
    for (const auto& header : request.headers) headers_.add(header);
    set(CURLOPT_HTTPHEADER, headers_.get());
    set(CURLOPT_USERAGENT, "Usher");
    if (request.user.empty()) return;
    set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    set(CURLOPT_USERNAME, request.user.c_str());
    set(CURLOPT_PASSWORD, request.password.c_str());
  }

  void set_limits(milliseconds left) {
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(limits_.connect_max, left).count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &transfer::progress);
    set(CURLOPT_XFERINFODATA, this);
    set(CURLOPT_HEADERFUNCTION, &transfer::take_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &transfer::take_body);
    set(CURLOPT_WRITEDATA, this);
  }

  http_answer answer(CURLcode code) {
    if (head_complete_) return answered();
    if (refused_) return failed(http_failure::refused, "The address is not one of those that were checked.");
    if (stop_.stop_requested()) return failed(http_failure::stopped, "Stopped before an answer came.");
    return failed(failure_of(code), std::string(curl_easy_strerror(code)) + ".");
  }

  http_answer answered() {
    http_answer out;
    out.status = status();
    out.body = std::move(body_);
    curl_off_t seconds = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RETRY_AFTER, &seconds);
    if (seconds > 0) {
      constexpr curl_off_t year = 366 * 24 * 3600;
      out.retry_after = std::chrono::seconds{std::min(seconds, year)};
    }
    return out;
  }

  [[nodiscard]] int status() const {
    long code = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &code);
    return static_cast<int>(code);
  }

  static http_failure failure_of(CURLcode code) {
    switch (code) {
      case CURLE_OPERATION_TIMEDOUT:
        return http_failure::timed_out;
      case CURLE_COULDNT_RESOLVE_HOST:
        return http_failure::unresolved;
      case CURLE_COULDNT_CONNECT:
      case CURLE_SSL_CONNECT_ERROR:
      case CURLE_PEER_FAILED_VERIFICATION:
        return http_failure::unconnected;
      case CURLE_URL_MALFORMAT:
        return http_failure::refused;
      default:
        return http_failure::broken;
    }
  }

  // The last word on where a connection goes: no address that was not checked, whatever the library made of the URL.
  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* to) {
    auto& me = *static_cast<transfer*>(self);
    const auto a = from_sockaddr(to->addr);
    if (!a || std::ranges::find(me.checked_, *a) == me.checked_.end()) {
      me.refused_ = true;
      return CURL_SOCKET_BAD;
    }
    return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
  }

  static int progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<transfer*>(self)->stop_.stop_requested() ? 1 : 0;
  }

  static std::size_t take_header(char* data, std::size_t, std::size_t size, void* self) {
    auto& me = *static_cast<transfer*>(self);
    me.header_bytes_ += size;
    if (me.header_bytes_ > me.limits_.response_bytes_max) return 0;
    const std::string_view line(data, size);
    if ((line == "\r\n" || line == "\n") && me.status() >= 200) me.head_complete_ = true;
    return size;
  }

  static std::size_t take_body(char* data, std::size_t, std::size_t size, void* self) {
    auto& me = *static_cast<transfer*>(self);
    const auto room = me.limits_.response_bytes_max - me.body_.size();
    me.body_.append(data, std::min(size, room));
    return size <= room ? size : 0;
  }

  http_limits limits_;
  std::vector<address> checked_;
  std::stop_token stop_;
  easy_handle easy_;
  string_list pinned_;
  string_list headers_;
  std::string body_;
  std::size_t header_bytes_ = 0;
  bool head_complete_ = false;
  bool refused_ = false;
};

http_failure failure_of(errc code) {
  switch (code) {
    case errc::invalid:
    case errc::forbidden:
      return http_failure::refused;
    case errc::timed_out:
      return http_failure::timed_out;
    case errc::shutting_down:
      return http_failure::stopped;
    case errc::overloaded:
      return http_failure::busy;
    default:
      return http_failure::unresolved;
  }
}

http_answer failed(domain::error&& why) {
  http_answer out;
  out.failure = failure_of(why.code);
  out.detail = std::move(why.detail);
  return out;
}

}  // namespace

http_client::http_client(egress_policy policy, http_limits limits, resolver look_up)
    : policy_(std::move(policy)), limits_(limits), look_up_(std::move(look_up)) {}

domain::result<std::vector<address>> http_client::addresses_of(const target& where, steady_time deadline,
                                                               const std::stop_token& stop) const {
  auto found = where.literal ? domain::result<std::vector<address>>(std::vector{*where.literal})
                             : look_up_(where.host, deadline, stop);
  if (!found) return found;
  if (found->empty()) return fail(errc::not_found, "The name has no address.");
  for (const auto& a : *found) {
    if (auto why = policy_.refusal(a, where.port, where.https)) return fail(errc::forbidden, std::move(*why));
  }
  return found;
}

http_answer http_client::send(const http_request& request, const std::stop_token& stop) const {
  const auto deadline = std::chrono::steady_clock::now() + limits_.total_max;
  auto where = parse_target(request.url);
  if (!where) return failed(std::move(where.error()));
  auto checked = addresses_of(*where, deadline, stop);
  if (!checked) return failed(std::move(checked.error()));
  return transfer(limits_, std::move(*checked), stop).run(request, *where, deadline);
}

}  // namespace usher::outbox
