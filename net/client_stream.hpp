// A client's connection, plain or under TLS. Plain ones pay a branch for the choice.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <utility>

#include "net/asio.hpp"
#include "net/tls.hpp"

namespace usher::net {

class client_stream {
 public:
  /// Under TLS when there is an identity.
  client_stream(stream_socket socket, const tls_identity& identity) : socket_(std::move(socket)) {
    if (!identity) return;
    SSL_CTX_up_ref(identity.get());
    asio::ssl::context context(identity.get());  // gives back the reference that it takes over
    tls_ = std::make_unique<tls_stream>(socket_, context);
  }

  /// What is below: to close, to cancel, to look at; never to read or to write under TLS.
  [[nodiscard]] stream_socket& socket() noexcept { return socket_; }
  [[nodiscard]] const stream_socket& socket() const noexcept { return socket_; }
  [[nodiscard]] bool is_tls() const noexcept { return tls_ != nullptr; }
  [[nodiscard]] executor get_executor() noexcept { return socket_.get_executor(); }

  /// Under TLS only.
  /// @{
  template <class Token>
  auto async_handshake(Token&& token) {
    return tls_->async_handshake(asio::ssl::stream_base::server, std::forward<Token>(token));
  }
  template <class Token>
  auto async_shutdown(Token&& token) {
    return tls_->async_shutdown(std::forward<Token>(token));
  }
  /// @}

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& space, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto done, const Buffers& into) {
          if (tls_)
            tls_->async_read_some(into, std::move(done));
          else
            socket_.async_read_some(into, std::move(done));
        },
        token, space);
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& bytes, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto done, const Buffers& from) {
          if (tls_)
            tls_->async_write_some(from, std::move(done));
          else
            socket_.async_write_some(from, std::move(done));
        },
        token, bytes);
  }

 private:
  using tls_stream = asio::ssl::stream<stream_socket&>;

  stream_socket socket_;
  std::unique_ptr<tls_stream> tls_;
};

}  // namespace usher::net
