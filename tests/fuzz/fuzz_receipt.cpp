// A receipt's fields keep to their shapes whatever a carrier writes, and what we would write for it reads the same.
#include <algorithm>
#include <string>

#include "fuzz_input.h"
#include "smpp/decode.h"
#include "smpp/receipt.h"

using namespace xion;
using namespace xion::smpp;

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void check_date(const std::optional<std::string>& date) {
  if (!date) return;
  XION_ASSERT(date->size() == 10 || date->size() == 12 || date->size() == 14);
  XION_ASSERT(std::ranges::all_of(*date, is_digit));
}

void check_variants(const std::string& id) {
  const auto variants = message_id_variants(id);
  XION_ASSERT(!variants.empty() && variants.front() == id && variants.size() <= std::size(id_forms));
  for (const auto& variant : variants) XION_ASSERT(variant.size() <= std::max<std::size_t>(10, id.size() * 2));
}

void check(const DeliverSm& sm, bool text_alone) {
  const auto receipt = parse_receipt(sm, {.text_alone = text_alone});
  XION_ASSERT(receipt.has_value() || !is_receipt(sm));
  if (!receipt) return;
  XION_ASSERT(!receipt->final || is_final(receipt->state));
  XION_ASSERT(!receipt->final || !receipt->is_intermediate);
  XION_ASSERT(receipt->error.size() <= 5);
  check_date(receipt->submit_date);
  check_date(receipt->done_date);
  check_variants(receipt->message_id);

  const bool is_plain = !receipt->message_id.empty() && std::ranges::all_of(receipt->message_id, [](char c) {
    return c > ' ' && c < 0x7F && c != ',' && c != ';' && c != ':';
  });
  if (!is_plain) return;
  DeliverSm written;
  written.esm_class = 0x04;
  written.short_message = receipt_text({.message_id = receipt->message_id,
                                        .state = receipt->state,
                                        .error = "000",
                                        .submitted = {},
                                        .done = {},
                                        .text = ""});
  const auto again = parse_receipt(written);
  XION_ASSERT(again && again->message_id == receipt->message_id && again->state == receipt->state);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const bool text_alone = (input.octet() & 1) != 0;
  DeliverSm sm;
  sm.esm_class = input.octet();
  sm.data_coding = input.octet();
  const auto tlv_count = input.octet() % 4;
  constexpr std::uint16_t tags[] = {tag::receipted_message_id, tag::message_state, tag::network_error_code,
                                    tag::message_payload};
  for (int i = 0; i < tlv_count; ++i) {
    const auto tag = tags[input.octet() % std::size(tags)];
    sm.tlvs.push_back({tag, std::string(input.take(input.octet()))});
  }
  sm.short_message = input.rest();
  check(sm, text_alone);
  return 0;
}
