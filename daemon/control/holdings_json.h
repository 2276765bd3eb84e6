#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "app/owners/move_holdings.h"
#include "core/owners/holdings.h"
#include "wire/value.h"

/// `Holdings` as the one document that `xionctl export` writes and `xionctl import` reads.
namespace xion::control {

inline constexpr std::string_view export_format = "xionid-export/1";

/// `mark`: of the master key that hashes and secrets are under (`key_mark`). Empty: what only that key makes sense of
/// (API keys, phones on lists, secrets of webhooks) is left out, so that any daemon takes it.
std::string holdings_json(const Holdings& holdings, std::string_view mark);

/// What a document says, each thing checked as the command that makes it would: `apps[0].keys[2].hash: expected …`.
/// Refused, too: hashes and secrets under another master key than this daemon's.
/// On whichever thread the vault is of.
std::expected<Holdings, Refusal> read_holdings_json(const wire::Value& document, const DocumentReading& by);

}  // namespace xion::control
