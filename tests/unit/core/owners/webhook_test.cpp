#include "core/owners/webhook.h"

#include "core/owners/webhook_events.h"

#include <doctest/doctest.h>

using namespace xion;
using namespace std::chrono_literals;

namespace {

constexpr WallTime made{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

std::vector<std::string_view> types_of(const std::vector<WebhookEvent>& events) {
  std::vector<std::string_view> types;
  for (const WebhookEvent& event : events) types.push_back(event.type);
  return types;
}

Message message_in(MessageState state, WallTime queued_at) {
  Message message;
  message.state = state;
  message.queued_at = queued_at;
  return message;
}

Otp request() {
  Otp otp;
  otp.created_at = made;
  otp.expires_at = made + 300s;
  otp.country = "AM";
  otp.messages.push_back(message_in(MessageState::queued, made));
  return otp;
}

}  // namespace

TEST_CASE("any 2xx delivers, and nothing is tried again") {
  for (const int status : {200, 202, 204, 299}) {
    WebhookDelivery delivery;
    CHECK_FALSE(settle_attempt(delivery, {status, {}}, 0, made));
    CHECK(delivery.state == DeliveryState::delivered);
    CHECK(delivery.attempts == 1);
  }
}

TEST_CASE(
    "what is not a 2xx, a redirect too, is tried again after 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h, then "
    "failed") {
  const Seconds waits[] = {5s, 300s, 1800s, 7200s, 18'000s, 36'000s, 50'400s, 72'000s, 86'400s};
  WebhookDelivery delivery;
  WallTime now = made;
  for (const Seconds wait : waits) {
    CHECK_FALSE(settle_attempt(delivery, {delivery.attempts % 2 == 0 ? 302 : 500, {}}, 0, now));
    CHECK(delivery.state == DeliveryState::pending);
    CHECK(delivery.next_at == now + wait);
    now = delivery.next_at;
  }
  settle_attempt(delivery, {0, "connection refused"}, 0, now);
  CHECK(delivery.state == DeliveryState::failed);
  CHECK(delivery.error == "connection refused");
  CHECK(delivery.attempts == 10);
}

TEST_CASE("jitter makes a wait up to a tenth longer, never shorter") {
  WebhookDelivery delivery;
  delivery.attempts = 3;
  settle_attempt(delivery, {503, {}}, 65'535, made);
  CHECK(delivery.next_at == made + 2h + 12min);
}

TEST_CASE("410 says that the webhook is gone: it fails at once and is to be switched off") {
  WebhookDelivery delivery;
  CHECK(settle_attempt(delivery, {410, {}}, 0, made));
  CHECK(delivery.state == DeliveryState::failed);
}

TEST_CASE("a request's life is told step by step, each step once") {
  const Otp first = request();
  CHECK(types_of(webhook_events(nullptr, first)) == std::vector<std::string_view>{"otp.created"});
  CHECK(webhook_events(&first, first).empty());

  Otp submitted = first;
  submitted.messages[0].state = MessageState::submitting;
  CHECK(webhook_events(&first, submitted).empty());
  submitted.messages[0].state = MessageState::submitted;
  CHECK(types_of(webhook_events(&first, submitted)) == std::vector<std::string_view>{"otp.submitted"});

  Otp delivered = submitted;
  delivered.messages[0].state = MessageState::delivered;
  CHECK(types_of(webhook_events(&submitted, delivered)) == std::vector<std::string_view>{"otp.delivered"});

  Otp locked = delivered;
  locked.failed_attempts.push_back({made + 5s});
  locked.status = OtpStatus::locked;
  CHECK(types_of(webhook_events(&delivered, locked)) ==
        std::vector<std::string_view>{"otp.attempt_failed", "otp.locked"});

  Otp verified = delivered;
  verified.status = OtpStatus::verified;
  CHECK(types_of(webhook_events(&delivered, verified)) == std::vector<std::string_view>{"otp.verified"});
}

TEST_CASE("a resend's message is told by itself, and a blocked request is never told as created") {
  Otp before = request();
  before.messages[0].state = MessageState::delivered;
  Otp after = before;
  after.messages.push_back(message_in(MessageState::undelivered, made + 40s));
  CHECK(types_of(webhook_events(&before, after)) == std::vector<std::string_view>{"otp.undelivered"});

  Otp blocked = request();
  blocked.messages.clear();
  blocked.status = OtpStatus::blocked;
  blocked.reason = "phone_blocked";
  const auto events = webhook_events(nullptr, blocked);
  CHECK(types_of(events) == std::vector<std::string_view>{"otp.blocked"});
  CHECK(events[0].data.find("phone_blocked") != std::string::npos);
}

TEST_CASE("the payload is type, timestamp and data, and the signed content joins id, time and payload by dots") {
  CHECK(webhook_payload("otp.verified", made, R"({"a":1})") ==
        R"({"type":"otp.verified","timestamp":"2026-03-01T00:00:00.000Z","data":{"a":1}})");
  CHECK(webhook_signed_content("msg_1", 1614265330, "{}") == "msg_1.1614265330.{}");
}

TEST_CASE("a webhook wants the types that it named, all where it named none, nothing once it is off") {
  Webhook webhook;
  CHECK(webhook.wants("otp.verified"));
  webhook.types = {"otp.locked"};
  CHECK(webhook.wants("otp.locked"));
  CHECK_FALSE(webhook.wants("otp.verified"));
  webhook.disabled = "it answered 410 Gone";
  CHECK_FALSE(webhook.wants("otp.locked"));
}

TEST_CASE("a URL that can't be a webhook's is refused with a sentence") {
  for (const char* url : {"", "ftp://example.com/", "https://", "https:///hook", "https://user:word@example.com/",
                          "https://example.com/a b", "https://example.com/#part", "example.com/hook"}) {
    CAPTURE(url);
    CHECK(trouble_in_webhook_url(url).has_value());
  }
  CHECK_FALSE(trouble_in_webhook_url("https://example.com/hooks/otp?x=1").has_value());
  CHECK_FALSE(trouble_in_webhook_url("http://127.0.0.1:8000/hook").has_value());
}
