#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "api/router.h"
#include "unit/desk.h"
#include "unit/desk_exchange.h"
#include "wire/value.h"

namespace xion {

/// An answer with its body read.
struct Told {
  int status = 0;  ///< 0: none came.
  HttpAnswer http;
  wire::Value body;

  std::string header(std::string_view name) const {
    for (const auto& [key, value] : http.headers) {
      if (key == name) return value;
    }
    return "";
  }
  std::string text(std::string_view name) const {
    const auto* member = body.find(name);
    return member != nullptr && member->text() != nullptr ? *member->text() : std::string();
  }
  std::int64_t number(std::string_view name) const {
    const auto* member = body.find(name);
    return member != nullptr && member->whole() != nullptr ? *member->whole() : -1;
  }
  std::string code() const { return text("code"); }
};

/// The API on a desk, with a live key and a test key of one app.
struct ApiDesk : Desk {
  Api api{gateway.services()};
  std::string live = key({.app = "shop", .scopes = 31, .is_test = false, .expires_in = {}, .networks = {}});
  std::string test = key({.app = "shop", .scopes = default_scopes, .is_test = true, .expires_in = {}, .networks = {}});

  Told ask(Ask asked) {
    auto answer = begin(std::move(asked));
    loop.run(Millis{10});
    return told(*answer);
  }
  /// Hands a request over without waiting for what comes of it.
  std::shared_ptr<std::optional<HttpAnswer>> begin(Ask asked) {
    auto answer = std::make_shared<std::optional<HttpAnswer>>();
    api.handle(std::make_unique<DeskExchange>(std::move(asked), answer));
    return answer;
  }
  static Told told(const std::optional<HttpAnswer>& answer) {
    if (!answer) return {};
    Told told{answer->status, *answer, {}};
    if (auto body = wire::parse_json(answer->body)) told.body = std::move(*body);
    return told;
  }

  Told post(std::string path, std::string body, const std::string& key,
            std::map<std::string, std::string> headers = {}) {
    headers["Authorization"] = "Bearer " + key;
    headers.emplace("Content-Type", "application/json");
    return ask({HttpMethod::post, std::move(path), std::move(body), std::move(headers)});
  }
  Told send(std::string body) { return post("/v1/otp/send", std::move(body), live); }
  Told verify(std::string body) { return post("/v1/otp/verify", std::move(body), live); }
  Told get(std::string path, const std::string& key) {
    return ask({HttpMethod::get, std::move(path), "", {{"Authorization", "Bearer " + key}}});
  }
};

}  // namespace xion
