#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/tracing.h"
#include "core/settings.h"
#include "ports/http_client.h"
#include "ports/loop.h"

namespace xion {

/// What tracing came to, for /metrics.
struct TraceCounts {
  std::uint64_t exported = 0;
  std::uint64_t dropped = 0;  ///< Of spans that found no room, or that the collector would not take.
};

/// Spans to a collector of OpenTelemetry: some at a time, one call after the other, never waited for. What doesn't fit
/// into its queue is dropped and counted. Source: OTLP 1.x over HTTP, JSON. Loop thread only.
class OtlpExporter final : public tracing::Tracer {
 public:
  /// Nanoseconds since 1970: a span may be shorter than what the loop counts by.
  using Clock = std::function<std::int64_t()>;
  OtlpExporter(Loop& loop, HttpClient& http, Entropy& entropy, Clock clock, std::string version);
  ~OtlpExporter() override;
  OtlpExporter(const OtlpExporter&) = delete;
  OtlpExporter& operator=(const OtlpExporter&) = delete;

  /// Begins to trace, goes on by other settings, or ends.
  void configure(const TracingSettings& settings);
  /// Sends what waits, now.
  void flush();
  const TraceCounts& counts() const { return counts_; }

  std::int64_t now_ns() override { return clock_(); }
  void fill(std::span<std::uint8_t> random) override { entropy_.fill(random); }
  bool samples() override;
  void take(tracing::Span&& span) override;

 private:
  void send();
  void ended(std::vector<tracing::Span> sent, const PostOutcome& outcome);
  void drop(std::uint64_t spans);

  HttpClient& http_;
  Entropy& entropy_;
  const Clock clock_;
  const std::string version_;
  TracingSettings settings_;
  std::vector<tracing::Span> queue_;
  bool is_sending_ = false;
  bool is_failing_ = false;
  TraceCounts counts_;
  std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
  std::unique_ptr<Timer> timer_;
};

/// The body of one call: ExportTraceServiceRequest.
std::string otlp_json(const std::vector<tracing::Span>& spans, std::string_view version);

}  // namespace xion
