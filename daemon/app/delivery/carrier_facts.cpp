#include "app/delivery/carrier_facts.h"

#include <utility>

namespace xion {

CarrierFacts::CarrierFacts(const std::vector<CarrierSettings>& carriers) {
  auto overrides = std::make_shared<CarrierOverrides>();
  auto habits = std::make_shared<CarrierReceiptHabits>();
  for (const CarrierSettings& settings : carriers) {
    if (!settings.status_overrides.empty()) overrides->emplace(settings.name, settings.status_overrides);
    habits->emplace(settings.name, ReceiptHabits{settings.receipts_for_long, settings.receipt_id});
  }
  status_overrides = std::move(overrides);
  receipt_habits = std::move(habits);
}

}  // namespace xion
