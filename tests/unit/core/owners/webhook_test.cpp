#include "core/owners/webhook.h"

#include "core/owners/webhook_events.h"

#include <doctest/doctest.h>

using namespace xion;
using namespace std::chrono_literals;

namespace {

constexpr WallTime made{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

using EventTypes = std::vector<std::string_view>;

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

TEST_CASE("a URL is shown without what only its receiver may know") {
  CHECK(masked_url("https://example.com/hook") == "https://example.com/hook");
  CHECK(masked_url("https://example.com/hook?token=s3cret&x=1") == "https://example.com/hook?…");
  CHECK(masked_url("http://ani:s3cret@example.com:81/hook?s3cret") == "http://…@example.com:81/hook?…");
  CHECK(masked_url("https://s3cret@example.com") == "https://…@example.com");
  CHECK(masked_url("https://example.com/a@b") == "https://example.com/a@b");
  CHECK(masked_url("https://example.com?s3cret@x") == "https://example.com?…");
  CHECK(masked_url("https://example.com/hook#s3cret") == "https://example.com/hook#…");
  CHECK(masked_url("is this a URL?") == "is this a URL?");
}

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
  CHECK(webhook_events(nullptr, first) == EventTypes{"otp.created"});
  CHECK(webhook_events(&first, first).empty());

  Otp submitted = first;
  submitted.messages[0].state = MessageState::submitting;
  CHECK(webhook_events(&first, submitted).empty());
  submitted.messages[0].state = MessageState::submitted;
  CHECK(webhook_events(&first, submitted) == EventTypes{"otp.submitted"});

  Otp delivered = submitted;
  delivered.messages[0].state = MessageState::delivered;
  CHECK(webhook_events(&submitted, delivered) == EventTypes{"otp.delivered"});

  Otp locked = delivered;
  locked.failed_attempts.push_back({made + 5s});
  locked.status = OtpStatus::locked;
  CHECK(webhook_events(&delivered, locked) == EventTypes{"otp.attempt_failed", "otp.locked"});

  Otp verified = delivered;
  verified.status = OtpStatus::verified;
  CHECK(webhook_events(&delivered, verified) == EventTypes{"otp.verified"});
}

TEST_CASE("a resend's message is told by itself, and a blocked request is never told as created") {
  Otp before = request();
  before.messages[0].state = MessageState::delivered;
  Otp after = before;
  after.messages.push_back(message_in(MessageState::undelivered, made + 40s));
  CHECK(webhook_events(&before, after) == EventTypes{"otp.undelivered"});

  Otp blocked = request();
  blocked.messages.clear();
  blocked.status = OtpStatus::blocked;
  blocked.reason = "phone_blocked";
  CHECK(webhook_events(nullptr, blocked) == EventTypes{"otp.blocked"});
  CHECK(webhook_data("otp.blocked", blocked, "shop", "").contains(R"("reason":"phone_blocked")"));
}

TEST_CASE(
    "what is told of a request names its app, masked phone, user, metadata, latency and why something was refused") {
  Otp otp = request();
  otp.user_id = "u-7";
  otp.metadata = {{"plan", "gold"}};
  otp.reference = "order-7";
  otp.route_taken = "main";
  Message& message = otp.messages[0];
  message.state = MessageState::delivered;
  message.submissions.emplace_back();
  message.submissions[0].carrier = "primary";
  message.submissions[0].receipt_at = made + 4s;
  message.submissions[0].receipt_error = "000";
  const std::string data = webhook_data("otp.delivered", otp, "shop", "+374•••••056");
  for (const char* part :
       {R"("app":"shop")", R"("phone":"+374•••••056")", R"("userId":"u-7")", R"("metadata":{"plan":"gold"})",
        R"("latencyMs":4000)", R"("reference":"order-7")", R"("country":"AM")", R"("route":"main")"}) {
    CAPTURE(part);
    CHECK(data.contains(part));
  }
  CHECK_FALSE(data.contains("error"));
  CHECK_FALSE(data.contains("reason"));
  otp.policy_events.push_back({made + 5s, true, 0, "rate_limited: sends_per_phone"});
  CHECK_FALSE(webhook_data("otp.delivered", otp, "shop", "").contains("reason"));
  CHECK(webhook_data("otp.blocked", otp, "shop", "").contains(R"("reason":"rate_limited")"));
}

TEST_CASE("a batch holds its events with their ids, and has an id of its own that is another for other events") {
  std::vector<WebhookDelivery> deliveries(2);
  deliveries[0].id = 1;
  deliveries[0].made_at = made + 2s;
  deliveries[0].payload = webhook_payload("otp.created", made + 2s, "{}");
  deliveries[1].id = 2;
  deliveries[1].made_at = made;
  deliveries[1].payload = webhook_payload("otp.verified", made, "{}");
  CHECK(webhook_batch_payload(deliveries) ==
        R"({"type":"batch","timestamp":"2026-03-01T00:00:02Z","data":{"events":[)"
        R"({"id":"msg_0000000000000001","type":"otp.created","timestamp":"2026-03-01T00:00:02Z","data":{}},)"
        R"({"id":"msg_0000000000000002","type":"otp.verified","timestamp":"2026-03-01T00:00:00Z","data":{}}]}})");
  const std::string id = webhook_batch_id(deliveries);
  CHECK(id == webhook_batch_id(deliveries));
  deliveries[1].id = 3;
  CHECK(id != webhook_batch_id(deliveries));
}

TEST_CASE("one app's waiting deliveries leave room for the next one's, however many apps there are") {
  std::size_t of_all = 0;
  for (int app = 0; app < 5; ++app) {
    std::size_t of_app = 0;
    while (has_room_for_delivery(of_app, of_all)) {
      of_app += 1'000;
      of_all += 1'000;
    }
    CHECK(of_app > 30'000);
    if (app == 0) CHECK(of_app == 1'000'000);
  }
  CHECK(of_all < 2'000'000);
}

TEST_CASE("a callback URL is the webhook's own or one below it, and none that only begins alike or leads out of it") {
  Webhook webhook;
  webhook.url = "https://example.com/hooks";
  CHECK_FALSE(webhook.is_called_at("https://example.com/hooks"));
  webhook.is_callback = true;
  for (const char* url :
       {"https://example.com/hooks", "https://example.com/hooks/order-7", "https://example.com/hooks?order=7..8"})
    CHECK(webhook.is_called_at(url));
  for (const char* url :
       {"https://example.com/hook", "https://example.com/hooks2", "https://example.com/hooks/../admin",
        "https://example.com/hooks/%2E%2e/admin", "http://example.com/hooks", "https://evil.example/hooks", ""})
    CHECK_FALSE(webhook.is_called_at(url));
  webhook.url = "https://example.com";
  CHECK_FALSE(webhook.is_called_at("https://example.com.evil.example/"));
  CHECK_FALSE(webhook.is_called_at("https://example.com@evil.example/"));
  CHECK_FALSE(webhook.is_called_at("https://example.com:8443/"));
  webhook.url = "https://example.com/hooks?key=1";
  CHECK(webhook.is_called_at("https://example.com/hooks?key=1&order=7"));
  CHECK_FALSE(webhook.is_called_at("https://example.com/hooks?key=12"));
  webhook.disabled = "it answered 410 Gone";
  CHECK_FALSE(webhook.is_called_at("https://example.com/hooks?key=1"));
}

TEST_CASE("of the callback webhooks that a URL fits the one with the longest is called, and none of another app") {
  std::vector<Webhook> all(4);
  for (Webhook& webhook : all) {
    webhook.app = 1;
    webhook.is_callback = true;
  }
  all[0].url = "https://example.com/hooks";
  all[1].url = "https://example.com/hooks/orders";
  all[2].url = "https://example.com/hooks/orders/7";
  all[2].app = 2;
  all[3].url = "https://example.com/hooks/orders/7";
  all[3].is_callback = false;
  CHECK(callback_webhook(all, 1, "https://example.com/hooks/orders/7") == &all[1]);
  CHECK(callback_webhook(all, 1, "https://example.com/hooks/users") == &all[0]);
  CHECK(callback_webhook(all, 2, "https://example.com/hooks/orders/7/x") == &all[2]);
  CHECK(callback_webhook(all, 2, "https://example.com/hooks") == nullptr);
}

TEST_CASE("a webhook's record is read back as it was written, one of the first format without what it did not know") {
  Webhook webhook;
  webhook.id = "wh_1";
  webhook.url = "https://example.com/";
  webhook.batch = 50;
  webhook.is_callback = true;
  std::string record = to_record(webhook);
  const auto read = webhook_from_record("wh_1", record);
  REQUIRE(read);
  CHECK(read->batch == 50);
  CHECK(read->is_callback);
  record.resize(record.size() - 2);
  CHECK_FALSE(webhook_from_record("wh_1", record).has_value());
  record.front() = 1;
  REQUIRE(webhook_from_record("wh_1", record).has_value());
  CHECK(webhook_from_record("wh_1", record)->batch == 0);
}

TEST_CASE("the payload is type, timestamp and data, and the signed content joins id, time and payload by dots") {
  CHECK(webhook_payload("otp.verified", made, R"({"a":1})") ==
        R"({"type":"otp.verified","timestamp":"2026-03-01T00:00:00Z","data":{"a":1}})");
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
