#include "base/tracing.h"

#include <algorithm>
#include <deque>
#include <map>

#include "base/bytes.h"

namespace xion::tracing {
namespace {

Tracer* the_tracer = nullptr;
SpanPtr running;

constexpr std::size_t followed_at_most = 10'000;
struct Followed {
  Context context;
  SpanPtr under_way;
};
std::map<Subject, Followed> contexts;
std::deque<Subject> oldest_first;

constexpr std::size_t traceparent_length =
    std::string_view("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").size();

bool is_lower_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// False where it is all zeros, which names nothing.
template <std::size_t size>
bool read_id(std::string_view digits, std::array<std::uint8_t, size>& id) {
  const auto octets = is_lower_hex(digits) ? from_hex(digits) : std::nullopt;
  if (!octets || octets->size() != size) return false;
  std::ranges::copy(as_octets(*octets), id.begin());
  return std::ranges::any_of(id, [](std::uint8_t octet) { return octet != 0; });
}

Span begun(std::string name, Kind kind) {
  Span span;
  span.name = std::move(name);
  span.kind = kind;
  span.began_ns = the_tracer->now_ns();
  the_tracer->fill(span.context.span);
  return span;
}

}  // namespace

std::optional<Parent> read_traceparent(std::string_view header) {
  if (header.size() < traceparent_length || header[2] != '-' || header[35] != '-' || header[52] != '-')
    return std::nullopt;
  const auto version = header.substr(0, 2), flags = header.substr(53, 2);
  if (!is_lower_hex(version) || version == "ff" || !is_lower_hex(flags)) return std::nullopt;
  const bool is_longer = header.size() > traceparent_length;
  if (is_longer && (version == "00" || header[traceparent_length] != '-')) return std::nullopt;
  Parent parent;
  if (!read_id(header.substr(3, 32), parent.context.trace) || !read_id(header.substr(36, 16), parent.context.span))
    return std::nullopt;
  parent.is_sampled = (static_cast<unsigned char>(from_hex(flags)->front()) & 1U) != 0;
  return parent;
}

std::string traceparent(const Context& context) { return "00-" + hex(context.trace) + "-" + hex(context.span) + "-01"; }

void set_tracer(Tracer* tracer) {
  the_tracer = tracer;
  contexts.clear();
  oldest_first.clear();
}
bool is_on() { return the_tracer != nullptr; }

Active::~Active() {
  if (the_tracer == nullptr) return;
  if (span.ended_ns == 0) span.ended_ns = the_tracer->now_ns();
  the_tracer->take(std::move(span));
}

SpanPtr begin_call(std::string_view traceparent) {
  if (!is_on()) return nullptr;
  const auto parent = read_traceparent(traceparent);
  if (parent ? !parent->is_sampled : !the_tracer->samples()) return nullptr;
  Span span = begun({}, Kind::server);
  if (parent) {
    span.context.trace = parent->context.trace;
    span.parent = parent->context.span;
  } else {
    the_tracer->fill(span.context.trace);
  }
  return std::make_shared<Active>(std::move(span));
}

SpanPtr begin_under(const Context& parent, std::string name, Kind kind) {
  if (!is_on()) return nullptr;
  Span span = begun(std::move(name), kind);
  span.context.trace = parent.trace;
  span.parent = parent.span;
  return std::make_shared<Active>(std::move(span));
}

SpanPtr begin_under(const SpanPtr& parent, std::string name, Kind kind) {
  return parent ? begin_under(parent->span.context, std::move(name), kind) : nullptr;
}

void end(SpanPtr& span) {
  if (span && is_on() && span->span.ended_ns == 0) span->span.ended_ns = the_tracer->now_ns();
  span.reset();
}

const SpanPtr& current() { return running; }

Scope::Scope(SpanPtr span) : before_(std::exchange(running, std::move(span))) {}
Scope::~Scope() { running = std::move(before_); }

void follow(const Subject& subject, const Context& context) {
  if (contexts.insert_or_assign(subject, Followed{context, nullptr}).second) oldest_first.push_back(subject);
  if (oldest_first.size() <= followed_at_most) return;
  contexts.erase(oldest_first.front());
  oldest_first.pop_front();
}

std::optional<Context> followed(const Subject& subject) {
  const auto known = contexts.find(subject);
  return known == contexts.end() ? std::nullopt : std::optional(known->second.context);
}

void hold(const Subject& subject, SpanPtr span) {
  if (const auto known = contexts.find(subject); known != contexts.end()) known->second.under_way = std::move(span);
}

SpanPtr release(const Subject& subject) {
  const auto known = contexts.find(subject);
  return known == contexts.end() ? nullptr : std::exchange(known->second.under_way, nullptr);
}

}  // namespace xion::tracing
