#include "app/codes/resend.h"

#include <algorithm>

#include "core/otp/bound_code.h"
#include "core/texts/text_pattern.h"

namespace xion {
namespace {

void take(std::string& kept, const std::string& given) {
  if (!given.empty()) kept = given;
}

/// Whether a send says what its message is to read. One that says nothing of it means the message as it was last.
bool says_text(const SendRequest& request) {
  return request.brings_text || !request.text_template.empty() || !request.locale.empty() || !request.variables.empty();
}

/// Whether a send would show, under a bound code, another payment than the code is bound to: `bind` is another, or the
/// text is given anew and `bind` isn't given with it.
bool parts_from_bind(const Otp& live, const SendRequest& request) {
  if (!request.bind.empty()) return request.bind != live.bind;
  return !live.bind.empty() && says_text(request);
}

/// Each variable that is given; the others stay.
void take_variables(Otp& live, const SendRequest& request) {
  for (const auto& [name, value] : request.variables) {
    const auto kept = std::ranges::find(live.variables, name, &std::pair<std::string, std::string>::first);
    if (kept != live.variables.end())
      kept->second = value;
    else
      live.variables.emplace_back(name, value);
  }
}

}  // namespace

std::vector<std::string> fixed_differences(const Otp& live, const SendRequest& request, Vault& vault) {
  std::vector<std::string> fields;
  const auto note = [&](bool differs, const char* field) {
    if (differs) fields.emplace_back(field);
  };
  note(request.ttl && *request.ttl != life_of(live), "ttlSeconds");
  note(request.code_length && *request.code_length != live.code_length, "codeLength");
  note(!request.app_hash.empty() && request.app_hash != live.app_hash, "appHash");
  note(!request.web_origin.empty() && request.web_origin != live.web_origin, "webOrigin");
  note(parts_from_bind(live, request), "bind");
  const bool has_code = !request.code.empty();
  note(has_code && vault.code_hash(live.salt, live.id, bound_code(request.code, live.bind)) != live.code_hash, "code");
  return fields;
}

bool take_new_values(Otp& live, const SendRequest& request, const SendRights& rights) {
  take(live.text_template, request.text_template);
  take(live.locale, request.locale);
  if (request.brings_text) {
    live.text_pattern = request.text_pattern;
    live.text_tlvs = request.text_tlvs;
  }
  take_variables(live, request);
  take(live.reference, request.reference);
  take(live.user_id, request.user_id);
  take(live.callback_url, request.callback_url);
  if (!request.metadata.empty()) live.metadata = request.metadata;
  // The app's own stand in every request that names none.
  if (request.sender != rights.sender) live.sender = request.sender;
  if (request.route != rights.route) live.route = request.route;
  return !request.brings_text && (!request.text_template.empty() || !request.locale.empty());
}

void take_text(Otp& live, const SendRequest& request, const MessageTemplate* text) {
  live.text_pattern = text != nullptr ? text->text : std::string();
  live.text_tlvs = text != nullptr ? text->tlvs : std::vector<smpp::Tlv>();
  const auto places = variables_of(live.text_pattern);
  std::erase_if(live.variables, [&](const auto& variable) {
    return std::ranges::find(places, variable.first) == places.end() &&
           std::ranges::find(request.variables, variable.first, &std::pair<std::string, std::string>::first) ==
               request.variables.end();
  });
}

void take_fixed_values(Otp& live, const SendRequest& request, WallTime now) {
  if (request.ttl && *request.ttl != life_of(live)) live.expires_at = now + *request.ttl;
  if (request.code_length) live.code_length = *request.code_length;
  take(live.app_hash, request.app_hash);
  take(live.web_origin, request.web_origin);
  if (!parts_from_bind(live, request)) return;
  live.bind = request.bind;
  // What is bound is shown as it is bound, whatever a variable of that name said before.
  std::erase_if(live.variables, [&](const auto& variable) {
    return std::ranges::find(live.bind, variable.first, &Bind::value_type::first) != live.bind.end();
  });
}

}  // namespace xion
