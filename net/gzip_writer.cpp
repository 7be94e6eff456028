#include "net/gzip_writer.hpp"

#include <zlib.h>

#include <limits>

namespace usher::net {

namespace {

/// The quickest: JSON shrinks to a fifth already, and the io thread has other sessions to serve.
constexpr int level = 1;
constexpr int gzip_window_bits = 15 + 16;
constexpr int memory_level = 8;
/// Capacity that is kept for the next body.
constexpr std::size_t output_bytes_kept_max = 64 * 1024;

}  // namespace

bool is_compressible(const response& what) noexcept {
  const auto type = what.content_type;
  if (what.body.size() <= plain_body_bytes_max) return false;
  if (what.headers.find("Content-Encoding:") != std::string::npos) return false;
  if (type.starts_with("text/")) return !type.starts_with("text/event-stream");
  return type.starts_with("application/json") || type.starts_with("application/problem+json") ||
         type.starts_with("application/javascript") || type.starts_with("image/svg+xml");
}

void gzip_writer::closer::operator()(z_stream_s* stream) const noexcept {
  deflateEnd(stream);
  delete stream;
}

gzip_writer::gzip_writer() {
  auto made = std::make_unique<z_stream_s>();
  if (deflateInit2(made.get(), level, Z_DEFLATED, gzip_window_bits, memory_level, Z_DEFAULT_STRATEGY) == Z_OK)
    stream_.reset(made.release());
}

gzip_writer::~gzip_writer() = default;

void gzip_writer::compress(response& what) {
  if (!stream_ || what.body.size() > std::numeric_limits<uInt>::max() / 2) return;
  if (deflateReset(stream_.get()) != Z_OK) return;
  const auto room = deflateBound(stream_.get(), what.body.size());
  stream_->next_in = reinterpret_cast<Bytef*>(what.body.data());
  stream_->avail_in = static_cast<uInt>(what.body.size());
  int ended = Z_STREAM_ERROR;
  output_.resize_and_overwrite(room, [&](char* to, std::size_t size) {
    stream_->next_out = reinterpret_cast<Bytef*>(to);
    stream_->avail_out = static_cast<uInt>(size);
    ended = deflate(stream_.get(), Z_FINISH);
    return size - stream_->avail_out;
  });
  if (ended != Z_STREAM_END || output_.size() >= what.body.size()) return;
  // The plain body's capacity stays here, for the next one.
  what.body.swap(output_);
  what.headers += "Content-Encoding: gzip\r\n";
  if (output_.capacity() > output_bytes_kept_max) std::string().swap(output_);
}

}  // namespace usher::net
