#include "metrics/families.h"

#include <limits>
#include <sstream>

#include <prometheus/text_serializer.h>

#include "base/visible.h"

namespace xion::metrics {
namespace {

/// Octets of a label's value. A scrape with one that is not UTF-8 is refused whole.
constexpr std::size_t label_limit = 256;

}  // namespace

Families& Families::family(std::string_view name, std::string_view help, prometheus::MetricType type) {
  families_.push_back({std::string(name), std::string(help), type, {}});
  return *this;
}

Families& Families::counters(std::string_view name, std::string_view help) {
  return family(name, help, prometheus::MetricType::Counter);
}
Families& Families::gauges(std::string_view name, std::string_view help) {
  return family(name, help, prometheus::MetricType::Gauge);
}
Families& Families::histograms(std::string_view name, std::string_view help) {
  return family(name, help, prometheus::MetricType::Histogram);
}

prometheus::ClientMetric& Families::metric(Labels labels) {
  prometheus::ClientMetric& metric = families_.back().metric.emplace_back();
  for (const auto& [name, value] : labels) metric.label.push_back({std::string(name), visible(value, label_limit)});
  return metric;
}

Families& Families::value(double value, Labels labels) {
  prometheus::ClientMetric& one = metric(labels);
  one.counter.value = value;
  one.gauge.value = value;
  return *this;
}

Families& Families::value(const Histogram& histogram, Labels labels) {
  prometheus::ClientMetric::Histogram& out = metric(labels).histogram;
  const auto bounds = histogram.bounds();
  for (std::size_t i = 0; i <= bounds.size(); ++i) {
    out.sample_count += histogram.count(i);
    out.bucket.push_back({out.sample_count, i < bounds.size() ? bounds[i] : std::numeric_limits<double>::infinity()});
  }
  out.sample_sum = histogram.sum();
  return *this;
}

std::string Families::text() && {
  std::erase_if(families_, [](const auto& family) { return family.metric.empty(); });
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families_);
  return std::move(out).str();
}

}  // namespace xion::metrics
