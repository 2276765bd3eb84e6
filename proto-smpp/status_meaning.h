#pragma once
#include <cstdint>
#include <string_view>

namespace xion::smpp {

/// What a command_status means, for people; empty for a vendor's own.
std::string_view status_meaning(std::uint32_t status);
/// The same of a status by its name, such as "ESME_RSUBMITFAIL".
std::string_view named_status_meaning(std::string_view name);
/// What the `err` of a receipt means with most carriers, who pass on the network's code; empty where there is no such
/// use. Source: 3GPP TS 29.002 §17.6 (MAP errors) as SMSCs number them in appendix B's err field; carriers may mean
/// otherwise.
std::string_view receipt_error_meaning(std::string_view err);

}  // namespace xion::smpp
