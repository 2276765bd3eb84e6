#include "otlp/otlp_exporter.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "core/owners/webhook.h"

namespace xion {
namespace {

constexpr std::size_t queue_limit = 4'096;
constexpr std::size_t spans_of_call = 512;
/// Spans wait for others for so long.
constexpr Millis patience{1'000};
constexpr Millis pause_after_failure{5'000};
constexpr Millis time_limit_of_call{10'000};

/// Whether the same call may go well later. Source: OTLP, "Retryable Response Codes"; 0: no answer came.
bool is_worth_a_repeat(int http_status) {
  constexpr int retryable[] = {0, 429, 502, 503, 504};
  return std::ranges::find(retryable, http_status) != std::end(retryable);
}

void write_attribute(JsonWriter& json, std::string_view key, const std::variant<std::string, std::int64_t>& value) {
  json.begin_object().field("key", key).key("value").begin_object();
  // OTLP's JSON has 64-bit numbers as strings, as protobuf's does.
  if (const auto* text = std::get_if<std::string>(&value))
    json.field("stringValue", *text);
  else
    json.field("intValue", fmt::format("{}", std::get<std::int64_t>(value)));
  json.end_object().end_object();
}

void write_span(JsonWriter& json, const tracing::Span& span) {
  constexpr int failed = 2;  // STATUS_CODE_ERROR
  const bool has_parent = std::ranges::any_of(span.parent, [](std::uint8_t octet) { return octet != 0; });
  json.begin_object().field("traceId", hex(span.context.trace)).field("spanId", hex(span.context.span));
  if (has_parent) json.field("parentSpanId", hex(span.parent));
  json.field("name", span.name).field("kind", static_cast<int>(span.kind));
  json.field("startTimeUnixNano", fmt::format("{}", span.began_ns));
  json.field("endTimeUnixNano", fmt::format("{}", span.ended_ns));
  json.key("attributes").begin_array();
  for (const tracing::Attribute& attribute : span.attributes) write_attribute(json, attribute.key, attribute.value);
  json.end_array().key("links").begin_array();
  for (const tracing::Context& link : span.links)
    json.begin_object().field("traceId", hex(link.trace)).field("spanId", hex(link.span)).end_object();
  json.end_array().key("status").begin_object();
  if (!span.failure.empty()) json.field("code", failed).field("message", span.failure);
  json.end_object().end_object();
}

}  // namespace

std::string otlp_json(const std::vector<tracing::Span>& spans, std::string_view version) {
  JsonWriter json;
  json.begin_object().key("resourceSpans").begin_array().begin_object();
  json.key("resource").begin_object().key("attributes").begin_array();
  write_attribute(json, "service.name", std::string("xiond"));
  write_attribute(json, "service.version", std::string(version));
  json.end_array().end_object();
  json.key("scopeSpans").begin_array().begin_object();
  json.key("scope").begin_object().field("name", "xionid").field("version", version).end_object();
  json.key("spans").begin_array();
  for (const tracing::Span& span : spans) write_span(json, span);
  json.end_array().end_object().end_array().end_object().end_array().end_object();
  return std::move(json).str();
}

OtlpExporter::OtlpExporter(Loop& loop, HttpClient& http, Entropy& entropy, Clock clock, std::string version)
    : http_(http),
      entropy_(entropy),
      clock_(std::move(clock)),
      version_(std::move(version)),
      timer_(loop.timer([this] { send(); })) {}

OtlpExporter::~OtlpExporter() { tracing::set_tracer(nullptr); }

void OtlpExporter::configure(const TracingSettings& settings) {
  const bool was_on = !settings_.endpoint.empty(), is_on = !settings.endpoint.empty();
  settings_ = settings;
  if (was_on != is_on) tracing::set_tracer(is_on ? this : nullptr);
  if (!is_on) drop(std::exchange(queue_, {}).size());
}

bool OtlpExporter::samples() {
  std::array<std::uint8_t, 4> random{};
  entropy_.fill(random);
  std::uint32_t drawn = 0;
  for (const std::uint8_t octet : random) drawn = drawn << 8 | octet;
  constexpr double all = 4'294'967'296.0;
  return drawn / all < settings_.sample_ratio;
}

void OtlpExporter::take(tracing::Span&& span) {
  if (queue_.size() >= queue_limit) return drop(1);
  queue_.push_back(std::move(span));
  if (is_sending_) return;
  if (queue_.size() == 1) timer_->start(is_failing_ ? pause_after_failure : patience);
  if (queue_.size() == spans_of_call && !is_failing_) timer_->start(Millis{0});
}

void OtlpExporter::flush() { send(); }

void OtlpExporter::send() {
  if (is_sending_ || queue_.empty() || settings_.endpoint.empty()) return;
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), spans_of_call));
  std::vector<tracing::Span> sent(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  is_sending_ = true;
  OutgoingPost post{.url = settings_.endpoint,
                    .headers = {{"Content-Type", "application/json"}, {"User-Agent", "xiond/" + version_}},
                    .body = otlp_json(sent, version_),
                    .time_limit = time_limit_of_call,
                    .may_be_private = true};  // The operator named it.
  http_.post(std::move(post),
             [this, alive = std::weak_ptr(is_alive_), sent = std::move(sent)](PostOutcome outcome) mutable {
               if (!alive.expired()) ended(std::move(sent), outcome);
             });
}

void OtlpExporter::ended(std::vector<tracing::Span> sent, const PostOutcome& outcome) {
  is_sending_ = false;
  const bool is_taken = outcome.http_status >= 200 && outcome.http_status < 300;
  const bool was_failing = std::exchange(is_failing_, !is_taken);
  if (is_taken) {
    counts_.exported += sent.size();
    if (was_failing) log::info("tracing.export.recovered", "dropped={}", counts_.dropped);
    if (!queue_.empty()) timer_->start(queue_.size() >= spans_of_call ? Millis{0} : patience);
    return;
  }
  const std::string why = outcome.error.empty() ? fmt::format("answered {}", outcome.http_status) : outcome.error;
  if (!was_failing)
    log::warning("tracing.export.failed", "endpoint={} reason=\"{}\"", masked_url(settings_.endpoint), why);
  if (is_worth_a_repeat(outcome.http_status) && queue_.size() + sent.size() <= queue_limit)
    queue_.insert(queue_.begin(), std::make_move_iterator(sent.begin()), std::make_move_iterator(sent.end()));
  else
    drop(sent.size());
  if (!queue_.empty()) timer_->start(pause_after_failure);
}

void OtlpExporter::drop(std::uint64_t spans) { counts_.dropped += spans; }

}  // namespace xion
