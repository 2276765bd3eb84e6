#include "api/otp/send_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/owners/templates.h"
#include "core/texts/message_text.h"
#include "smpp/text.h"

namespace xion {
namespace {

Problem template_problem(std::string_view field, std::string_view detail) {
  Problem problem(ErrorCode::template_error, detail);
  problem.with("field", field);
  return problem;
}

std::optional<Problem> check_variables(const SendRequest& request) {
  for (const auto& [name, value] : request.variables) {
    if (value.find_first_of("{}") != std::string::npos)
      return template_problem(fmt::format("variables.{}", name),
                              "A value can't have braces: the code can't stand in it");
  }
  for (const std::string& name : variables_of(request.text_pattern)) {
    if (std::ranges::find(request.variables, name, &std::pair<std::string, std::string>::first) ==
        request.variables.end())
      return template_problem("variables", fmt::format("The template needs the variable \"{}\"", name));
  }
  return std::nullopt;
}

/// As long as the text may be: the parts are counted in the alphabet that most carriers have.
std::optional<Problem> check_length(const SendRequest& request, const Caller& caller) {
  const AppPolicy& policy = caller.app->policy;
  const bool is_built_in = request.text_pattern.empty() && request.app_hash.empty() && request.web_origin.empty();
  if (is_built_in && policy.otp.segments_max > 1) return std::nullopt;
  const Secret text = text_with_zeros(request, caller);
  const auto encoded = smpp::encode_text(text.reveal(), smpp::Alphabet::gsm7, smpp::Concat::udh8, 0, false);
  if (encoded.segments.size() <= policy.otp.segments_max) return std::nullopt;
  Problem problem(ErrorCode::too_many_segments, fmt::format("The text needs {} parts; this app may send {} at most",
                                                            encoded.segments.size(), policy.otp.segments_max));
  problem.with("segments", std::uint64_t{encoded.segments.size()})
      .with("limit", std::uint32_t{policy.otp.segments_max});
  return problem;
}

}  // namespace

Secret text_with_zeros(const SendRequest& request, const Caller& caller) {
  const AppPolicy& policy = caller.app->policy;
  const Secret zeros(std::string(request.code_length.value_or(policy.otp.code_length), '0'));
  const Seconds ttl = request.ttl.value_or(policy.otp.ttl);
  return render_text({.locale = request.locale,
                      .country = request.phone.country,
                      .app_name = policy.text_name ? *policy.text_name : caller.app->app.name,
                      .app_hash = request.app_hash,
                      .web_origin = request.web_origin,
                      .code = zeros,
                      .pattern = request.text_pattern,
                      .minutes = std::chrono::floor<std::chrono::minutes>(ttl).count(),
                      .variables = request.variables});
}

std::optional<Problem> choose_text(SendRequest& request, const Caller& caller, const Services& services) {
  const AppId app = caller.app->app.id;
  if (!request.text_template.empty() && !services.templates->has(app, request.text_template))
    return template_problem("template", "This app has no template of that name");
  if (request.text_pattern.empty()) {
    const MessageTemplate* text =
        services.templates->find(app, request.text_template, request.locale, request.phone.country);
    if (text != nullptr) {
      request.text_pattern = text->text;
      request.text_tlvs = text->tlvs;
    }
  }
  if (auto problem = check_variables(request)) return problem;
  return check_length(request, caller);
}

}  // namespace xion
