#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "app/codes/measures.h"
#include "app/codes/phone_watch.h"
#include "app/delivery/carriers.h"
#include "app/owners/directory.h"
#include "core/settings.h"
#include "ports/loop.h"
#include "ports/store.h"
#include "ports/vault.h"

namespace xion {

class DashboardAccess;
class Dispatcher;
class KeyRotation;
class Notices;
class Templates;
class Webhooks;

/// `status_overrides` of the carriers that have any, by name.
using CarrierOverrides = std::map<std::string, StatusOverrides, std::less<>>;

/// How a carrier's receipts are, for tasks.
struct ReceiptHabits {
  ReceiptsForLong for_long = ReceiptsForLong::each;
  std::optional<smpp::IdBase> id_base;  ///< As configured.
};
using CarrierReceiptHabits = std::map<std::string, ReceiptHabits, std::less<>>;
inline ReceiptHabits habits_of(const CarrierReceiptHabits& carriers, std::string_view name) {
  const auto known = carriers.find(name);
  return known == carriers.end() ? ReceiptHabits{} : known->second;
}

/// The ports and parts that the use cases stand on. main (or the simulation) makes them; all outlive the loop's run.
struct Services {
  const Settings* settings = nullptr;  ///< Replaced by a reload.
  Loop& loop;
  Store& store;
  Entropy& entropy;
  Vault& loop_vault;   ///< For the loop thread.
  Vault& store_vault;  ///< For tasks, on the store thread.
  Directory& directory;
  Dispatcher* dispatcher = nullptr;  ///< For the use cases.
  std::shared_ptr<const CarrierOverrides> status_overrides =
      std::make_shared<CarrierOverrides>();  ///< Shared with tasks.
  std::shared_ptr<const CarrierReceiptHabits> receipt_habits =
      std::make_shared<CarrierReceiptHabits>();                       ///< Shared with tasks.
  std::shared_ptr<const Prices> prices = std::make_shared<Prices>();  ///< Shared with tasks.
  Carriers* carriers = nullptr;  ///< The same, as the API and the control socket see it.
  Notices* notices = nullptr;
  Templates* templates = nullptr;
  Webhooks* webhooks = nullptr;  ///< Null: nothing is sent to anybody (some tests).
  KeyRotation* key_rotation = nullptr;
  DashboardAccess* dashboard = nullptr;  ///< Who may look at the dashboard.
  Measures measures{};                   ///< What /metrics tells of the use cases.
  PhoneWatch phone_watch{};              ///< Whose requests somebody follows in the log.
};

}  // namespace xion
