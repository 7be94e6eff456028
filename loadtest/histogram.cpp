#include "loadtest/histogram.hpp"

#include <algorithm>
#include <boost/histogram/axis/regular.hpp>
#include <boost/histogram/histogram.hpp>
#include <boost/histogram/make_histogram.hpp>
#include <boost/histogram/storage_adaptor.hpp>
#include <cmath>
#include <tuple>

namespace usher::load {

namespace bh = boost::histogram;

namespace {

constexpr double shortest = 1e-6;
constexpr double longest = 600;
/// ln(longest / shortest) / ln(1.01), rounded up.
constexpr unsigned bin_count = 2032;

using axis = bh::axis::regular<double, bh::axis::transform::log, bh::use_default, bh::axis::option::none_t>;
using storage = bh::dense_storage<std::uint64_t>;

}  // namespace

struct histogram::bins {
  bh::histogram<std::tuple<axis>, storage> counts =
      bh::make_histogram_with(storage(), axis(bin_count, shortest, longest));
};

histogram::histogram() = default;
histogram::~histogram() = default;
histogram::histogram(histogram&&) noexcept = default;
histogram& histogram::operator=(histogram&&) noexcept = default;

void histogram::record(nanoseconds value, std::uint64_t times) {
  if (!bins_) bins_ = std::make_unique<bins>();
  value = std::max(value, nanoseconds{0});
  const auto& edges = bins_->counts.axis();
  auto at = std::clamp(edges.index(std::max(in_seconds(value), shortest)), 0, edges.size() - 1);
  bins_->counts.at(at) += times;
  count_ += times;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
  sum_seconds_ += in_seconds(value) * static_cast<double>(times);
}

void histogram::merge(const histogram& other) {
  if (!other.bins_) return;
  if (!bins_) bins_ = std::make_unique<bins>();
  bins_->counts += other.bins_->counts;
  count_ += other.count_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  sum_seconds_ += other.sum_seconds_;
}

nanoseconds histogram::quantile(double q) const {
  if (count_ == 0) return nanoseconds{0};
  auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_))));
  const auto& edges = bins_->counts.axis();
  std::uint64_t seen = 0;
  for (int i = 0; i < edges.size(); ++i) {
    seen += bins_->counts.at(i);
    if (seen >= wanted) return std::clamp(from_seconds(edges.bin(i).center()), min_, max_);
  }
  return max_;
}

nanoseconds histogram::mean() const {
  return count_ == 0 ? nanoseconds{0} : from_seconds(sum_seconds_ / static_cast<double>(count_));
}

std::vector<std::uint64_t> histogram::counts_between(const std::vector<nanoseconds>& edges) const {
  std::vector<std::uint64_t> out(edges.size() + 1, 0);
  if (!bins_) return out;
  const auto& axis_edges = bins_->counts.axis();
  for (int i = 0; i < axis_edges.size(); ++i) {
    auto count = bins_->counts.at(i);
    if (count == 0) continue;
    auto center = from_seconds(axis_edges.bin(i).center());
    out[static_cast<std::size_t>(std::lower_bound(edges.begin(), edges.end(), center) - edges.begin())] += count;
  }
  return out;
}

}  // namespace usher::load
