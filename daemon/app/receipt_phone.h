#pragma once
#include <string>

#include "core/otp.h"
#include "domain/txn.h"
#include "ports/vault.h"
#include "smpp/pdu.h"

namespace xion {

/// The number that a deliver_sm is about, as E.164 if the carrier writes the country code, with or without "+" or "00".
/// Empty where it is no phone's: some carriers name our sender there.
std::string e164_of(const smpp::Address& address);

/// Whether a receipt may be about a request: it names its number, with the country code or, as carriers do that serve
/// one country, without; or none that we can read.
bool is_about(const StoredReceipt& receipt, const Otp& otp, Vault& vault);

}  // namespace xion
