// Files that are built into the program: the OpenAPI document, the page that shows it, and the console.
#pragma once

#include <span>
#include <string_view>

namespace usher::net {

/// One file. All of it lives as long as the program.
struct embedded_file {
  std::string_view name;
  std::string_view content_type;
  std::string_view etag;  ///< quoted; a hash of the content
  std::string_view bytes;
  std::string_view gzip;  ///< the same, compressed
};

/// All of them, in a source that the build writes (cmake/embed_files.py).
[[nodiscard]] std::span<const embedded_file> embedded_files() noexcept;

/// Null when there is none of that name.
[[nodiscard]] const embedded_file* find_embedded_file(std::string_view name) noexcept;

}  // namespace usher::net
