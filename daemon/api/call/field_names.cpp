#include "api/call/field_names.h"

#include <algorithm>

#include "base/suggest.h"
#include "smpp/ascii.h"

namespace xion {
namespace {

struct OtherName {
  std::string_view theirs;  ///< In lower case, without `_` and `-`.
  std::string_view ours;
};
/// What public SMS and verification APIs call our fields.
constexpr OtherName other_names[] = {
    {"to", "phone"},
    {"number", "phone"},
    {"msisdn", "phone"},
    {"mobile", "phone"},
    {"recipient", "phone"},
    {"destination", "phone"},
    {"phonenumber", "phone"},
    {"tel", "phone"},
    {"telephone", "phone"},
    {"dst", "phone"},
    {"from", "sender"},
    {"senderid", "sender"},
    {"sendername", "sender"},
    {"source", "sender"},
    {"originator", "sender"},
    {"brand", "sender"},
    {"ttl", "ttlSeconds"},
    {"expiry", "ttlSeconds"},
    {"expiresin", "ttlSeconds"},
    {"validity", "ttlSeconds"},
    {"timeout", "ttlSeconds"},
    {"pinexpiry", "ttlSeconds"},
    {"lang", "locale"},
    {"language", "locale"},
    {"languagecode", "locale"},
    {"lg", "locale"},
    {"ip", "userIp"},
    {"ipaddress", "userIp"},
    {"clientip", "userIp"},
    {"remoteip", "userIp"},
    {"enduserip", "userIp"},
    {"user", "userId"},
    {"customerid", "userId"},
    {"length", "codeLength"},
    {"digits", "codeLength"},
    {"otplength", "codeLength"},
    {"pinlength", "codeLength"},
    {"templateid", "template"},
    {"templatename", "template"},
    {"params", "variables"},
    {"parameters", "variables"},
    {"placeholders", "variables"},
    {"substitutions", "variables"},
    {"clientref", "reference"},
    {"externalid", "reference"},
    {"correlationid", "reference"},
    {"tags", "metadata"},
    {"customdata", "metadata"},
    {"via", "channel"},
    {"type", "channel"},
    {"action", "purpose"},
    {"workflow", "purpose"},
    {"hash", "appHash"},
    {"origin", "webOrigin"},
    {"domain", "webOrigin"},
    {"countrycode", "country"},
    {"region", "country"},
    {"otp", "code"},
    {"pin", "code"},
    {"token", "code"},
    {"otpcode", "code"},
    {"verificationcode", "code"},
    {"passcode", "code"},
    {"id", "requestId"},
    {"sid", "requestId"},
    {"verificationid", "requestId"},
    {"verifyid", "requestId"},
    {"otpid", "requestId"},
    {"since", "from"},
    {"until", "to"},
    {"before", "to"},
    {"page", "cursor"},
    {"after", "cursor"},
    {"pagesize", "limit"},
    {"count", "limit"},
};

std::string folded(std::string_view name) {
  std::string plain;
  for (const char c : name)
    if (c != '_' && c != '-') plain.push_back(smpp::ascii::lower(c));
  return plain;
}

}  // namespace

std::optional<std::string_view> meant_field(std::string_view name, std::span<const std::string_view> known) {
  const std::string plain = folded(name);
  for (const OtherName& other : other_names) {
    if (other.theirs != plain) continue;
    const auto ours = std::ranges::find(known, other.ours);
    if (ours != known.end()) return *ours;
  }
  return closest(name, known);
}

}  // namespace xion
