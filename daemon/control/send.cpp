#include "app/codes/send_otp.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/codes/describe_otp.h"
#include "control/decision.h"
#include "control/request_json.h"
#include "control/send_refusal.h"
#include "control/verb.h"
#include "core/phone.h"
#include "core/texts/locale.h"

namespace xion::control {
namespace {

constexpr Millis look_again{100};
constexpr std::int64_t timeout_default_s = 60, timeout_most_s = 3600;

/// Whether nothing more will happen to a request's newest message.
bool is_settled(const Otp& otp) {
  return otp.status == OtpStatus::blocked || otp.status == OtpStatus::failed ||
         (!otp.messages.empty() && is_final(otp.messages.back().state));
}

/// Tells what happens to a request as it happens, and at its end the whole of it.
class Story : public std::enable_shared_from_this<Story> {
 public:
  Story(Command command, OtpId id, MonoTime until)
      : command_(std::move(command)), id_(id), until_(until), follower_(command_.line) {}

  void begin() {
    timer_ = command_.services.loop.timer([this] { look(); });
    look();
  }

 private:
  void look() {
    // The timer is the story's own: whoever holds the story meanwhile is this reading.
    read_otp(command_.services, std::nullopt, id_,
             [self = shared_from_this()](std::optional<OtpView> view, bool is_read) {
               if (!is_read || !view)
                 return self->end([&] { self->command_.refuse("the store can't be read", "see `xionctl status`"); });
               self->tell(*view);
             });
  }

  void tell(const OtpView& view) {
    const WallTime now = command_.services.loop.wall_now();
    if (!tell_events(view, now)) return end([] {});
    if (!is_settled(view.otp) && command_.services.loop.now() < until_) {
      self_ = shared_from_this();  // Until the timer fires.
      return timer_->start(look_again);
    }
    end([&] { command_.done(request_json(command_, view, true)); });
  }

  /// False: nobody listens any more.
  bool tell_events(const OtpView& view, WallTime now) {
    JsonWriter json;
    json.begin_object();
    describe_events(json, view.otp, {.routes = {}, .app_name = {}, .now = now, .in_millis = true});
    json.end_object();
    const auto value = wire::parse_json(json.str());
    const wire::Value* events = value ? value->find("events") : nullptr;
    if (events == nullptr || events->array() == nullptr) return follower_.is_there();
    for (const wire::Value& event : *events->array()) {
      JsonWriter line;
      wire::write_json(line, event);
      if (!told_.insert(line.str()).second) continue;
      if (!follower_.tell(std::move(line).str())) return false;
    }
    return follower_.is_there();
  }

  template <typename Last>
  void end(Last say_last) {
    say_last();
    command_.services.loop.post([story = std::exchange(self_, nullptr)] {});
  }

  Command command_;
  OtpId id_;
  MonoTime until_;
  Follower follower_;
  std::set<std::string> told_;
  std::shared_ptr<Story> self_;
  std::unique_ptr<Timer> timer_;
};

/// The app that a test is sent for: the one that was named, or the only one there is.
std::shared_ptr<AppEntry> app_for(const Command& command) {
  if (const auto name = command.request.text("app")) {
    auto entry = command.services.directory.app_named(*name);
    if (!entry) command.refuse(fmt::format("there is no app {}", *name), "`xionctl app list` shows them");
    return entry;
  }
  const auto apps = command.services.directory.apps();
  if (apps.size() == 1) return apps.front();
  if (apps.empty())
    command.refuse("there is no app yet", "`xionctl app add NAME` makes one");
  else
    command.misuse("of which app?", fmt::format("--app NAME, one of {}", apps.size()));
  return nullptr;
}

bool has_room(const Command& command, const std::string& name) {
  const auto views = command.services.carriers->view();
  const auto view = std::ranges::find(views, name, &CarrierView::name);
  if (view == views.end()) {
    command.refuse(fmt::format("there is no carrier {}", name), "`xionctl carrier list` shows them");
    return false;
  }
  if (view->state == "bound") return true;
  command.refuse(
      fmt::format("carrier {} is {}{}{}", name, view->state, view->last_error.empty() ? "" : ": ", view->last_error),
      fmt::format("`xionctl carrier show {}`", name));
  return false;
}

/// The whole decision, and nothing is sent, stored or charged.
void send_dry(Command command, const Caller& caller, SendRequest request) {
  Services& services = command.services;
  dry_run(services, caller, std::move(request), [command = std::move(command)](std::optional<DryRun> run) {
    if (!run) return command.refuse("the store can't be read", "see `xionctl status`");
    if (run->outcome.verdict != SendVerdict::sent) return tell_refusal(command, run->outcome);
    const Phone& phone = run->request.phone;
    JsonWriter json;
    json.begin_object().field("status", "dry_run");
    json.field("phone", command.request.flag("reveal") ? phone.e164 : mask_phone(phone.e164, phone.country_code));
    json.field("country", phone.country).field("numberType", to_string(phone.type));
    json.field("route", run->decision.route != nullptr ? run->decision.route->name : std::string());
    json.field("carrier", run->decision.carrier.value_or(""));
    write_decision(json, command, *run);
    command.done(std::move(json.end_object()).str());
  });
}

/// Sends a real code, with everything that an API call would meet: limits, rights, the plan. Tells what becomes of it.
void send(Command command) {
  const auto phone = parse_phone(command.required("phone"));
  if (!phone)
    return command.misuse("expected a phone number such as +37499123456",
                          describe(phone.error(), command.required("phone")));
  const auto app = app_for(command);
  if (!app) return;
  SendRequest request;
  request.phone = *phone;
  request.locale = normalized_locale(command.request.text("locale").value_or(""));
  request.carrier = command.request.text("carrier").value_or("");
  if (!request.carrier.empty() && !has_room(command, request.carrier)) return;
  const Caller caller{.app = app, .key_id = {}, .scopes = 0, .is_test = false};
  if (command.request.flag("dry-run")) return send_dry(std::move(command), caller, std::move(request));
  Services& services = command.services;
  const Seconds timeout{
      std::clamp(command.request.number("timeout").value_or(timeout_default_s), std::int64_t{1}, timeout_most_s)};
  const auto outcome = std::make_shared<SendOutcome>();
  send_otp(
      services, caller, std::move(request), std::nullopt,
      [outcome](const SendOutcome& decided) {
        *outcome = decided;
        return StoredAnswer{};
      },
      [command = std::move(command), outcome, timeout](Reply&& reply) mutable {
        if (reply.kind == ReplyKind::store_failed)
          return command.refuse("the store could not keep it; nothing was sent", "see `xionctl status`");
        if (outcome->verdict != SendVerdict::sent) return tell_refusal(command, *outcome);
        const MonoTime until = command.services.loop.now() + timeout;
        std::make_shared<Story>(std::move(command), outcome->otp.id, until)->begin();
      });
}

}  // namespace

Verbs send_verbs() {
  static constexpr Verb verbs[] = {{"send", send}};
  static_assert(is_every_verb_of("send", verbs));
  return verbs;
}

}  // namespace xion::control
