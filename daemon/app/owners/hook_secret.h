#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "app/owners/directory.h"
#include "base/secret.h"

namespace xion {

/// What an auth server signs with, as it is typed, read into the octets that sign: of Supabase `v1,whsec_` and base64,
/// of the others the text itself. Refused: what is none, or so short that it could be guessed.
std::expected<Secret, Refusal> read_hook_secret(std::string_view hook, std::string_view text);
/// A fresh one, as it is typed. Refused: Zitadel makes its own.
std::expected<Secret, Refusal> fresh_hook_secret(std::string_view hook, Entropy& entropy);

}  // namespace xion
