// Tokens of people who use a desk.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <tuple>

namespace usher::test {

/// Asks `usher token` for each role, person and organization once. Thread-safe.
class tokens {
 public:
  explicit tokens(std::filesystem::path data) : data_(std::move(data)) {}

  /// `organization` may be empty for staff.
  [[nodiscard]] std::string of(const std::string& role, const std::string& sub, const std::string& organization = "");

 private:
  std::filesystem::path data_;
  std::mutex mutex_;
  std::map<std::tuple<std::string, std::string, std::string>, std::string> made_;
};

}  // namespace usher::test
