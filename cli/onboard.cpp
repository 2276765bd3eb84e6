// xionctl app onboard: an app, its keys, an invitation, and the page that its owner is handed.
#include "cli/onboard.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/json_writer.h"
#include "cli/connection.h"
#include "cli/local.h"
#include "cli/run.h"

namespace xion::cli {
namespace {

using wire::Value;

/// One command of the daemon; its refusal ends all, with what was made so far.
class Asking {
 public:
  explicit Asking(const Invocation& wanted) : wanted_(wanted) {}

  std::optional<Value> ask(std::string command, Value::Object args) {
    const auto line = cli::ask(wanted_.socket, wire::encode(wire::Request{std::move(command), Value{std::move(args)}}));
    if (!line) {
      code_ = fail(line.error().code, line.error().detail, line.error().hint);
      return std::nullopt;
    }
    const auto answer = wire::decode_answer(*line);
    if (!answer || !answer->ok) {
      const bool is_misuse = answer && answer->code == wire::Refusal::usage;
      code_ = fail(is_misuse ? misused : refused, answer ? answer->detail : answer.error(), answer ? answer->hint : "");
      return std::nullopt;
    }
    return wire::parse_json(answer->result);
  }
  ExitCode code() const { return code_; }

 private:
  const Invocation& wanted_;
  ExitCode code_ = done;
};

std::string text_of(const std::optional<Value>& value, std::string_view name) {
  const Value* member = value ? value->find(name) : nullptr;
  return member != nullptr && member->text() != nullptr ? *member->text() : std::string();
}

Value::Object one(std::string name, std::string text) {
  Value::Object object;
  object.emplace_back(std::move(name), Value{std::move(text)});
  return object;
}

/// Where customers reach the API: as it was said, else as the dashboard is reached, else the first address.
std::string base_url_of(const Invocation& wanted, const std::optional<Value>& config) {
  if (const std::string said = wanted.text("url", ""); !said.empty()) return said;
  const Value* dashboard = config ? config->find("dashboard") : nullptr;
  const Value* url = dashboard != nullptr ? dashboard->find("url") : nullptr;
  if (url != nullptr && url->text() != nullptr && !url->text()->empty()) return *url->text();
  const Value* api = config ? config->find("api") : nullptr;
  const Value* listen = api != nullptr ? api->find("listen") : nullptr;
  const bool has_one = listen != nullptr && listen->array() != nullptr && !listen->array()->empty();
  return has_one ? fmt::format("http://{}", *listen->array()->front().text()) : "http://127.0.0.1:8080";
}

std::vector<std::string> limits_of(const std::optional<Value>& shown) {
  std::vector<std::string> lines;
  const Value* policy = shown ? shown->find("policy") : nullptr;
  if (policy == nullptr || policy->object() == nullptr) return lines;
  for (const auto& [name, value] : *policy->object()) {
    JsonWriter json;
    wire::write_json(json, value);
    constexpr std::string_view told[] = {"sms_per_month",    "requests_per_second", "ttl_seconds",      "attempts",
                                         "cooldown_seconds", "sends_per_phone",     "countries_allowed"};
    if (std::ranges::find(told, name) != std::end(told)) lines.push_back(fmt::format("{} = {}", name, json.str()));
  }
  return lines;
}

bool write_file(const std::string& path, const std::string& text) {
  if (path.empty()) return true;
  std::ofstream out(path, std::ios::trunc);
  out << text;
  return static_cast<bool>(out.flush());
}

ExitCode print(const Invocation& wanted, const Welcome& welcome) {
  if (!write_file(wanted.text("html", ""), welcome_html(welcome)))
    return fail(refused, fmt::format("{} can't be written", wanted.text("html", "")),
                "the app is made; `xionctl key list` shows its keys");
  if (!wanted.json) {
    fmt::print("{}", welcome_text(welcome));
    return done;
  }
  JsonWriter out;
  out.begin_object().field("app", welcome.app).field("plan", welcome.plan).field("baseUrl", welcome.base_url);
  out.field("liveKey", welcome.live_key).field("testKey", welcome.test_key).field("invitation", welcome.invitation);
  out.field("page", welcome_text(welcome)).end_object();
  fmt::print("{}\n", out.str());
  return done;
}

}  // namespace

ExitCode onboard(const Invocation& wanted) {
  Asking daemon(wanted);
  Welcome welcome{.app = wanted.text("name", ""),
                  .plan = {},
                  .base_url = {},
                  .live_key = {},
                  .test_key = {},
                  .invitation = {},
                  .contact = wanted.text("contact", ""),
                  .limits = {}};
  Value::Object add = one("name", welcome.app);
  if (const std::string plan = wanted.text("plan", ""); !plan.empty()) add.emplace_back("plan", Value{plan});
  if (const std::string countries = wanted.text("country", ""); !countries.empty())
    add.emplace_back("set", Value{one("countries_allowed", countries)});
  const auto app = daemon.ask("app add", std::move(add));
  if (!app) return daemon.code();
  welcome.plan = text_of(app, "plan");
  const auto live = daemon.ask("key create", one("app", welcome.app));
  if (!live) return daemon.code();
  Value::Object of_test = one("app", welcome.app);
  of_test.emplace_back("test", Value{true});
  const auto test = daemon.ask("key create", std::move(of_test));
  if (!test) return daemon.code();
  welcome.live_key = text_of(live, "key");
  welcome.test_key = text_of(test, "key");
  Value::Object invite = one("app", welcome.app);
  invite.emplace_back("role", Value{std::string("owner")});
  welcome.invitation = text_of(daemon.ask("dashboard invite", std::move(invite)), "link");
  welcome.base_url = base_url_of(wanted, daemon.ask("config show", {}));
  welcome.limits = limits_of(daemon.ask("app show", one("name", welcome.app)));
  return print(wanted, welcome);
}

}  // namespace xion::cli
