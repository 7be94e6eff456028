// Reads a TOML table key by key, and complains about what nobody asked for.
#pragma once

#include <toml++/toml.h>

#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "loadtest/scenario.hpp"

namespace usher::load {

/// Every complaint is a std::runtime_error that names the place.
class table_reader {
 public:
  /// `where` is for complaints, e.g. `stages[2]`.
  table_reader(const toml::table& from, std::string where) : from_(from), where_(std::move(where)) {}

  void read(std::string_view key, std::string& out);
  void read(std::string_view key, bool& out);
  void read(std::string_view key, double& out, double least, double most);
  void read(std::string_view key, std::size_t& out, std::size_t least, std::size_t most);
  void read(std::string_view key, nanoseconds& out);
  /// One text or a list of them.
  void read(std::string_view key, std::vector<std::string>& out);
  void read(std::string_view key, std::vector<int>& out);
  /// A duration, or a pair of the least and the most.
  void read(std::string_view key, pause& out);
  /// A rate, or a pair of the first and the last.
  void read_rates(double& from, double& to);
  void read(std::string_view key, std::vector<threshold>& out);

  /// A table within; an empty one when it is absent.
  [[nodiscard]] table_reader table(std::string_view key);
  /// The tables of an array of tables.
  [[nodiscard]] std::vector<table_reader> tables(std::string_view key, std::size_t most);

  [[nodiscard]] bool has(std::string_view key) const { return from_.contains(key); }
  void must_have(std::string_view key) const {
    if (!has(key)) fail(key, "is missing");
  }
  /// To be called last: a key that was not read is a mistake.
  void done() const;
  [[noreturn]] void fail(std::string_view key, const std::string& why) const;

 private:
  [[nodiscard]] const toml::node* node(std::string_view key);
  [[nodiscard]] nanoseconds duration(std::string_view key, const toml::node& from) const;
  [[nodiscard]] double number(std::string_view key, const toml::node& from, double least, double most) const;

  const toml::table& from_;
  std::string where_;
  std::set<std::string, std::less<>> read_;
};

}  // namespace usher::load
