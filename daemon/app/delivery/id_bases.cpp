#include "app/delivery/id_bases.h"

#include "base/log.h"
#include "domain/txn.h"

namespace xion {
namespace {

/// Where an account's receipts agreed so often in a row on one base, that one is looked for first.
constexpr std::uint32_t pinned_after = 3;

}  // namespace

void IdBases::load(const std::map<std::string, smpp::IdBase>& pinned) {
  for (const auto& [carrier, base] : pinned) learnt_[carrier] = {base, pinned_after};
}

void IdBases::learn(const std::string& carrier, smpp::IdBase base) {
  Learnt& here = learnt_[carrier];
  if (here.base == base && here.agreeing >= pinned_after) return;
  here.agreeing = here.base == base ? here.agreeing + 1 : 1;
  here.base = base;
  if (here.agreeing < pinned_after) return;
  log::info("receipt.id_base_learnt", "smsc={} receipt_id={}", carrier, smpp::id_base_text(base));
  // Lost with a failed commit it is learnt again after the next start.
  run_task(
      store_,
      [carrier, base](Txn& txn) {
        txn.put_id_base(carrier, base);
        return true;
      },
      [](Commit, bool&) {});
}

std::optional<smpp::IdBase> IdBases::pinned(std::string_view carrier) const {
  const auto known = learnt_.find(carrier);
  if (known == learnt_.end() || known->second.agreeing < pinned_after) return std::nullopt;
  return known->second.base;
}

std::vector<BaseToTry> IdBases::order(const CarrierSettings& carrier) const {
  return bases_to_try(carrier.receipt_id, pinned(carrier.name));
}

}  // namespace xion
