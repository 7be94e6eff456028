// The model that a desk has trained for itself: kept in its data directory, beside the one before it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "classifier/model.hpp"

namespace usher::app {

/// Refused: a file that can't be read, or is damaged or of another format; the file is named.
[[nodiscard]] domain::result<std::shared_ptr<const classifier::model>> load_model(const std::filesystem::path& file);

/// DATA/model.bin and DATA/model.previous.bin.
class desk_model {
 public:
  explicit desk_model(std::filesystem::path data) : data_(std::move(data)) {}

  [[nodiscard]] bool exists() const;
  /// The desk's own model, or the one that is built in where it has none. Refused: what can't be read or is damaged.
  [[nodiscard]] domain::result<std::shared_ptr<const classifier::model>> load() const;
  /// Puts `bytes` in its place, whole or not at all, and keeps what was there.
  [[nodiscard]] domain::result<void> replace(const std::string& bytes) const;
  /// Back to the model before: the kept one, or the one that is built in. Refused when the desk has none of its own.
  [[nodiscard]] domain::result<void> revert() const;

 private:
  [[nodiscard]] std::filesystem::path now() const { return data_ / "model.bin"; }
  [[nodiscard]] std::filesystem::path before() const { return data_ / "model.previous.bin"; }

  std::filesystem::path data_;
};

}  // namespace usher::app
