#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xion::smpp {

/// The longest id that is kept. The spec says 64 octets; what carriers give out as ids is up to 65.
inline constexpr std::size_t message_id_limit = 65;
/// An id without the blanks that some carriers write around it.
std::string_view trimmed_id(std::string_view id);

/// The ways in which a carrier's receipt may spell the id of its submit_sm_resp. In the order of how common they are.
enum class IdForm {
  same,  ///< octet for octet
  lower_case,
  upper_case,
  no_leading_zeros,  ///< lower case, without zeros in front
  hex_of_decimal,    ///< ours to look for is hexadecimal, lower case, without zeros in front
  decimal_of_hex,
  hex_upper,  ///< hexadecimal, upper case
  hex_8,      ///< hexadecimal, lower case, zeros in front up to 8 digits
  hex_8_upper,
  decimal_10,  ///< decimal of hexadecimal, zeros in front up to 10 digits
  padded_10,   ///< the same base, zeros in front up to 10 digits
};
inline constexpr IdForm id_forms[] = {
    IdForm::same,           IdForm::lower_case,     IdForm::upper_case, IdForm::no_leading_zeros,
    IdForm::hex_of_decimal, IdForm::decimal_of_hex, IdForm::hex_upper,  IdForm::hex_8,
    IdForm::hex_8_upper,    IdForm::decimal_10,     IdForm::padded_10,
};
std::string_view id_form_text(IdForm form);

/// The id rewritten; nothing where it can't be (hex_of_decimal of a UUID). Numbers of any length.
std::optional<std::string> in_form(std::string_view id, IdForm form);

/// An id in every form, each spelling once, the id itself first.
std::vector<std::string> message_id_variants(std::string_view id);

/// The base in which a carrier's receipts write its ids, as compared with its responses. Case and leading zeros never
/// count.
enum class IdBase : std::uint8_t {
  same,
  hexadecimal,  ///< the response is decimal
  decimal,      ///< the response is hexadecimal
};
inline constexpr IdBase id_bases[] = {IdBase::same, IdBase::hexadecimal, IdBase::decimal};
std::string_view id_base_text(IdBase base);
/// The response's id that a receipt with `receipt_id` is about; nothing where it is no number of that base.
std::optional<std::string> response_id_of(std::string_view receipt_id, IdBase base);
/// The other way round.
std::optional<std::string> receipt_id_of(std::string_view response_id, IdBase base);

/// One spelling for all forms that keep the base: lower case, no zeros in front. For an index that both sides go
/// through.
std::string canonical_message_id(std::string_view id);

}  // namespace xion::smpp
