// The part of a transaction that a rotation of the master key needs.
#include <vector>

#include "store/key_rings.h"
#include "store/log_txn.h"
#include "store/row_id.h"

namespace xion {
namespace {

constexpr std::string_view reseal_mark_key = "reseal_mark";

}  // namespace

void LogTxn::put_key_ring(const WrappedRing& ring) {
  kv_.put(Table::meta, key_ring_key(ring.check_value), ring.octets);
}

void LogTxn::keep_key_ring(const WrappedRing& ring) {
  std::vector<std::string> kept;
  kv_.scan(Table::meta, key_ring_prefix, [&](std::string_view key, std::string_view) {
    if (key.starts_with(key_ring_prefix)) kept.emplace_back(key);
    return key.starts_with(key_ring_prefix);
  });
  for (const std::string& key : kept) kv_.erase(Table::meta, key);
  put_key_ring(ring);
  kv_.put(Table::meta, check_value_key, as_text(ring.check_value));
}

bool LogTxn::has_key_ring(const Digest& check_value) {
  return kv_.get(Table::meta, key_ring_key(check_value)).has_value();
}

std::optional<OtpId> LogTxn::reseal_mark() {
  const auto kept = kv_.get(Table::meta, reseal_mark_key);
  if (!kept || kept->size() != OtpId::size) return std::nullopt;
  return otp_id_of(*kept);
}

void LogTxn::set_reseal_mark(const std::optional<OtpId>& id) {
  if (id)
    kv_.put(Table::meta, reseal_mark_key, as_text(id->octets));
  else
    kv_.erase(Table::meta, reseal_mark_key);
}

/// Neither indexes nor statistics know the sealed phone, so nothing else has to follow.
void LogTxn::reseal(const OtpId& id, std::string sealed) {
  auto otp = this->otp(id);
  if (!otp) return;
  otp->phone_sealed = std::move(sealed);
  kv_.put(Table::otps, as_text(id.octets), to_record(*otp));
}

}  // namespace xion
