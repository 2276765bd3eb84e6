#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/delivery/receipt_match.h"
#include "core/settings.h"
#include "ports/store.h"
#include "smpp/message_id.h"

namespace xion {

/// In which base each account's receipts write ids: learnt from what matches, pinned once enough in a row agreed, and
/// kept, so that a restart forgets nothing.
class IdBases {
 public:
  explicit IdBases(Store& store) : store_(store) {}
  /// What an earlier process has pinned, by carrier.
  void load(const std::map<std::string, smpp::IdBase>& pinned);
  /// A receipt of the account was matched in this base.
  void learn(const std::string& carrier, smpp::IdBase base);
  std::optional<smpp::IdBase> pinned(std::string_view carrier) const;
  /// The bases to look for a receipt's id in, the likeliest first.
  std::vector<BaseToTry> order(const CarrierSettings& carrier) const;

 private:
  struct Learnt {
    smpp::IdBase base = smpp::IdBase::same;
    std::uint32_t agreeing = 0;
  };
  Store& store_;
  std::map<std::string, Learnt, std::less<>> learnt_;  ///< By carrier.
};

}  // namespace xion
