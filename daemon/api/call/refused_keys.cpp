#include "api/call/refused_keys.h"

#include "base/log.h"

namespace xion {
namespace {

constexpr Millis minute{60'000};

}  // namespace

bool RefusedKeys::note(const Refused& refused, MonoTime now) {
  if (began_ == MonoTime{} || now - began_ >= minute) begin_minute(now);
  const auto known = told_.find(std::string(refused.address));
  const bool has_room = known != told_.end() ? known->second < told_of_an_address : told_.size() < addresses_at_most;
  if (!has_room) {
    ++untold_;
    return false;
  }
  ++told_[std::string(refused.address)];
  log::warning("api.refused", "key={} reason={} address={}", refused.key_id.empty() ? "unknown" : refused.key_id,
               refused.reason, refused.address.empty() ? "unix" : refused.address);
  return true;
}

void RefusedKeys::begin_minute(MonoTime now) {
  if (untold_ > 0) log::warning("api.refused.untold", "calls={} addresses={}", untold_, told_.size());
  began_ = now;
  told_.clear();
  untold_ = 0;
}

}  // namespace xion
