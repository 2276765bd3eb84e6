#include "sim/pace_audit.h"

#include <algorithm>

namespace xion::sim {
namespace {

/// A closed stream is destroyed on the loop's next turn.
constexpr Millis turn{5};

std::size_t binds_of(const CarrierSettings& carrier) {
  return carrier.binds * (carrier.bind == "transmitter+receiver" ? 2U : 1U);
}

}  // namespace

void PaceAudit::on_life() {
  if (is_of_many_) return;
  accounts_.clear();
  binds_.clear();
}

void PaceAudit::on_connect(std::uint64_t connection, const CarrierSettings& carrier, Agenda::Owner owner) {
  Account& account = accounts_[{&carrier, owner}];
  if (account.open + account.closed.size() >= binds_of(carrier) && !account.closed.empty()) {
    const Millis since = agenda_.now() - account.closed.front();
    account.closed.erase(account.closed.begin());
    const Millis slack = is_of_many_ ? carrier.reconnect_min / 8 : Millis{0};
    if (since + turn + slack < carrier.reconnect_min) {
      chronicle_.broken("a bind is never retried sooner than its minimum", "{} after {} ms", carrier.name,
                        since.count());
    }
  }
  ++account.open;
  binds_[connection].carrier = &carrier;
  binds_[connection].owner = owner;
}

void PaceAudit::on_gone(std::uint64_t connection) {
  const auto bind = binds_.find(connection);
  if (bind == binds_.end()) return;
  Account& account = accounts_[{bind->second.carrier, bind->second.owner}];
  --account.open;
  account.closed.push_back(agenda_.now());
  binds_.erase(bind);
}

void PaceAudit::on_submit(std::uint64_t connection) {
  const auto bind = binds_.find(connection);
  if (bind == binds_.end()) return;
  const CarrierSettings& carrier = *bind->second.carrier;
  check(bind->second.bucket, carrier.rate, carrier, "bind");
  check(accounts_[{&carrier, bind->second.owner}].bucket, carrier.account_rate, carrier, "account");
}

/// A bucket of the configured rate that holds what the daemon's may hold: in any window no more can leave it.
void PaceAudit::check(std::optional<TokenBucket>& bucket, double rate, const CarrierSettings& carrier,
                      const char* whose) {
  if (rate == 0) return;
  const double pace = is_of_many_ ? rate * 1.12 : rate;  // A node's clock may be fast.
  if (!bucket) bucket.emplace(pace, std::max(1.0, pace / 10) + 0.01);
  if (!bucket->take(agenda_.now())) {
    chronicle_.broken("submits never exceed a bucket's bound", "{}: more than {} a second of one {}", carrier.name,
                      rate, whose);
  }
}

}  // namespace xion::sim
