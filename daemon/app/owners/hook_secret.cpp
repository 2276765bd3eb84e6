#include "app/owners/hook_secret.h"

#include <absl/strings/escaping.h>
#include <fmt/format.h>

#include <array>

#include "base/trim.h"

namespace xion {
namespace {

constexpr std::string_view supabase_prefix = "v1,";
constexpr std::string_view secret_prefix = "whsec_";
/// Source: Standard Webhooks, "Signature scheme": 24 to 64 octets. Shorter ones of others are refused alike.
constexpr std::size_t secret_octets_min = 16;
constexpr std::size_t secret_octets_max = 512;
constexpr std::size_t fresh_octets = 32;

Refusal no_secret(std::string_view hook) {
  return {fmt::format("this is no secret that {} signs with", hook),
          hook == "supabase" ? "v1,whsec_ and base64, as Supabase shows it" : "16 to 512 characters, as it shows it"};
}

}  // namespace

std::expected<Secret, Refusal> read_hook_secret(std::string_view hook, std::string_view text) {
  text = trimmed(text);
  std::string octets(text);
  if (hook == "supabase") {
    for (const std::string_view prefix : {supabase_prefix, secret_prefix})
      if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
    if (!absl::Base64Unescape(absl::string_view(text.data(), text.size()), &octets))
      return std::unexpected(no_secret(hook));
  }
  Secret secret(std::move(octets));
  const std::size_t size = secret.reveal().size();
  if (size < secret_octets_min || size > secret_octets_max) return std::unexpected(no_secret(hook));
  return secret;
}

std::expected<Secret, Refusal> fresh_hook_secret(std::string_view hook, Entropy& entropy) {
  if (hook == "zitadel")
    return std::unexpected(Refusal{"Zitadel makes the key that it signs with",
                                   "give the signingKey of its answer to a new HTTP provider: --secret -"});
  std::array<std::uint8_t, fresh_octets> random{};
  entropy.fill(random);
  if (hook != "supabase") return Secret(hex(random));
  const std::string_view octets = as_text(random);
  return Secret(fmt::format("{}{}{}", supabase_prefix, secret_prefix,
                            absl::Base64Escape(absl::string_view(octets.data(), octets.size()))));
}

}  // namespace xion
