#include "cli/wait_carrier.h"

#include <poll.h>

#include <chrono>

#include <fmt/format.h>

#include "cli/connection.h"
#include "cli/run.h"

namespace xion::cli {
namespace {

constexpr int look_milliseconds = 200;
constexpr std::chrono::minutes longest{5};

/// Whether a carrier has come where a verb leads.
bool has_arrived(std::string_view verb, const wire::Value& carrier) {
  const auto count = [&](std::string_view name) {
    const wire::Value* value = carrier.find(name);
    return value != nullptr && value->whole() != nullptr ? *value->whole() : 0;
  };
  const wire::Value* state = carrier.find("state");
  if (verb == "resume") return state != nullptr && state->text() != nullptr && *state->text() == "bound";
  if (verb == "drain") return count("binds") == 0;
  return count("inFlight") == 0;
}

}  // namespace

ExitCode wait_for_carrier(const Invocation& wanted) {
  wire::Value::Object args;
  args.emplace_back("name", wire::Value{wanted.text("name", "")});
  const std::string line = wire::encode(wire::Request{"carrier show", wire::Value{std::move(args)}});
  const auto end = std::chrono::steady_clock::now() + longest;
  while (std::chrono::steady_clock::now() < end) {
    const auto told = ask(wanted.socket, line);
    if (!told) return fail(told.error().code, told.error().detail, told.error().hint);
    const auto answer = wire::decode_answer(*told);
    if (!answer || !answer->ok) return fail(refused, answer ? answer->detail : answer.error(), "");
    const auto carrier = wire::parse_json(answer->result);
    if (carrier && has_arrived(wanted.entry().verb(), *carrier)) return done;
    ::poll(nullptr, 0, look_milliseconds);
  }
  return fail(refused, "it didn't come to that in five minutes", "`xionctl carrier show NAME` says how it is");
}

}  // namespace xion::cli
