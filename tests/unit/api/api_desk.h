#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "api/router.h"
#include "unit/desk.h"
#include "wire/value.h"

namespace xion {

struct Ask {
  HttpMethod method = HttpMethod::post;
  std::string path;
  std::string body;
  std::map<std::string, std::string> headers;
};

/// One request as a listener would hand it over; the answer goes to where the test looks.
class DeskExchange final : public HttpExchange {
 public:
  DeskExchange(Ask ask, std::shared_ptr<std::optional<HttpAnswer>> answer)
      : ask_(std::move(ask)), answer_(std::move(answer)) {
    const std::size_t octets = ask_.body.size();  // simdjson's padding
    ask_.body.append(64, '\0');
    ask_.body.resize(octets);
    if (const auto at = ask_.path.find('?'); at != std::string::npos) {
      query_ = ask_.path.substr(at + 1);
      ask_.path.resize(at);
    }
  }
  HttpMethod method() const override { return ask_.method; }
  std::string_view path() const override { return ask_.path; }
  std::string_view query() const override { return query_; }
  std::optional<std::string_view> header(std::string_view name) const override {
    const auto found = ask_.headers.find(std::string(name));
    return found == ask_.headers.end() ? std::nullopt : std::optional<std::string_view>(found->second);
  }
  std::string_view body() const override { return ask_.body; }
  std::string_view peer_address() const override { return "192.0.2.7"; }
  void reply(HttpAnswer answer) override { *answer_ = std::move(answer); }
  std::unique_ptr<HttpBody> reply_in_pieces(HttpAnswer head) override {
    return std::make_unique<Body>(std::move(head), answer_);
  }

 private:
  /// A client that takes each piece at once; it has its answer at the end.
  struct Body final : HttpBody {
    Body(HttpAnswer head, std::shared_ptr<std::optional<HttpAnswer>> to) : whole(std::move(head)), answer(std::move(to)) {}
    void write(std::string piece, std::move_only_function<void()> taken) override {
      whole.body += piece;
      taken();
    }
    void end() override { *answer = std::move(whole); }
    bool is_gone() const override { return false; }
    HttpAnswer whole;
    std::shared_ptr<std::optional<HttpAnswer>> answer;
  };

  Ask ask_;
  std::string query_;
  std::shared_ptr<std::optional<HttpAnswer>> answer_;
};

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
