// Reads what a server says of itself in Prometheus's text format.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usher::load {

/// One scrape.
class exposition {
 public:
  /// Lines that are no samples are passed over.
  [[nodiscard]] static exposition parse(std::string_view text);

  /// The sum over all label sets of a metric that have `label` (such as `status="201"`; empty: all); nothing when there
  /// is none.
  [[nodiscard]] std::optional<double> sum(std::string_view metric, std::string_view label = {}) const;

  /// A quantile of a histogram, in the unit of its buckets, of what it counted since `before` (null: ever), over all
  /// its label sets that have `label`; interpolated within the bucket as `histogram_quantile` does. Nothing when
  /// nothing was counted.
  [[nodiscard]] std::optional<double> quantile(std::string_view histogram, double q, const exposition* before,
                                               std::string_view label = {}) const;

 private:
  struct series {
    std::string labels;
    double value;
  };
  [[nodiscard]] std::map<double, double> buckets(std::string_view histogram, std::string_view label) const;

  std::map<std::string, std::vector<series>, std::less<>> by_metric_;
};

}  // namespace usher::load
