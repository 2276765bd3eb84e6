#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/otp/otp.h"
#include "core/otp/otp_rules.h"
#include "core/settings.h"
#include "ports/vault.h"
#include "smpp/pdu.h"

namespace xion {

/// A message on its way through one carrier: claimed in the store, ready to be written. Holds the code in its text, so
/// it lives in memory only.
struct Outgoing {
  otp_rules::SubmissionRef ref;          ///< Segment 0.
  std::vector<smpp::SubmitSm> segments;  ///< All on one bind, in order. validity_period is filled in when written.
  WallTime accepted_at{};                ///< When the API took the message.
  WallTime expires_at{};                 ///< Of the code: not written after it.
  std::uint32_t times_full = 0;          ///< How often this carrier gave it back, the phone's queue being full.
};

/// What a claim needs to know of a carrier; shared with the store thread, so it never changes.
using CarrierSettingsRef = std::shared_ptr<const CarrierSettings>;

/// The text that a request's message carries now, code and all. Nothing where its number or code can't be unsealed.
struct MessageText {
  Secret text;
  Secret phone;
};
std::optional<MessageText> message_text(const Otp& otp, std::uint8_t generation, std::string_view app_name,
                                        Vault& vault);

/// A code that the caller brought, as it is kept while its request lives: `as` is random and seals nothing else.
std::string seal_own_code(const OtpId& as, const Secret& code, Vault& vault);
/// The code of a generation of a request. Nothing where it can't be unsealed, or was the caller's and is gone.
std::optional<Secret> code_of(const Otp& otp, std::uint8_t generation, Vault& vault);

/// Claims `message` for `carrier`: queued → submitting in the record, and the PDUs to write. Nothing where it is not to
/// be sent any more; then the record is unchanged.
std::optional<Outgoing> claim_message(Otp& otp, std::size_t message, std::string_view app_name,
                                      const CarrierSettings& carrier, Vault& vault, WallTime now);

}  // namespace xion
