#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "app/codes/describe_otp.h"
#include "app/measures.h"
#include "control/duration.h"
#include "control/request_json.h"
#include "control/send_refusal.h"
#include "control/verb.h"
#include "core/otp/otp_rules.h"
#include "core/phone.h"
#include "core/texts/sender.h"

namespace xion::control {
namespace {

constexpr std::string_view unreadable = "the store can't be read";
constexpr std::string_view see_status = "see `xionctl status`";

std::string app_name(const Services& services, AppId id) {
  const auto entry = services.directory.app(id);
  return entry ? entry->app.name : fmt::format("#{}", id);  // Removed since.
}

/// As the configuration has it now: what was sent earlier may have shown another.
SenderOf sender_of(const Services& services, const OtpView& view) {
  return [&services, &view](std::string_view carrier) {
    const auto& carriers = services.settings->carriers;
    const auto found = std::ranges::find(carriers, carrier, &CarrierSettings::name);
    if (found == carriers.end()) return std::string();
    return source_address(*found, view.otp.sender, view.phone.reveal(), view.otp.country).digits;
  };
}

/// The bound that half of the values are below; nothing: there are none, or half are above all bounds.
std::optional<double> median_of(const Histogram& times) {
  const std::uint64_t total = times.total();
  std::uint64_t below = 0;
  for (std::size_t i = 0; total > 0 && i < times.bounds().size(); ++i) {
    below += times.count(i);
    if (2 * below >= total) return times.bounds()[i];
  }
  return std::nullopt;
}

/// "none for 3 min; primary's median is 2 s": where a carrier has a message, and says nothing more of it.
std::string missing_receipt(const Services& services, const Otp& otp, WallTime now) {
  const Message* message = told_message(otp);
  if (message == nullptr || message->state != MessageState::submitted) return {};
  const Submission& submission = message->submissions.back();
  const auto shown = [](Seconds span) {
    return span < Seconds{120} ? fmt::format("{} s", span.count()) : fmt::format("{} min", span.count() / 60);
  };
  const auto waited = std::chrono::floor<Seconds>(now - submission.answered_at.value_or(submission.at));
  std::string text = fmt::format("none for {}", shown(std::max(waited, Seconds{0})));
  const auto measures = services.measures.receipts.find(submission.carrier);
  if (measures == services.measures.receipts.end()) return text;
  if (const auto median = median_of(measures->second.accept_to_delivered))
    text += fmt::format("; {}'s median is {} s", submission.carrier, *median);
  return text;
}

enum class Detail : std::uint8_t { show, trace };

void tell(const Command& command, const OtpView& view, Detail detail) {
  command.done(request_json(command, view, detail == Detail::trace));
}

/// By request id, or by phone: then the newest request for it.
void find(Command command, Detail detail) {
  const std::string wanted = command.required("id");
  Services& services = command.services;
  if (const auto id = parse_otp_id(wanted)) {
    return read_otp(services, std::nullopt, *id, [command, detail](std::optional<OtpView> view, bool is_read) {
      if (!is_read) return command.refuse(std::string(unreadable), std::string(see_status));
      if (!view) return command.refuse("there is no such request", "it may be older than the log is kept");
      tell(command, *view, detail);
    });
  }
  const auto phone = parse_phone(wanted);
  if (!phone)
    return command.misuse("expected a request id such as OTP-06EZ7K3M9QX2T5RB, or a phone number",
                          describe(phone.error(), wanted));
  list_otps(services, {.app = {}, .phone = phone->e164, .before = {}, .limit = 1},
            [command, detail](std::vector<OtpView> found, bool is_read) {
              if (!is_read) return command.refuse(std::string(unreadable), std::string(see_status));
              if (found.empty())
                return command.refuse("there is no request for this phone", "it may be older than the log is kept");
              tell(command, found.front(), detail);
            });
}

void write_row(JsonWriter& json, const Command& command, const OtpView& view) {
  Otp otp = view.otp;
  otp_rules::expire(otp, command.services.loop.wall_now());
  json.begin_object().field("requestId", to_string(otp.id)).field("createdAt", rfc3339(otp.created_at));
  json.field("app", app_name(command.services, otp.app));
  json.field("phone", command.request.flag("reveal") ? view.phone.reveal()
                                                     : mask_phone(view.phone.reveal(), otp.calling_prefix));
  json.field("country", otp.country).field("status", to_string(otp.status)).field("delivery", delivery_status(otp));
  json.field("sends", otp.sends()).field("test", otp.test).end_object();
}

/// A list of any length, page by page: the next one is read when the client has taken the one before.
class Pages : public std::enable_shared_from_this<Pages> {
 public:
  Pages(Command command, OtpQuery query, std::size_t wanted)
      : command_(std::move(command)), query_(std::move(query)), left_(wanted) {}

  void next() {
    query_.limit = std::min(left_, page_rows);
    list_otps(command_.services, query_, [self = shared_from_this()](const std::vector<OtpView>& found, bool is_read) {
      if (!is_read) return self->command_.refuse(std::string(unreadable), std::string(see_status));
      self->tell(found);
    });
  }

 private:
  void tell(const std::vector<OtpView>& found) {
    JsonWriter json;
    json.begin_array();
    for (const OtpView& view : found) write_row(json, command_, view);
    json.end_array();
    left_ -= found.size();
    if (left_ == 0 || found.size() < query_.limit) return command_.done(std::move(json).str());
    query_.before = found.back().otp.id;
    hand_over(wire::encode(wire::Answer::line(std::move(json).str(), 0)));
  }

  void hand_over(const std::string& page) {
    switch (command_.line(page)) {
      case ControlSent::taken: return next();
      case ControlSent::gone: return;
      case ControlSent::missed: break;
    }
    // The timer holds the pages until it has fired; it is let go behind its own call.
    timer_ = command_.services.loop.timer([self = shared_from_this(), page] {
      self->command_.services.loop.post([self, timer = std::move(self->timer_), page] { self->hand_over(page); });
    });
    timer_->start(look_again_after);
  }

  static constexpr std::size_t page_rows = 500;
  static constexpr Millis look_again_after{50};
  Command command_;
  OtpQuery query_;
  std::size_t left_;
  std::unique_ptr<Timer> timer_;
};

/// The answer of a cancel is never kept for replay here: `body` is the whole of it.
StoredAnswer render_cancel(const CancelOutcome& outcome) {
  const auto refused = [](std::string_view why) {
    return StoredAnswer{.body_hash = {}, .http_status = 409, .headers = {}, .body = std::string(why)};
  };
  switch (outcome.result) {
    case CancelResult::canceled: {
      JsonWriter json;
      json.begin_object().field("requestId", to_string(outcome.otp.id)).field("status", "canceled").end_object();
      return {.body_hash = {}, .http_status = 200, .headers = {}, .body = std::move(json).str()};
    }
    case CancelResult::not_found: return refused("there is no such request");
    case CancelResult::code_used: return refused("it is verified already");
    case CancelResult::code_expired: return refused("it has expired already");
    case CancelResult::code_canceled: return refused("it is canceled already");
    case CancelResult::code_locked: return refused("it is locked by wrong codes already");
    case CancelResult::not_live: return refused("it has no code that could be canceled");
  }
  return refused("");
}

void otp_show(Command command) { find(std::move(command), Detail::show); }
void otp_trace(Command command) { find(std::move(command), Detail::trace); }

std::optional<OtpStatus> status_named(std::string_view text) {
  for (const OtpStatus status : {OtpStatus::pending, OtpStatus::verified, OtpStatus::expired, OtpStatus::locked,
                                 OtpStatus::canceled, OtpStatus::blocked, OtpStatus::failed}) {
    if (to_string(status) == text) return status;
  }
  return std::nullopt;
}

void otp_list(Command command) {
  OtpQuery query;
  if (const auto name = command.request.text("app")) {
    const auto entry = command.services.directory.app_named(*name);
    if (!entry) return command.refuse(fmt::format("there is no app {}", *name), "`xionctl app list` shows them");
    query.app = entry->app.id;
  }
  if (const auto text = command.request.text("phone")) {
    const auto phone = parse_phone(*text);
    if (!phone) return command.refuse(describe(phone.error(), *text));
    query.phone = phone->e164;
  }
  query.carrier = command.request.text("carrier").value_or("");
  query.reason = command.request.text("reason").value_or("");
  if (const auto text = command.request.text("status")) {
    query.status = status_named(*text);
    if (!query.status)
      return command.misuse("--status: expected pending, verified, expired, locked, canceled, blocked or failed");
  }
  if (const auto text = command.request.text("since")) {
    const auto span = parse_duration(*text);
    if (!span) return command.misuse("--since: expected a time such as 30m, 24h or 7d");
    query.since = command.services.loop.wall_now() - *span;
  }
  constexpr std::int64_t shown = 20, shown_at_most = 100'000;
  const auto wanted = std::clamp(command.request.number("limit").value_or(shown), std::int64_t{1}, shown_at_most);
  std::make_shared<Pages>(std::move(command), std::move(query), static_cast<std::size_t>(wanted))->next();
}

void otp_cancel(Command command) {
  const auto id = parse_otp_id(command.required("id"));
  if (!id) return command.misuse("expected a request id such as OTP-06EZ7K3M9QX2T5RB");
  Services& services = command.services;
  cancel_otp(services, std::nullopt, *id, std::nullopt, render_cancel, [command = std::move(command)](Reply&& reply) {
    if (reply.kind == ReplyKind::store_failed)
      return command.refuse("the store could not keep it; nothing was changed", std::string(see_status));
    if (reply.answer.http_status != 200) return command.refuse(std::move(reply.answer.body));
    command.done(std::move(reply.answer.body));
  });
}

/// What the live request says already: its own text and values stand, and nothing of it differs.
SendRequest again(const OtpView& view) {
  SendRequest request;
  static_cast<KeptFields&>(request) = view.otp;
  request.text_template.clear();
  request.locale.clear();
  request.purpose = view.otp.purpose;
  if (const auto phone = parse_phone(view.phone.reveal())) request.phone = *phone;
  return request;
}

/// The live code once more, as the app itself would ask for it: within the same limits, rights and plan.
void send_again(const Command& command, const OtpView& view) {
  Otp otp = view.otp;
  otp_rules::expire(otp, command.services.loop.wall_now());
  const auto app = command.services.directory.app(otp.app);
  if (otp.status != OtpStatus::pending || otp.test || !app)
    return command.refuse("it has no code that could be sent again", "the app asks for a new one by POST /v1/otp/send");
  const auto outcome = std::make_shared<SendOutcome>();
  send_otp(
      command.services, {.app = app, .key_id = {}, .scopes = 0, .is_test = false}, again(view), std::nullopt,
      [outcome](const SendOutcome& decided) {
        *outcome = decided;
        return StoredAnswer{};
      },
      [command, outcome](const Reply& reply) {
        if (reply.kind == ReplyKind::store_failed)
          return command.refuse("the store could not keep it; nothing was sent", std::string(see_status));
        if (outcome->verdict != SendVerdict::sent) return tell_refusal(command, *outcome);
        JsonWriter json;
        json.begin_object().field("requestId", to_string(outcome->otp.id)).field("status", "pending");
        json.field("sends", outcome->otp.sends()).field("route", outcome->route).end_object();
        command.done(std::move(json).str());
      });
}

void otp_resend(Command command) {
  const auto id = parse_otp_id(command.required("id"));
  if (!id) return command.misuse("expected a request id such as OTP-06EZ7K3M9QX2T5RB");
  Services& services = command.services;
  read_otp(services, std::nullopt, *id, [command = std::move(command)](std::optional<OtpView> view, bool is_read) {
    if (!is_read) return command.refuse(std::string(unreadable), std::string(see_status));
    if (!view) return command.refuse("there is no such request", "it may be older than the log is kept");
    send_again(command, *view);
  });
}

}  // namespace

std::string request_json(const Command& command, const OtpView& view, bool with_events) {
  const std::string app = app_name(command.services, view.otp.app);
  const Describing describing{.routes = command.services.settings->routes,
                              .app_name = app,
                              .shows_phone = command.request.flag("reveal"),
                              .now = command.services.loop.wall_now(),
                              .in_millis = true};
  JsonWriter json;
  json.begin_object();
  describe_otp(json, view, describing);
  if (with_events) {
    if (const std::string missing = missing_receipt(command.services, view.otp, describing.now); !missing.empty())
      json.field("receipt", missing);
    describe_events(json, view.otp, describing, sender_of(command.services, view));
  }
  json.end_object();
  return std::move(json).str();
}

Verbs otp_verbs() {
  static constexpr Verb verbs[] = {{"otp list", otp_list},
                                   {"otp show", otp_show},
                                   {"otp trace", otp_trace},
                                   {"otp resend", otp_resend},
                                   {"otp cancel", otp_cancel}};
  static_assert(is_every_verb_of("otp", verbs));
  return verbs;
}

}  // namespace xion::control
