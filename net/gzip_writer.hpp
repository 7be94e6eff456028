// Bodies in gzip (RFC 1952), by zlib: Beast's own deflate has no gzip framing.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "net/http.hpp"

struct z_stream_s;

namespace usher::net {

/// Bodies up to this size go out as they are (contract, section 2).
inline constexpr std::size_t plain_body_bytes_max = 1024;

/// Whether a response may be sent in gzip to those who take it: long enough, of a type that shrinks, not a stream of
/// events, and not encoded already.
[[nodiscard]] bool is_compressible(const response& what) noexcept;

/// One an io thread: about 270 kB of state that is used again and again. Not thread-safe.
class gzip_writer {
 public:
  gzip_writer();
  ~gzip_writer();
  gzip_writer(const gzip_writer&) = delete;
  gzip_writer& operator=(const gzip_writer&) = delete;

  /// Replaces the body by its gzip form and says so in the headers. Leaves it as it is when zlib fails, or when it
  /// would not shrink.
  void compress(response& what);

 private:
  struct closer {
    void operator()(z_stream_s* stream) const noexcept;
  };

  std::unique_ptr<z_stream_s, closer> stream_;  ///< null when zlib got no memory: everything goes out plain then
  std::string output_;
};

}  // namespace usher::net
