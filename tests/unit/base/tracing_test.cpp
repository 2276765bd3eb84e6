#include "base/tracing.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace xion;

namespace {

constexpr std::string_view sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr std::string_view not_sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

/// Keeps what it is told; time and ids count up.
struct Notebook final : tracing::Tracer {
  Notebook() { tracing::set_tracer(this); }
  ~Notebook() override { tracing::set_tracer(nullptr); }
  std::int64_t now_ns() override { return ++now; }
  void fill(std::span<std::uint8_t> random) override {
    for (std::uint8_t& octet : random) octet = ++drawn;
  }
  bool samples() override { return takes_new; }
  void take(tracing::Span&& span) override { spans.push_back(std::move(span)); }

  std::int64_t now = 0;
  std::uint8_t drawn = 0;
  bool takes_new = false;
  std::vector<tracing::Span> spans;
};

}  // namespace

TEST_CASE("a traceparent is read as W3C writes it, and anything else is none") {
  const auto parent = tracing::read_traceparent(sampled);
  REQUIRE(parent);
  CHECK(parent->is_sampled);
  CHECK(tracing::traceparent(parent->context) == sampled);
  CHECK(!tracing::read_traceparent(not_sampled)->is_sampled);
  CHECK(tracing::read_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later"));
  for (const std::string text : {"", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                                 "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                                 "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                                 "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                                 "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                 "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later",
                                 "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01later",
                                 "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
                                 "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-zz"}) {
    CAPTURE(text);
    CHECK(!tracing::read_traceparent(text));
  }
}

TEST_CASE("off, nothing is made and nothing is kept") {
  CHECK(!tracing::is_on());
  CHECK(tracing::begin_call(sampled) == nullptr);
  CHECK(tracing::begin_under(tracing::SpanPtr(), "x", tracing::Kind::internal) == nullptr);
}

TEST_CASE("who brings a trace says whether it is sampled, and who brings none is sampled now and then") {
  Notebook notebook;
  CHECK(tracing::begin_call(not_sampled) == nullptr);
  CHECK(tracing::begin_call("") == nullptr);
  notebook.takes_new = true;
  CHECK(tracing::begin_call(not_sampled) == nullptr);
  tracing::begin_call("");
  tracing::begin_call(sampled);
  REQUIRE(notebook.spans.size() == 2);
  CHECK(notebook.spans[0].parent == decltype(tracing::Span::parent){});
  CHECK(notebook.spans[0].context.trace != notebook.spans[1].context.trace);
  CHECK(notebook.spans[1].context.trace == tracing::read_traceparent(sampled)->context.trace);
  CHECK(notebook.spans[1].parent == tracing::read_traceparent(sampled)->context.span);
}

TEST_CASE("a span is taken when the last who has it lets it go, and what runs in its scope finds it") {
  Notebook notebook;
  {
    const auto call = tracing::begin_call(sampled);
    {
      const tracing::Scope scope(call);
      CHECK(tracing::current() == call);
      auto child = tracing::begin_under(tracing::current(), "commit", tracing::Kind::internal);
      CHECK(child->span.parent == call->span.context.span);
      tracing::end(child);
    }
    CHECK(tracing::current() == nullptr);
    CHECK(notebook.spans.size() == 1);
  }
  REQUIRE(notebook.spans.size() == 2);
  CHECK(notebook.spans[0].name == "commit");
  CHECK(notebook.spans[0].began_ns < notebook.spans[0].ended_ns);
}

TEST_CASE("of requests the newest are followed, with what is under way for them") {
  Notebook notebook;
  const tracing::Subject first{1};
  const auto call = tracing::begin_call(sampled);
  tracing::hold(first, tracing::begin_under(call, "submit_sm", tracing::Kind::producer));
  CHECK(tracing::release(first) == nullptr);
  tracing::follow(first, call->span.context);
  tracing::hold(first, tracing::begin_under(call, "submit_sm", tracing::Kind::producer));
  CHECK(tracing::release(first) != nullptr);
  CHECK(tracing::release(first) == nullptr);
  CHECK(tracing::followed(first) == call->span.context);
  for (std::uint32_t n = 0; n < 10'000; ++n)
    tracing::follow({2, static_cast<std::uint8_t>(n), static_cast<std::uint8_t>(n >> 8)}, call->span.context);
  CHECK(!tracing::followed(first));
  CHECK(tracing::followed({2, 1}));
}
