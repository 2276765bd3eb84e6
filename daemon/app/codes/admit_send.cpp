#include "app/codes/admit_send.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/codes/text_values.h"
#include "app/owners/templates.h"
#include "core/texts/message_text.h"
#include "smpp/text.h"

namespace xion {
namespace {

using Refused = std::optional<SendOutcome>;

Refused refuse(SendVerdict verdict, std::string field, std::string detail) {
  SendOutcome outcome;
  outcome.verdict = verdict;
  outcome.field = std::move(field);
  outcome.detail = std::move(detail);
  return outcome;
}

bool is_listed(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

Refused admit_ttl(const SendRequest& request, const AppPolicy& policy) {
  if (!request.ttl || (*request.ttl >= ttl_min && *request.ttl <= policy.otp.ttl_max)) return std::nullopt;
  return refuse(SendVerdict::invalid_ttl, "ttlSeconds",
                fmt::format("Expected {} to {} seconds, not {}", ttl_min.count(), policy.otp.ttl_max.count(),
                            request.ttl->count()));
}

/// Short codes are the operator's to allow.
Refused admit_digits(const SendRequest& request, const AppPolicy& policy) {
  if (!request.code_length || *request.code_length >= policy.otp.code_length_min) return std::nullopt;
  return refuse(SendVerdict::invalid_field, "codeLength",
                fmt::format("a whole number from {} to 10", policy.otp.code_length_min));
}

/// The app's own route where the request names none; what it names must be the app's to use.
Refused admit_route(SendRequest& request, const SendRights& rights, const Settings& settings) {
  if (request.route.empty()) {
    request.route = rights.route;
    return std::nullopt;
  }
  if (std::ranges::find(settings.routes, request.route, &RouteSettings::name) == settings.routes.end())
    return refuse(SendVerdict::invalid_field, "route", "the name of a configured route");
  if (!rights.routes.empty() && !is_listed(rights.routes, request.route))
    return refuse(SendVerdict::invalid_field, "route", "a route that this app may use");
  return std::nullopt;
}

/// The same of the sender: one of the app's, or where it has none of its own, one that a carrier is configured with.
Refused admit_sender(SendRequest& request, const SendRights& rights, const Settings& settings) {
  if (request.sender.empty()) {
    request.sender = rights.sender;
    return std::nullopt;
  }
  if (!rights.senders.empty()) {
    if (is_listed(rights.senders, request.sender)) return std::nullopt;
    return refuse(SendVerdict::invalid_field, "sender", "a sender id that this app may use");
  }
  if (std::ranges::find(settings.carriers, request.sender, &CarrierSettings::sender) != settings.carriers.end())
    return std::nullopt;
  return refuse(SendVerdict::invalid_field, "sender", "a sender id that a carrier is configured with");
}

/// What counts sends for an end user must be one of the app's names: a slip would count for nothing.
Refused admit_limit_keys(const SendRequest& request, const AppPolicy& policy) {
  std::vector<std::string_view> known;
  for (const LimitKeyRule& key : policy.limit_keys)
    if (std::ranges::find(known, key.name) == known.end()) known.push_back(key.name);
  for (const auto& [name, value] : request.limit_keys) {
    if (std::ranges::find(known, name) != known.end()) continue;
    return refuse(SendVerdict::invalid_field, fmt::format("limitKeys.{}", name),
                  known.empty() ? std::string("no limit keys: this app has no rules for any (limit_keys)")
                                : fmt::format("a name that this app has rules for: {}", fmt::join(known, ", ")));
  }
  return std::nullopt;
}

/// A code of the caller's own, where the app may bring any.
Refused admit_code(SendRequest& request, const AppPolicy& policy) {
  const std::size_t digits = request.code.reveal().size();
  if (digits == 0) return std::nullopt;
  if (!policy.otp.own_codes)
    return refuse(SendVerdict::invalid_field, "code", "none: this app sends codes of ours (own_codes)");
  if (request.code_length && *request.code_length != digits)
    return refuse(SendVerdict::invalid_field, "codeLength", "as many digits as `code` has, or nothing");
  request.code_length = static_cast<std::uint8_t>(digits);
  return std::nullopt;
}

Refused admit_values(const SendRequest& request) {
  const auto fault = fault_in_values(request);
  if (!fault) return std::nullopt;
  auto refused = refuse(SendVerdict::template_error, fault->field, fault->detail);
  refused->suggestion = fault->suggestion;
  return refused;
}

/// Finds the text by its template and locale. A request that brings a pattern of its own keeps it.
Refused admit_template(SendRequest& request, AppId app, const Templates& templates) {
  if (!request.text_template.empty() && !templates.has(app, request.text_template))
    return refuse(SendVerdict::template_error, "template", "This app has no template of that name");
  if (request.text_pattern.empty()) {
    const MessageTemplate* text = templates.find(app, request.text_template, request.locale, request.phone.country);
    if (text != nullptr) {
      request.text_pattern = text->text;
      request.text_tlvs = text->tlvs;
    }
  }
  return std::nullopt;
}

/// A code stands in no notice, and in every other text.
Refused admit_code_in_text(const SendRequest& request) {
  if (request.is_notice && (request.text_pattern.empty() || shows_code(request.text_pattern)))
    return refuse(SendVerdict::template_error, "template", "A notice needs a template of the app without {code}");
  if (!request.is_notice && !request.text_pattern.empty() && !shows_code(request.text_pattern))
    return refuse(SendVerdict::template_error, "template", "This template has no {code}: it is for notices alone");
  return std::nullopt;
}

/// As long as the text may be: the parts are counted in the alphabet that most carriers have.
Refused admit_length(const SendRequest& request, const AppPolicy& policy, const std::string& app_name) {
  const std::uint32_t segments_max = policy.otp.segments_max;
  const bool is_built_in = request.text_pattern.empty() && request.app_hash.empty() && request.web_origin.empty();
  if (is_built_in && segments_max > 1) return std::nullopt;
  const Secret text = text_with_zeros(request, policy, app_name);
  const auto encoded = smpp::encode_text(text.reveal(), smpp::Alphabet::gsm7, smpp::Concat::udh8, 0, false);
  if (encoded.segments.size() <= segments_max) return std::nullopt;
  auto refused = refuse(
      SendVerdict::too_many_segments, "",
      fmt::format("The text needs {} parts; this app may send {} at most", encoded.segments.size(), segments_max));
  refused->segments = encoded.segments.size();
  refused->segments_max = segments_max;
  return refused;
}

}  // namespace

Refused admit_send(SendRequest& request, const Caller& caller, const Settings& settings, const Templates& templates) {
  const AppEntry& app = *caller.app;
  const SendRights& rights = app.policy.rights;
  if (auto refused = admit_ttl(request, app.policy)) return refused;
  if (auto refused = admit_digits(request, app.policy)) return refused;
  if (auto refused = admit_code(request, app.policy)) return refused;
  if (auto refused = admit_limit_keys(request, app.policy)) return refused;
  if (auto refused = admit_route(request, rights, settings)) return refused;
  if (auto refused = admit_sender(request, rights, settings)) return refused;
  return admit_template(request, app.app.id, templates);
}

Refused admit_text(const SendRequest& request, const AppPolicy& policy, const std::string& app_name) {
  if (auto refused = admit_code_in_text(request)) return refused;
  if (auto refused = admit_values(request)) return refused;
  return admit_length(request, policy, app_name);
}

Secret text_with_zeros(const SendRequest& request, const AppPolicy& policy, const std::string& app_name) {
  const Secret zeros(std::string(request.code_length.value_or(policy.otp.code_length), '0'));
  auto variables = request.variables;
  variables.insert(variables.end(), request.bind.begin(), request.bind.end());
  return render_text({.locale = request.locale,
                      .country = request.phone.country,
                      .app_name = policy.text_name ? *policy.text_name : app_name,
                      .app_hash = request.app_hash,
                      .web_origin = request.web_origin,
                      .code = zeros,
                      .pattern = request.text_pattern,
                      .minutes = std::chrono::floor<std::chrono::minutes>(request.ttl.value_or(policy.otp.ttl)).count(),
                      .variables = variables});
}

}  // namespace xion
