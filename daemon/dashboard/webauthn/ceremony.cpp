#include "dashboard/webauthn/ceremony.h"

#include <algorithm>

#include "wire/value.h"

namespace xion::webauthn {
namespace {

constexpr std::size_t digest_octets = 32;
constexpr std::size_t flags_at = digest_octets;
constexpr std::size_t count_at = flags_at + 1;
constexpr std::size_t head_octets = count_at + 4;
constexpr std::size_t model_octets = 16;  ///< AAGUID: which authenticator it is says nothing without attestation.
constexpr std::size_t credential_octets_min = 16, credential_octets_max = 1'023;
constexpr std::size_t client_data_octets_max = 8 * 1024;
constexpr wire::JsonLimits client_data_limits{.depth = 4, .values = 64};

enum Flag : std::uint8_t {
  user_present = 0x01,
  user_verified = 0x04,
  may_be_backed_up = 0x08,
  is_backed_up = 0x10,
  has_credential = 0x40,
  has_extensions = 0x80
};

bool is_ip_address(std::string_view host) {
  return host.starts_with('[') || std::ranges::all_of(host, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

/// The text of a member; nothing where it is no text.
std::optional<std::string_view> text_of(const wire::Value& object, std::string_view name) {
  const wire::Value* value = object.find(name);
  if (value == nullptr || value->text() == nullptr) return std::nullopt;
  return *value->text();
}

std::optional<Fault> fault_of_client(const Asked& asked, std::string_view json) {
  if (json.size() > client_data_octets_max) return Fault::malformed;
  const auto data = wire::parse_json(json, client_data_limits);
  if (!data || data->object() == nullptr) return Fault::malformed;
  if (text_of(*data, "type") != (asked.ceremony == Ceremony::create ? "webauthn.create" : "webauthn.get"))
    return Fault::type;
  const auto challenge = text_of(*data, "challenge");
  if (!challenge || !equal_in_constant_time(as_octets(*challenge), as_octets(asked.challenge))) return Fault::challenge;
  const wire::Value* crossed = data->find("crossOrigin");
  const bool is_framed = crossed != nullptr && (crossed->truth() == nullptr || *crossed->truth());
  if (text_of(*data, "origin") != asked.place.origin || is_framed || data->find("topOrigin") != nullptr)
    return Fault::origin;
  return std::nullopt;
}

std::uint32_t big_endian(std::string_view octets) {
  std::uint32_t number = 0;
  for (const char c : octets) number = (number << 8U) | static_cast<std::uint8_t>(c);
  return number;
}

/// The credential's id behind the head. Empty: there is none.
std::string credential_in(std::string_view data) {
  const std::size_t length_at = head_octets + model_octets, at = length_at + 2;
  if (data.size() < at) return {};
  const std::size_t length = big_endian(data.substr(length_at, 2));
  // Behind it stands its key once more, in COSE's own form, which nothing here reads: the browser gives it in DER.
  const bool is_whole = length >= credential_octets_min && length <= credential_octets_max && data.size() > at + length;
  return is_whole ? std::string(data.substr(at, length)) : std::string();
}

}  // namespace

std::optional<Place> place_of(const Settings& settings) {
  const std::string_view url = settings.dashboard_url;
  const bool is_https = url.starts_with("https://");
  const std::size_t scheme = is_https ? 8 : url.starts_with("http://") ? 7 : 0;
  if (scheme == 0) return std::nullopt;
  std::string host_and_port(url.substr(scheme));
  std::ranges::transform(host_and_port, host_and_port.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const std::string_view usual_port = is_https ? ":443" : ":80";
  if (host_and_port.ends_with(usual_port)) host_and_port.resize(host_and_port.size() - usual_port.size());
  const std::string host = host_and_port.substr(0, host_and_port.find(':'));
  if (host.empty() || is_ip_address(host_and_port) || is_ip_address(host)) return std::nullopt;
  if (!is_https && host != "localhost" && !host.ends_with(".localhost")) return std::nullopt;
  return Place{.origin = std::string(url.substr(0, scheme)) + host_and_port, .rp_id = host};
}

std::string_view to_string(Fault fault) {
  switch (fault) {
    case Fault::malformed: return "malformed";
    case Fault::type: return "type";
    case Fault::challenge: return "challenge";
    case Fault::origin: return "origin";
    case Fault::place: return "place";
    case Fault::absent: return "absent";
    case Fault::unverified: return "unverified";
    case Fault::key: return "key";
    case Fault::signature: return "signature";
  }
  return "";
}

std::expected<Said, Fault> read(const Asked& asked, const Brought& brought, const SignatureCheck& checks) {
  if (const auto fault = fault_of_client(asked, brought.client_data)) return std::unexpected(*fault);
  const std::string_view data = brought.authenticator_data;
  if (data.size() < head_octets) return std::unexpected(Fault::malformed);
  if (data.substr(0, digest_octets) != as_text(checks.sha256(asked.place.rp_id))) return std::unexpected(Fault::place);
  const auto flags = static_cast<std::uint8_t>(data[flags_at]);
  if ((flags & user_present) == 0) return std::unexpected(Fault::absent);
  if ((flags & user_verified) == 0) return std::unexpected(Fault::unverified);
  const bool is_new = asked.ceremony == Ceremony::create;
  const bool is_odd = (flags & is_backed_up) != 0 && (flags & may_be_backed_up) == 0;
  const bool is_longer = data.size() > head_octets, may_be_longer = (flags & (has_credential | has_extensions)) != 0;
  if (is_odd || is_longer != may_be_longer || is_new != ((flags & has_credential) != 0))
    return std::unexpected(Fault::malformed);
  Said said{.sign_count = big_endian(data.substr(count_at, 4)), .credential = {}};
  if (is_new) said.credential = credential_in(data);
  if (is_new && said.credential.empty()) return std::unexpected(Fault::malformed);
  return said;
}

std::string signed_content(const Brought& brought, const SignatureCheck& checks) {
  return brought.authenticator_data + std::string(as_text(checks.sha256(brought.client_data)));
}

}  // namespace xion::webauthn
