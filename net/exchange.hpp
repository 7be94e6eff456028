// One request and the way back to its caller.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "domain/error.hpp"
#include "net/http.hpp"

namespace usher::net {

/// What the session gives to a handler.
class exchange {
 public:
  virtual ~exchange() = default;
  /// Unchanged until the answer.
  [[nodiscard]] virtual const request& in() const noexcept = 0;
  /// Any thread, once.
  virtual void answer(response what) = 0;
  /// An empty string with the capacity of an earlier body. Only before the answer.
  [[nodiscard]] virtual std::string take_buffer() noexcept = 0;
};

/// A move-only one-shot: the right to answer one request, and the duty. Dropped without an answer, it answers 503: the
/// outcome is not known.
class responder {
 public:
  explicit responder(std::shared_ptr<exchange> to) noexcept : to_(std::move(to)) {}
  responder(responder&&) noexcept = default;
  responder& operator=(responder&&) = delete;
  ~responder() {
    if (to_) fail(domain::error(domain::errc::unavailable));
  }

  [[nodiscard]] const request& in() const noexcept { return to_->in(); }
  /// A response with a recycled body.
  [[nodiscard]] response make(int status) {
    response out;
    out.status = status;
    out.body = to_->take_buffer();
    return out;
  }
  void send(response what) { std::exchange(to_, nullptr)->answer(std::move(what)); }
  /// Answers with the problem document of an error.
  void fail(const domain::error& why);

 private:
  std::shared_ptr<exchange> to_;
};

}  // namespace usher::net
