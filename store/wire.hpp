// Values in PostgreSQL's binary format: parameters, whole rows as arrays of a composite type, and results.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.hpp"
#include "domain/time.hpp"

// libpq's result, without its header: only the sources of this room see that one.
struct pg_result;

namespace usher::store {

/// An object id of a type.
using type_oid = unsigned;

/// The built-in types that Usher's tables have.
namespace type {
inline constexpr type_oid boolean = 16;
inline constexpr type_oid bytes = 17;
inline constexpr type_oid int8 = 20;
inline constexpr type_oid int2 = 21;
inline constexpr type_oid int4 = 23;
inline constexpr type_oid text = 25;
inline constexpr type_oid float4 = 700;
inline constexpr type_oid int2_array = 1005;
inline constexpr type_oid text_array = 1009;
inline constexpr type_oid int8_array = 1016;
inline constexpr type_oid timestamptz = 1184;
inline constexpr type_oid uuid = 2950;
inline constexpr type_oid uuid_array = 2951;
inline constexpr type_oid jsonb = 3802;
}  // namespace type

/// The parameters of one statement, `$1` first.
class parameters {
 public:
  parameters& uuid(const domain::uuid& id);
  parameters& text(std::string_view value);
  parameters& bytes(std::string_view value);
  parameters& int2(std::int16_t value);
  parameters& int4(std::int32_t value);
  parameters& int8(std::int64_t value);
  parameters& at(domain::instant value);
  parameters& texts(std::span<const std::string> values);
  parameters& uuids(std::span<const domain::uuid> values);
  parameters& int2s(std::span<const std::int16_t> values);
  parameters& int8s(std::span<const std::int64_t> values);
  /// A value that is in binary form already; the statement's own cast says what it is.
  parameters& encoded(std::string value) { return add(0, std::move(value)); }

  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
  [[nodiscard]] const std::vector<type_oid>& types() const noexcept { return types_; }
  [[nodiscard]] const std::vector<std::string>& values() const noexcept { return values_; }

 private:
  parameters& add(type_oid type, std::string value);

  std::vector<type_oid> types_;
  std::vector<std::string> values_;
};

/// Builds an array of a composite type, row by row, for `unnest($1::some_table[])`: one parameter carries many rows,
/// and the server plans nothing. Each row needs exactly the type's columns in their order.
class row_array {
 public:
  explicit row_array(int columns);

  void begin_row();
  void end_row();
  row_array& null(type_oid type);
  row_array& uuid(const domain::uuid& id);
  row_array& text(std::string_view value);
  /// Empty text is null.
  row_array& text_or_null(std::string_view value) { return value.empty() ? null(type::text) : text(value); }
  row_array& bytes(std::string_view value);
  row_array& jsonb(std::string_view json);
  row_array& boolean(bool value);
  row_array& int4(std::int32_t value);
  row_array& int8(std::int64_t value);
  row_array& float4(float value);
  row_array& at(domain::instant value);
  row_array& at(const std::optional<domain::instant>& value);
  row_array& texts(std::span<const std::string> values);

  [[nodiscard]] int rows() const noexcept { return rows_; }
  /// The finished array; `row_type` is the composite type.
  [[nodiscard]] std::string take(type_oid row_type);

 private:
  void field(type_oid type, std::size_t length);

  int columns_;
  int rows_ = 0;
  std::size_t row_at_ = 0;
  std::string out_;
};

/// The rows that a statement returned, in binary format. Row and column count from zero; reading a null as anything but
/// an optional gives the type's zero.
class rows {
 public:
  rows() = default;
  explicit rows(pg_result* owned);

  [[nodiscard]] int size() const noexcept { return size_; }
  [[nodiscard]] bool is_null(int row, int column) const noexcept;
  [[nodiscard]] std::string_view bytes(int row, int column) const noexcept;
  [[nodiscard]] std::string text(int row, int column) const { return std::string(bytes(row, column)); }
  [[nodiscard]] domain::uuid uuid(int row, int column) const noexcept;
  [[nodiscard]] bool boolean(int row, int column) const noexcept;
  [[nodiscard]] std::int32_t int4(int row, int column) const noexcept;
  [[nodiscard]] std::int64_t int8(int row, int column) const noexcept;
  [[nodiscard]] float float4(int row, int column) const noexcept;
  [[nodiscard]] domain::instant at(int row, int column) const noexcept;
  [[nodiscard]] std::optional<domain::instant> maybe_at(int row, int column) const noexcept;
  [[nodiscard]] std::vector<std::string> texts(int row, int column) const;
  /// The text of a `jsonb` value as the server prints it, without the spaces that it puts between tokens.
  [[nodiscard]] std::string json(int row, int column) const;

  /// How many rows the statement touched.
  [[nodiscard]] std::int64_t affected() const;
  /// The command's tag. COMMIT of a failed transaction succeeds with the tag ROLLBACK.
  [[nodiscard]] std::string_view tag() const noexcept;

 private:
  std::shared_ptr<pg_result> result_;
  int size_ = 0;
};

}  // namespace usher::store
