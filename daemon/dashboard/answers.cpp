#include "dashboard/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/problem_json.h"
#include "dashboard/assets.h"

namespace xion::dashboard {
namespace {

/// No host but this one, nothing inline but what the build put there, no frame round it, and no text that becomes
/// markup.
const std::string& content_policy() {
  static const std::string policy = fmt::format(
      "default-src 'none'; script-src 'self' '{}'; style-src 'self' '{}'; img-src 'self' data: blob:; connect-src "
      "'self'; manifest-src 'self'; "
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
      inline_script_hash(), inline_style_hash());
  return policy;
}

struct Title {
  std::string_view code, text;
};
/// What each refusal is, whatever this one is about; where the API has the same code, in its words.
constexpr Title titles[] = {
    {"body_too_large", "The body is too large"},
    {"malformed_json", "The body is not a JSON object that can be read"},
    {"missing_field", "A required field is missing"},
    {"invalid_field", "A field has the wrong type or form"},
    {"not_signed_in", "Nobody is signed in"},
    {"invite_over", "The link is over"},
    {"passkey_refused", "The passkey is not taken"},
    {"insufficient_role", "The role does not allow this"},
    {"forged_request", "The request is not the dashboard's own"},
    {"not_found", "There is nothing here"},
    {"method_not_allowed", "This path does not take this method"},
    {"refused", "The command was refused"},
    {"rate_limited", "Too many requests"},
    {"overloaded", "Too many pages follow"},
    {"store_unavailable", "Nothing can be stored now"},
};

std::string_view title_of(std::string_view code) {
  const auto* found = std::ranges::find(titles, code, &Title::code);
  return found == std::end(titles) ? code : found->text;
}

}  // namespace

void add_guards(HttpAnswer& answer) {
  answer.headers.emplace_back("Content-Security-Policy", content_policy());
  answer.headers.emplace_back("Referrer-Policy", "no-referrer");
  answer.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
}

HttpAnswer json_answer(int status, std::string body) {
  HttpAnswer answer{
      .status = status,
      .content_type = std::string(status < 400 ? std::string_view("application/json") : problem_content_type),
      .headers = {{"Cache-Control", "no-store"}},
      .body = std::move(body)};
  add_guards(answer);
  return answer;
}

HttpAnswer problem(int status, std::string_view code, std::string_view detail, std::string_view hint) {
  JsonWriter json = begin_problem(code, title_of(code), detail);
  if (!hint.empty()) json.field("hint", hint);
  json.end_object();
  return json_answer(status, std::move(json).str());
}

HttpAnswer wrong_method(std::string_view allowed, std::string_view detail) {
  HttpAnswer refusal = problem(405, "method_not_allowed", detail, fmt::format("expected {}", allowed));
  refusal.headers.emplace_back("Allow", allowed);
  return refusal;
}

}  // namespace xion::dashboard
