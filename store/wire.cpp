#include "store/wire.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>

#include <libpq-fe.h>

namespace usher::store {

namespace {

/// PostgreSQL counts from 2000, in microseconds.
constexpr std::int64_t epoch_offset_ms = 946'684'800'000;

template <class T>
void put(std::string& out, T value) {
  std::array<char, sizeof(T)> raw{};
  for (std::size_t i = 0; i < sizeof(T); ++i)
    raw[i] = static_cast<char>(static_cast<std::make_unsigned_t<T>>(value) >> (8 * (sizeof(T) - 1 - i)));
  out.append(raw.data(), raw.size());
}

template <class T>
T get(const char* from) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value = value << 8U | static_cast<std::uint8_t>(from[i]);
  return static_cast<T>(value);
}

void put_length(std::string& out, std::size_t length) { put(out, static_cast<std::int32_t>(length)); }

std::string_view view(const domain::uuid& id) noexcept {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

std::int64_t to_wire(domain::instant at) noexcept { return (at.time_since_epoch().count() - epoch_offset_ms) * 1000; }

domain::instant from_wire(std::int64_t microseconds) noexcept {
  std::int64_t ms = microseconds >= 0 ? microseconds / 1000 : (microseconds - 999) / 1000;
  return domain::instant(domain::milliseconds(ms + epoch_offset_ms));
}

/// The head of an array with one dimension (none when it is empty), without nulls.
void put_array_head(std::string& out, type_oid element, std::size_t count) {
  put(out, std::int32_t{count == 0 ? 0 : 1});
  put(out, std::int32_t{0});
  put(out, element);
  if (count == 0) return;
  put_length(out, count);
  put(out, std::int32_t{1});
}

template <class T>
std::string number_array(type_oid element, std::span<const T> values) {
  std::string out;
  put_array_head(out, element, values.size());
  for (T value : values) {
    put_length(out, sizeof(T));
    put(out, value);
  }
  return out;
}

void put_texts(std::string& out, std::span<const std::string> values) {
  put_array_head(out, type::text, values.size());
  for (const auto& value : values) {
    put_length(out, value.size());
    out += value;
  }
}

std::size_t texts_size(std::span<const std::string> values) noexcept {
  std::size_t size = values.empty() ? 12 : 20;
  for (const auto& value : values) size += 4 + value.size();
  return size;
}

template <class T>
std::string number(T value) {
  std::string out;
  put(out, value);
  return out;
}

}  // namespace

parameters& parameters::add(type_oid type, std::string value) {
  types_.push_back(type);
  values_.push_back(std::move(value));
  return *this;
}

parameters& parameters::uuid(const domain::uuid& id) { return add(type::uuid, std::string(view(id))); }
parameters& parameters::text(std::string_view value) { return add(type::text, std::string(value)); }
parameters& parameters::bytes(std::string_view value) { return add(type::bytes, std::string(value)); }
parameters& parameters::int2(std::int16_t value) { return add(type::int2, number(value)); }
parameters& parameters::int4(std::int32_t value) { return add(type::int4, number(value)); }
parameters& parameters::int8(std::int64_t value) { return add(type::int8, number(value)); }
parameters& parameters::at(domain::instant value) { return add(type::timestamptz, number(to_wire(value))); }

parameters& parameters::texts(std::span<const std::string> values) {
  std::string out;
  put_texts(out, values);
  return add(type::text_array, std::move(out));
}

parameters& parameters::uuids(std::span<const domain::uuid> values) {
  std::string out;
  out.reserve(20 + values.size() * 20);
  put_array_head(out, type::uuid, values.size());
  for (const auto& value : values) {
    put_length(out, value.bytes.size());
    out += view(value);
  }
  return add(type::uuid_array, std::move(out));
}

parameters& parameters::int2s(std::span<const std::int16_t> values) {
  return add(type::int2_array, number_array(type::int2, values));
}

parameters& parameters::int8s(std::span<const std::int64_t> values) {
  return add(type::int8_array, number_array(type::int8, values));
}

row_array::row_array(int columns) : columns_(columns) { put_array_head(out_, 0, 1); }

// The length of a row stands before it and is known after it.
void row_array::begin_row() {
  row_at_ = out_.size();
  put(out_, std::int32_t{0});
  put(out_, std::int32_t{columns_});
}

void row_array::end_row() {
  std::string length = number(static_cast<std::int32_t>(out_.size() - row_at_ - 4));
  std::memcpy(out_.data() + row_at_, length.data(), length.size());
  ++rows_;
}

void row_array::field(type_oid type, std::size_t length) {
  put(out_, type);
  put_length(out_, length);
}

row_array& row_array::null(type_oid type) {
  put(out_, type);
  put(out_, std::int32_t{-1});
  return *this;
}

row_array& row_array::uuid(const domain::uuid& id) {
  field(type::uuid, id.bytes.size());
  out_ += view(id);
  return *this;
}

row_array& row_array::text(std::string_view value) {
  field(type::text, value.size());
  out_ += value;
  return *this;
}

row_array& row_array::bytes(std::string_view value) {
  field(type::bytes, value.size());
  out_ += value;
  return *this;
}

// The binary form of jsonb is a version and then the text.
row_array& row_array::jsonb(std::string_view json) {
  field(type::jsonb, json.size() + 1);
  out_ += '\1';
  out_ += json;
  return *this;
}

row_array& row_array::boolean(bool value) {
  field(type::boolean, 1);
  out_ += value ? '\1' : '\0';
  return *this;
}

row_array& row_array::int4(std::int32_t value) {
  field(type::int4, sizeof value);
  put(out_, value);
  return *this;
}

row_array& row_array::int8(std::int64_t value) {
  field(type::int8, sizeof value);
  put(out_, value);
  return *this;
}

row_array& row_array::float4(float value) {
  field(type::float4, sizeof value);
  put(out_, std::bit_cast<std::int32_t>(value));
  return *this;
}

row_array& row_array::at(domain::instant value) {
  field(type::timestamptz, 8);
  put(out_, to_wire(value));
  return *this;
}

row_array& row_array::at(const std::optional<domain::instant>& value) {
  return value ? at(*value) : null(type::timestamptz);
}

row_array& row_array::texts(std::span<const std::string> values) {
  field(type::text_array, texts_size(values));
  put_texts(out_, values);
  return *this;
}

std::string row_array::take(type_oid row_type) {
  std::string head;
  put_array_head(head, row_type, static_cast<std::size_t>(rows_));
  if (rows_ == 0) return head;
  std::memcpy(out_.data(), head.data(), head.size());
  return std::move(out_);
}

rows::rows(pg_result* owned) : result_(owned, PQclear), size_(PQntuples(owned)) {}

bool rows::is_null(int row, int column) const noexcept { return PQgetisnull(result_.get(), row, column) != 0; }

std::string_view rows::bytes(int row, int column) const noexcept {
  return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

domain::uuid rows::uuid(int row, int column) const noexcept {
  domain::uuid id;
  auto raw = bytes(row, column);
  if (raw.size() == id.bytes.size()) std::memcpy(id.bytes.data(), raw.data(), raw.size());
  return id;
}

bool rows::boolean(int row, int column) const noexcept {
  auto raw = bytes(row, column);
  return !raw.empty() && raw.front() != '\0';
}

std::int32_t rows::int4(int row, int column) const noexcept {
  auto raw = bytes(row, column);
  return raw.size() == 4 ? get<std::int32_t>(raw.data()) : 0;
}

std::int64_t rows::int8(int row, int column) const noexcept {
  auto raw = bytes(row, column);
  return raw.size() == 8 ? get<std::int64_t>(raw.data()) : 0;
}

float rows::float4(int row, int column) const noexcept { return std::bit_cast<float>(int4(row, column)); }

domain::instant rows::at(int row, int column) const noexcept { return from_wire(int8(row, column)); }

std::optional<domain::instant> rows::maybe_at(int row, int column) const noexcept {
  if (is_null(row, column)) return std::nullopt;
  return at(row, column);
}

std::vector<std::string> rows::texts(int row, int column) const {
  std::vector<std::string> out;
  auto raw = bytes(row, column);
  if (raw.size() < 20) return out;
  auto count = get<std::int32_t>(raw.data() + 12);
  raw.remove_prefix(20);
  out.reserve(static_cast<std::size_t>(count));
  for (std::int32_t i = 0; i < count && raw.size() >= 4; ++i) {
    auto length = get<std::int32_t>(raw.data());
    raw.remove_prefix(4);
    auto size = length < 0 ? std::size_t{0} : static_cast<std::size_t>(length);
    out.emplace_back(raw.substr(0, size));
    raw.remove_prefix(std::min(size, raw.size()));
  }
  return out;
}

std::string rows::json(int row, int column) const {
  auto raw = bytes(row, column);
  if (!raw.empty()) raw.remove_prefix(1);
  std::string out;
  out.reserve(raw.size());
  bool quoted = false;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    char c = raw[i];
    if (!quoted && c == ' ') continue;
    out += c;
    if (quoted && c == '\\' && i + 1 < raw.size())
      out += raw[++i];
    else if (c == '"')
      quoted = !quoted;
  }
  return out;
}

std::int64_t rows::affected() const {
  std::string_view text = result_ ? PQcmdTuples(result_.get()) : "";
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

std::string_view rows::tag() const noexcept { return result_ ? PQcmdStatus(result_.get()) : ""; }

}  // namespace usher::store
