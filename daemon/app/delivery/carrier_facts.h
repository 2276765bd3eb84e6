#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings.h"

namespace xion {

/// How a carrier's receipts are.
struct ReceiptHabits {
  ReceiptsForLong for_long = ReceiptsForLong::each;
  std::optional<smpp::IdBase> id_base;  ///< As configured.
};
using CarrierReceiptHabits = std::map<std::string, ReceiptHabits, std::less<>>;
inline ReceiptHabits habits_of(const CarrierReceiptHabits& carriers, std::string_view name) {
  const auto known = carriers.find(name);
  return known == carriers.end() ? ReceiptHabits{} : known->second;
}

/// `status_overrides` of the carriers that have any, by name.
using CarrierOverrides = std::map<std::string, StatusOverrides, std::less<>>;

/// What tasks need of the carriers as they are configured: values that nothing changes, so that the store's thread may
/// read them while a reload makes others.
struct CarrierFacts {
  explicit CarrierFacts(const std::vector<CarrierSettings>& carriers);
  std::shared_ptr<const CarrierOverrides> status_overrides;
  std::shared_ptr<const CarrierReceiptHabits> receipt_habits;
};

}  // namespace xion
