// Unpacks what came in gzip.
#pragma once

#include <zlib.h>

#include <stdexcept>
#include <string>

namespace usher::test {

/// Throws `std::runtime_error` when it is not one whole gzip member.
inline std::string gunzip(const std::string& packed) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) throw std::runtime_error("zlib has no memory");
  std::string copy = packed;
  std::string out(std::size_t{1} << 22U, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(copy.data());
  stream.avail_in = static_cast<uInt>(copy.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int ended = inflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  const bool whole = ended == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  if (!whole) throw std::runtime_error("this is not one gzip member");
  return out;
}

}  // namespace usher::test
