#include "domain/sla_policy.hpp"

namespace usher::domain {

namespace {

using namespace std::chrono_literals;

/// One cell of the contract's table: first (and next) response, resolution.
struct cell {
  milliseconds response;
  milliseconds resolution;
};

constexpr std::array<std::array<cell, priority_count>, tier_count> default_cells{{
    // critical        high            medium           low
    {{{30min, 4h}, {1h, 8h}, {4h, 24h}, {8h, 48h}}},       // ENTERPRISE
    {{{2h, 12h}, {4h, 24h}, {8h, 48h}, {24h, 72h}}},       // PROFESSIONAL
    {{{4h, 24h}, {8h, 48h}, {24h, 72h}, {48h, 120h}}},     // STARTER
    {{{24h, 72h}, {24h, 96h}, {48h, 120h}, {72h, 168h}}},  // FREE
}};

}  // namespace

std::optional<milliseconds> sla_targets::of(clock_kind kind) const noexcept {
  switch (kind) {
    case clock_kind::first_response:
      return first_response;
    case clock_kind::next_response:
      return next_response;
    case clock_kind::resolution:
      return resolution;
  }
  return std::nullopt;
}

sla_policies sla_policies::defaults() {
  sla_policies all;
  for (std::size_t t = 0; t < tier_count; ++t) {
    for (std::size_t p = 0; p < priority_count; ++p) {
      const auto& c = default_cells[t][p];
      all.table_[t][p] = {c.response, c.response, c.resolution};
    }
  }
  return all;
}

}  // namespace usher::domain
