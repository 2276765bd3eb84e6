#include "app/delivery/outgoing.h"

#include "core/otp/delivery_rules.h"
#include "core/texts/message_text.h"
#include "core/texts/submit_sm.h"
#include "smpp/text.h"

namespace xion {
namespace {

/// Parts of one long text share a reference; which one only has to differ from its neighbours' at one handset.
std::uint16_t concat_reference(const Otp& otp, std::size_t message) {
  const auto& octets = otp.id.octets;
  return static_cast<std::uint16_t>((octets[8] << 8 | octets[9]) + message);
}

}  // namespace

std::string seal_own_code(const OtpId& as, const Secret& code, Vault& vault) {
  return std::string(as_text(as.octets)) + vault.seal(as, code.reveal());
}

std::optional<Secret> code_of(const Otp& otp, std::uint8_t generation, Vault& vault) {
  if (otp.own_code_sealed.empty()) return vault.derive_code(otp.salt, otp.id, generation, otp.code_length);
  if (generation != otp.generation || otp.own_code_sealed.size() < OtpId::size) return std::nullopt;
  OtpId as;
  std::copy_n(otp.own_code_sealed.begin(), OtpId::size, as.octets.begin());
  return vault.open(as, std::string_view(otp.own_code_sealed).substr(OtpId::size));
}

std::optional<MessageText> message_text(const Otp& otp, std::uint8_t generation, std::string_view app_name,
                                        Vault& vault) {
  auto phone = vault.open(otp.id, otp.phone_sealed);
  if (!phone) return std::nullopt;
  const auto code = code_of(otp, generation, vault);
  if (!code) return std::nullopt;
  auto variables = otp.variables;
  variables.insert(variables.end(), otp.bind.begin(), otp.bind.end());
  Secret text = render_text({.locale = otp.locale,
                             .country = otp.country,
                             .app_name = app_name,
                             .app_hash = otp.app_hash,
                             .web_origin = otp.web_origin,
                             .code = *code,
                             .pattern = otp.text_pattern,
                             .minutes = std::chrono::floor<std::chrono::minutes>(life_of(otp)).count(),
                             .variables = variables});
  return MessageText{std::move(text), std::move(*phone)};
}

std::optional<Outgoing> claim_message(Otp& otp, std::size_t message, std::string_view app_name,
                                      const CarrierSettings& carrier, Vault& vault, WallTime now) {
  if (otp_rules::sendable_message(otp, now) != message) return std::nullopt;
  const auto content = message_text(otp, otp.messages[message].generation, app_name, vault);
  if (!content) return std::nullopt;
  const smpp::EncodedText encoded = smpp::encode_text(content->text.reveal(), carrier.default_alphabet, carrier.concat,
                                                      concat_reference(otp, message), carrier.transliterate);
  if (encoded.segments.empty()) return std::nullopt;  // More parts than a text can have: it expires in the queue.
  if (!otp_rules::begin_submission(otp, message, carrier.name, static_cast<std::uint8_t>(encoded.segments.size()),
                                   now)) {
    return std::nullopt;
  }
  Outgoing outgoing;
  for (const Submission& earlier : otp.messages[message].submissions) {
    const bool is_full = earlier.carrier == carrier.name && earlier.state == MessageState::rejected &&
                         disposition_of(earlier.command_status, carrier.status_overrides) == Disposition::queue_full;
    outgoing.times_full += is_full ? 1 : 0;
  }
  outgoing.ref = {otp.id, static_cast<std::uint8_t>(message),
                  static_cast<std::uint8_t>(otp.messages[message].submissions.size() - 1), 0};
  outgoing.accepted_at = otp.messages[message].queued_at;
  outgoing.expires_at = otp.expires_at;
  const SenderQuestion question{.asked = otp.sender, .e164 = content->phone.reveal(), .country = otp.country};
  outgoing.segments = submits_of(carrier, encoded, otp.text_tlvs, question);
  return outgoing;
}

}  // namespace xion
