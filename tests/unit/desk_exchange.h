#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "ports/http.h"

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
    Body(HttpAnswer head, std::shared_ptr<std::optional<HttpAnswer>> to)
        : whole(std::move(head)), answer(std::move(to)) {}
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

}  // namespace xion
