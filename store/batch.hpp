// Many writes as a few statements of one transaction, and what the answers say about each write.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/connection.hpp"
#include "store/rows.hpp"

namespace usher::store {

/// A write of a batch that the database did not take, by its place in the batch.
struct missed_write {
  std::size_t index = 0;
  domain::errc code{};
};

/// Everything of one transaction up to its COMMIT. All rows of a table go as one parameter: an array of the table's row
/// type, unnested by the server. (COPY can't be used: PostgreSQL refuses it on a table with row-level security.)
class batch {
 public:
  /// `writes` must not hold two of the same ticket, organization or idempotency key. `number` marks the transaction in
  /// `writer_lanes`, so that a lost connection can be told from a lost transaction.
  batch(std::span<const write> writes, const row_types& types, int lane, std::int64_t number);

  [[nodiscard]] std::span<const statement> statements() const noexcept { return statements_; }
  /// The writes whose version, or idempotency key, was not what they expected. If there are any, the transaction must
  /// be rolled back. An answer that makes no sense is a write of all that is refused as `internal`.
  [[nodiscard]] std::vector<missed_write> misses(std::span<const rows> answers) const;

 private:
  /// An UPDATE or INSERT that returns the ids of the rows that it hit.
  struct expectation {
    std::size_t statement = 0;
    std::unordered_map<std::string, std::size_t> indexes;  ///< from the returned key to the write
    domain::errc missing{};
  };
  struct builder;

  void open_transaction(std::span<const write> writes, int lane, std::int64_t number);
  void add(builder& from, const row_types& types);
  void add_rows(table t, row_array& from, const row_types& types, std::string name, std::string sql);

  std::vector<statement> statements_;
  std::vector<expectation> expectations_;
  std::vector<std::pair<std::size_t, int>> counts_;  ///< statements that must touch exactly so many rows
};

/// What a write must not share with another one of its batch.
[[nodiscard]] std::vector<std::string> exclusive_keys(const write& what);
/// Whose row the write is above all: it chooses the lane. Nil is the desk itself.
[[nodiscard]] domain::organization_id organization_of(const write& what);
/// About how many bytes the write sends.
[[nodiscard]] std::size_t weight_of(const write& what);

}  // namespace usher::store
