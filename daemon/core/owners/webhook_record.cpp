#include <algorithm>

#include "base/octets.h"
#include "core/octets_of_time.h"
#include "core/owners/webhook.h"
#include "core/record_formats.h"

namespace xion {
namespace {

/// A count that could not be true is a corrupt row, and must not make us reserve memory for it.
std::size_t read_count(OctetReader& in) {
  return static_cast<std::size_t>(std::min<std::uint64_t>(in.varint(), 10'000));
}

}  // namespace

std::string to_record(const Webhook& webhook) {
  std::string record;
  OctetWriter out(record);
  out.u8(webhook_format.writes());
  out.varint(webhook.app);
  out.text(webhook.url);
  out.varint(webhook.types.size());
  for (const std::string& type : webhook.types) out.text(type);
  out.varint(webhook.secrets.size());
  for (const WebhookSecret& secret : webhook.secrets) {
    out.raw(as_text(secret.sealed_as.octets));
    out.text(secret.sealed);
    write_optional(out, secret.until);
  }
  out.signed_varint(unix_millis(webhook.created_at));
  out.text(webhook.disabled);
  out.u8(webhook.batch);
  out.u8(webhook.is_callback ? 1 : 0);
  return record;
}

std::optional<Webhook> webhook_from_record(std::string_view id, std::string_view record) {
  OctetReader in(record);
  const std::uint8_t format = in.u8();
  if (!webhook_format.can_read(format)) return std::nullopt;
  Webhook webhook;
  webhook.id = id;
  webhook.app = static_cast<AppId>(in.varint());
  webhook.url = in.text();
  for (std::size_t left = read_count(in); left > 0 && !in.failed(); --left) webhook.types.emplace_back(in.text());
  for (std::size_t left = read_count(in); left > 0 && !in.failed(); --left) {
    WebhookSecret secret;
    std::ranges::copy(as_octets(in.raw(OtpId::size)), secret.sealed_as.octets.begin());
    secret.sealed = in.text();
    secret.until = read_optional(in);
    webhook.secrets.push_back(std::move(secret));
  }
  webhook.created_at = wall_time(in.signed_varint());
  webhook.disabled = in.text();
  if (format > 1) {
    webhook.batch = std::min(in.u8(), webhook_batch_max);
    webhook.is_callback = in.u8() != 0;
  }
  if (in.failed() || !in.at_end()) return std::nullopt;
  return webhook;
}

}  // namespace xion
