#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <prometheus/metric_family.h>

#include "base/histogram.h"

namespace xion::metrics {

using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// The metrics of one scrape, family by family: what stands behind a `family` call belongs to that family.
class Families {
 public:
  /// `help` is a sentence without its full stop; `name` ends as Prometheus wants: _total, _seconds, _bytes.
  Families& counters(std::string_view name, std::string_view help);
  Families& gauges(std::string_view name, std::string_view help);
  Families& histograms(std::string_view name, std::string_view help);

  Families& value(double value, Labels labels = {});
  Families& value(std::uint64_t value, Labels labels = {}) { return this->value(static_cast<double>(value), labels); }
  Families& value(const Histogram& histogram, Labels labels = {});

  /// In the text format 0.0.4. Families without a value are left out.
  std::string text() &&;

 private:
  Families& family(std::string_view name, std::string_view help, prometheus::MetricType type);
  prometheus::ClientMetric& metric(Labels labels);
  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace xion::metrics
