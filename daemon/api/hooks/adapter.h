#pragma once
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/call/json_request.h"
#include "core/owners/app.h"
#include "ports/http.h"

/// What auth servers call to have the codes sent that they make themselves: an adapter for each, which knows how its
/// calls look and what they are signed with.
namespace xion {

/// What a call is signed with, and what tells it from every other one.
struct SignedCall {
  ClaimedSignature claimed;
  std::string id;  ///< A repeat of the call has the same.
};
using ReadSignature = std::expected<SignedCall, std::string> (*)(const HttpExchange& exchange, JsonReader& reader,
                                                                 WallTime now);

/// A place in a body: a JSON pointer.
using Places = std::span<const std::string_view>;

/// The first of several places that has a text counts.
struct Adapter {
  std::string_view name;         ///< In the path, and as the purpose of its requests.
  ReadSignature read_signature;  ///< Null: it brings an API key.
  Places phone, code;
  Places text;  ///< Where the code stands in a text, where it has no place of its own.
  Places user_ip, user_id, locale;
};
std::span<const Adapter> adapters();
/// Null: there is none of that name.
const Adapter* adapter_named(std::string_view name);

/// What an auth server wants to be sent.
struct HookMessage {
  std::string phone, code;
  std::string user_ip, user_id, locale;  ///< Empty: not told.
};
/// Problems: `malformed_json`, `missing_field`, `invalid_field`; `field` is the place, as `sms.otp`.
std::expected<HookMessage, Problem> read_hook_message(const Adapter& adapter, JsonReader& reader,
                                                      std::string_view body);

/// The one run of 4 to 10 digits in a text; nothing where there is none, or another one beside it.
std::optional<std::string_view> code_in(std::string_view text);

}  // namespace xion
