#include "core/receipt_quirks.h"

namespace xion {

smpp::ReceiptQuirks receipt_quirks(const CarrierSettings& carrier) {
  return {.text_alone = carrier.receipt_text_alone,
          .states = &carrier.receipt_states,
          .reader = carrier.receipt_pattern.reader()};
}

}  // namespace xion
