#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// The front of tracing, as `log` is that of the log: spans of what happens to a request that is sampled. Off unless
/// main sets a tracer; then `is_on` is one look at a pointer, and every handle is null. Loop thread only. No phone and
/// no code is ever an attribute.
namespace xion::tracing {

/// Names a span in its trace. Source: W3C Trace Context.
struct Context {
  std::array<std::uint8_t, 16> trace{};
  std::array<std::uint8_t, 8> span{};
  bool operator==(const Context&) const = default;
};
struct Parent {
  Context context;
  bool is_sampled = false;
};
/// A `traceparent` of version 00, or of a later one as far as it is the same. Nothing where it is none.
std::optional<Parent> read_traceparent(std::string_view header);
/// Of a span that is sampled, as ours are.
std::string traceparent(const Context& context);

/// Source: OpenTelemetry, SpanKind; the numbers are OTLP's.
enum class Kind : std::uint8_t { internal = 1, server = 2, client = 3, producer = 4, consumer = 5 };

struct Attribute {
  std::string_view key;  ///< A term of the semantic conventions where there is one. Text of the program.
  std::variant<std::string, std::int64_t> value;
};

struct Span {
  Context context;
  std::array<std::uint8_t, 8> parent{};  ///< Zeros: none.
  std::string name;
  Kind kind = Kind::internal;
  std::int64_t began_ns = 0, ended_ns = 0;  ///< Since 1970.
  std::vector<Attribute> attributes;
  std::vector<Context> links;
  std::string failure;  ///< Empty: it went well.

  void set(std::string_view key, std::string value) { attributes.push_back({key, std::move(value)}); }
  void set(std::string_view key, std::int64_t value) { attributes.push_back({key, value}); }
};

/// Who takes spans.
class Tracer {
 public:
  virtual ~Tracer() = default;
  virtual std::int64_t now_ns() = 0;
  virtual void fill(std::span<std::uint8_t> random) = 0;
  /// Whether a request that nobody traces yet is sampled.
  virtual bool samples() = 0;
  virtual void take(Span&& span) = 0;
};
/// Null: tracing is off. Outlives all that is traced.
void set_tracer(Tracer* tracer);
bool is_on();

/// A span under way: taken when the last who has it lets it go.
class Active {
 public:
  explicit Active(Span begun) : span(std::move(begun)) {}
  Active(const Active&) = delete;
  Active& operator=(const Active&) = delete;
  ~Active();
  Span span;
};
/// Null: nothing is traced.
using SpanPtr = std::shared_ptr<Active>;

/// A call's span: in the caller's trace where it brings one, which also says whether it is sampled, else in a trace of
/// its own now and then.
SpanPtr begin_call(std::string_view traceparent);
SpanPtr begin_under(const Context& parent, std::string name, Kind kind);
SpanPtr begin_under(const SpanPtr& parent, std::string name, Kind kind);

/// Ends it now, and lets it go.
void end(SpanPtr& span);

/// The call whose handler runs now; null: none that is traced.
const SpanPtr& current();
class Scope {
 public:
  explicit Scope(SpanPtr span);
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope();

 private:
  SpanPtr before_;
};

/// A request by its id, whose later events belong to the trace of the call that made it. At most some thousand are
/// known, the newest ones; a restart forgets them.
using Subject = std::array<std::uint8_t, 10>;
void follow(const Subject& subject, const Context& context);
std::optional<Context> followed(const Subject& subject);
/// Keeps the span of what is under way for a subject that is followed, and gives it back; null: there is none.
void hold(const Subject& subject, SpanPtr span);
SpanPtr release(const Subject& subject);

}  // namespace xion::tracing
