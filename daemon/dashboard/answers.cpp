#include "dashboard/answers.h"

#include <utility>

#include "base/json_writer.h"

namespace xion::dashboard {
namespace {

/// No host but this one, nothing inline, no frame round it, and no text that becomes markup.
constexpr std::string_view content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

}  // namespace

void add_guards(HttpAnswer& answer) {
  answer.headers.emplace_back("Content-Security-Policy", content_policy);
  answer.headers.emplace_back("X-Content-Type-Options", "nosniff");
  answer.headers.emplace_back("Referrer-Policy", "no-referrer");
  answer.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  answer.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
}

HttpAnswer json_answer(int status, std::string body) {
  HttpAnswer answer{.status = status,
                    .content_type = status < 400 ? "application/json" : "application/problem+json",
                    .headers = {{"Cache-Control", "no-store"}},
                    .body = std::move(body)};
  add_guards(answer);
  return answer;
}

HttpAnswer problem(int status, std::string_view code, std::string_view detail, std::string_view hint) {
  JsonWriter json;
  json.begin_object().field("ok", false).field("type", "/v1/errors#" + std::string(code)).field("title", code).field("code", code);
  json.field("detail", detail);
  if (!hint.empty()) json.field("hint", hint);
  json.end_object();
  return json_answer(status, std::move(json).str());
}

}  // namespace xion::dashboard
