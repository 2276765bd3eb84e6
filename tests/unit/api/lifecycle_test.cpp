#include <doctest/doctest.h>

#include "api/call/phone_cache.h"
#include "app/codes/read_otp.h"
#include "unit/api/api_desk.h"

namespace xion {
namespace {

constexpr const char* send_body = R"({"phone": "+37499123056", "channel": "sms", "ttlSeconds": 120})";

/// The code that a carrier would be given now.
std::string code_of(ApiDesk& desk, const std::string& request_id) {
  std::string code;
  read_otp(desk.gateway.services(), std::nullopt, *parse_otp_id(request_id), [&](std::optional<OtpView> view, bool) {
    code =
        desk.loop_vault.derive_code(view->otp.salt, view->otp.id, view->otp.generation, view->otp.code_length).reveal();
  });
  desk.loop.run(Millis{10});
  return code;
}

std::string verify_body(const std::string& code) { return R"({"phone":"+37499123056","code":")" + code + "\"}"; }

}  // namespace

TEST_CASE("a send is answered with the members of the contract, in its order") {
  ApiDesk desk;
  const Told told = desk.send(send_body);
  CHECK(told.status == 202);
  CHECK(told.http.content_type == "application/json");
  const std::string id = told.text("requestId");
  CHECK(told.header("Location") == "/v1/otp/" + id);
  const std::string dots = "\xE2\x80\xA2\xE2\x80\xA2\xE2\x80\xA2\xE2\x80\xA2\xE2\x80\xA2";
  CHECK(told.http.body ==
        R"({"ok":true,"status":"pending","requestId":")" + id + R"(","phone":"+374)" + dots +
            R"(056","country":"AM","channel":"sms","ttlSeconds":120,"expiresAt":"2026-02-12T12:02:00Z",)"
            R"("resend":false,"sends":1,"resendAvailableAt":"2026-02-12T12:00:31Z","attemptsRemaining":5,)"
            R"("delivery":{"status":"queued","route":"primary"},"test":false})");
}

TEST_CASE("the right code is answered with exactly the promised body, once") {
  ApiDesk desk;
  const std::string id = desk.send(send_body).text("requestId");
  const std::string code = code_of(desk, id);
  const Told told = desk.verify(verify_body(" " + code.substr(0, 3) + "-" + code.substr(3)));
  CHECK(told.status == 200);
  CHECK(told.http.body == R"({"ok":true,"status":"verified","verifiedAt":"2026-02-12T12:00:00Z"})");
  CHECK(told.header("Location") == "/v1/otp/" + id);
  const Told again = desk.verify(verify_body(code));
  CHECK(again.status == 410);
  CHECK(again.code() == "code_used");
}

TEST_CASE("a refused verify is a commit whatever it was refused for, so that its time tells nothing") {
  ApiDesk desk;
  const std::string body =
      verify_body(code_of(desk, desk.send(send_body).text("requestId")) == "000000" ? "000001" : "000000");
  const auto commits_of = [&](const std::string& asked, std::string_view code) {
    const std::size_t before = desk.disk.commits();
    CHECK(desk.verify(asked).code() == code);
    return desk.disk.commits() - before;
  };
  CHECK(commits_of(body, "invalid_code") == 1);
  CHECK(commits_of(R"({"phone":"+37499123057","code":"123456"})", "no_active_code") == 1);
  desk.loop.run(Seconds{121});
  CHECK(commits_of(body, "code_expired") == 1);
  CHECK(commits_of(body, "code_expired") == 1);
}

TEST_CASE("a wrong code is told what is left, and the last one locks") {
  ApiDesk desk;
  const std::string id = desk.send(send_body).text("requestId");
  const std::string wrong = code_of(desk, id) == "000000" ? "000001" : "000000";
  const Told first = desk.verify(verify_body(wrong));
  CHECK(first.status == 422);
  CHECK(first.code() == "invalid_code");
  CHECK(first.number("attemptsRemaining") == 4);
  CHECK(first.text("expiresAt") == "2026-02-12T12:02:00Z");
  for (int i = 0; i < 3; ++i) desk.verify(verify_body(wrong));
  CHECK(desk.verify(verify_body(wrong)).number("attemptsRemaining") == 0);
  const Told last = desk.verify(verify_body(code_of(desk, id)));
  CHECK(last.status == 423);
  CHECK(last.code() == "code_locked");
  CHECK_FALSE(last.header("Retry-After").empty());
}

TEST_CASE("a send within the cooldown names the live request and the wait") {
  ApiDesk desk;
  const std::string id = desk.send(send_body).text("requestId");
  const Told told = desk.send(send_body);
  CHECK(told.status == 429);
  CHECK(told.code() == "cooldown_active");
  CHECK(told.text("requestId") == id);
  CHECK(told.number("retryAfterSeconds") == 30);
  CHECK(told.header("Retry-After") == "30");
  desk.loop.run(Millis{30'000});
  const Told resent = desk.send(send_body);
  CHECK(resent.status == 202);
  CHECK(resent.text("requestId") == id);
  CHECK(resent.number("sends") == 2);
}

TEST_CASE("no code, an expired and a canceled one are told apart") {
  ApiDesk desk;
  CHECK(desk.verify(verify_body("123456")).code() == "no_active_code");
  const std::string id = desk.send(send_body).text("requestId");
  const Told canceled = desk.post("/v1/otp/" + id + "/cancel", "", desk.live);
  CHECK(canceled.status == 200);
  CHECK(canceled.text("status") == "canceled");
  CHECK(desk.verify(verify_body("123456")).code() == "code_canceled");
  CHECK(desk.post("/v1/otp/" + id + "/cancel", "{}", desk.live).code() == "code_canceled");
  CHECK(desk.post("/v1/otp/OTP-0000000000000000/cancel", "", desk.live).code() == "not_found");

  desk.loop.run(Millis{30'000});
  desk.send(send_body);
  desk.loop.run(Millis{120'000});
  CHECK(desk.verify(verify_body("123456")).code() == "code_expired");
}

TEST_CASE("a request can be read in any case of its id, masked unless the key may see numbers") {
  ApiDesk desk;
  std::string id =
      desk.send(R"({"phone":"+37499123056","reference":"order 7","metadata":{"cart":"9"}})").text("requestId");
  const Told full = desk.get("/v1/otp/" + id, desk.live);
  CHECK(full.status == 200);
  CHECK(full.text("status") == "pending");
  CHECK(full.text("phone") == "+37499123056");
  CHECK(full.text("reference") == "order 7");
  CHECK(*full.body.find("delivery")->find("status")->text() == "queued");
  CHECK(*full.body.find("delivery")->find("route")->text() == "primary");
  CHECK(*full.body.find("events")->array()->front().find("type")->text() == "created");

  for (char& c : id) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto reader =
      desk.key({.app = "shop", .scopes = default_scopes, .is_test = false, .expires_in = {}, .networks = {}});
  const Told masked = desk.get("/v1/otp/" + id, reader);
  CHECK(masked.status == 200);
  CHECK(masked.http.body.find("37499123056") == std::string::npos);
  desk.loop.run(Millis{300'000});
  CHECK(desk.get("/v1/otp/" + id, reader).text("status") == "expired");

  const auto stranger =
      desk.key({.app = "other", .scopes = default_scopes, .is_test = false, .expires_in = {}, .networks = {}});
  CHECK(desk.get("/v1/otp/" + id, stranger).code() == "not_found");
  CHECK(desk.get("/v1/otp/OTP-1", reader).code() == "not_found");
}

TEST_CASE("the same Idempotency-Key replays the answer, refuses another body, and waits for the first") {
  ApiDesk desk;
  const std::map<std::string, std::string> with_key{{"Idempotency-Key", "k-1"},
                                                    {"Authorization", "Bearer " + desk.live}};
  const auto first = desk.begin({HttpMethod::post, "/v1/otp/send", send_body, with_key});
  CHECK_FALSE(first->has_value());
  const auto second = desk.begin({HttpMethod::post, "/v1/otp/send", send_body, with_key});
  CHECK(ApiDesk::told(*second).code() == "idempotency_in_progress");
  desk.loop.run(Millis{10});
  REQUIRE(ApiDesk::told(*first).status == 202);

  const Told replay = desk.ask({HttpMethod::post, "/v1/otp/send/", send_body, with_key});
  CHECK(replay.status == 202);
  CHECK(replay.http.body == (*first)->body);
  CHECK(replay.header("Idempotency-Replayed") == "true");
  CHECK(replay.header("Location") == ApiDesk::told(*first).header("Location"));
  const Told other = desk.ask({HttpMethod::post, "/v1/otp/send", R"({"phone":"+37499123057"})", with_key});
  CHECK(other.status == 422);
  CHECK(other.code() == "idempotency_key_reused");
  CHECK(desk.post("/v1/otp/send", send_body, desk.live, {{"Idempotency-Key", ""}}).code() == "invalid_field");
}

TEST_CASE("a failed verification is replayed, not counted twice") {
  ApiDesk desk;
  const std::string id = desk.send(send_body).text("requestId");
  const std::string wrong = code_of(desk, id) == "000000" ? "000001" : "000000";
  const auto attempt = [&] {
    return desk.post("/v1/otp/verify", verify_body(wrong), desk.live, {{"Idempotency-Key", "k"}});
  };
  CHECK(attempt().number("attemptsRemaining") == 4);
  CHECK(attempt().number("attemptsRemaining") == 4);
  CHECK(desk.verify(verify_body(wrong)).number("attemptsRemaining") == 3);
}

TEST_CASE("nothing is acknowledged that the disk does not have") {
  ApiDesk desk;
  desk.disk.commit_fails = [] { return true; };
  const Told told = desk.send(send_body);
  CHECK(told.status == 503);
  CHECK(told.code() == "store_unavailable");
  CHECK(told.header("Retry-After") == "5");
}

TEST_CASE("a test key tells the story of the number, with the same members") {
  ApiDesk desk;
  const Told sent = desk.post("/v1/otp/send", R"({"phone":"+37499120001"})", desk.test);
  CHECK(sent.status == 202);
  CHECK(*sent.body.find("test")->truth());
  CHECK(desk.post("/v1/otp/verify", R"({"phone":"+37499120001","code":"000000"})", desk.test).text("status") ==
        "verified");
  CHECK(desk.post("/v1/otp/send", R"({"phone":"+37499120004"})", desk.test).code() == "country_not_allowed");
  CHECK(desk.post("/v1/otp/send", R"({"phone":"+37499120005"})", desk.test).code() == "cooldown_active");
  CHECK(desk.post("/v1/otp/send", R"({"phone":"+37499120008"})", desk.test).code() == "fraud_suspected");
}

TEST_CASE("a dry run tells the whole decision and keeps nothing") {
  ApiDesk desk;
  const Told told = desk.send(R"({"phone":"+37499123056","dryRun":true,"codeLength":8})");
  CHECK(told.status == 200);
  CHECK(told.text("status") == "dry_run");
  CHECK(told.text("phone") == "+37499123056");
  CHECK(told.text("country") == "AM");
  CHECK(told.text("numberType") == "mobile");
  CHECK(told.text("text").find("00000000") != std::string::npos);
  CHECK(told.number("segments") == 1);
  CHECK(*told.body.find("delivery")->find("route")->text() == "primary");
  CHECK(told.body.find("limits")->find("sendsPerPhone")->array()->size() == 2);
  CHECK(desk.store->status().requests == 0);
}

TEST_CASE("the plan's end is told with its figures") {
  ApiDesk desk;
  desk.settings.plans["starter"].sms_per_month = 1;
  desk.directory().set_app("shop", {{"plan", "starter"}}, [](auto) {});
  desk.loop.run(Millis{3000});
  CHECK(desk.send(send_body).status == 202);
  const Told told = desk.send(R"({"phone":"+37499123057"})");
  CHECK(told.status == 402);
  CHECK(told.code() == "plan_limit_reached");
  CHECK(told.number("included") == 1);
  CHECK(told.number("used") == 1);
  CHECK(told.text("resetsAt") == "2026-03-01T00:00:00Z");
}

TEST_CASE("the phone cache keeps what was used last and stays in its bound") {
  PhoneCache phones(2);
  CHECK(phones.parse("+37499123056")->e164 == "+37499123056");
  CHECK(phones.parse("+37499123057")->e164 == "+37499123057");
  CHECK(phones.parse("+37499123056")->e164 == "+37499123056");
  CHECK(phones.parse("+37499123058")->e164 == "+37499123058");
  CHECK(phones.size() == 2);
  CHECK_FALSE(phones.parse("nonsense"));
  CHECK(phones.size() == 2);
  CHECK(phones.parse("099123056", "AM")->e164 == "+37499123056");
}

}  // namespace xion
