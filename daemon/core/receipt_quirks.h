#pragma once
#include "core/settings.h"
#include "smpp/receipt.h"

namespace xion {

/// How this carrier's receipts differ from others', as its block says. It points into `carrier`.
smpp::ReceiptQuirks receipt_quirks(const CarrierSettings& carrier);

}  // namespace xion
