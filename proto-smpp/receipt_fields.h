#pragma once
#include <functional>
#include <optional>
#include <string_view>

namespace xion::smpp {

/// The values behind the keys of a receipt's text; empty where a key is missing. Views into the text.
struct ReceiptFields {
  std::optional<std::string_view> id;
  /// All up to the next key, where that is more than a word: an id with a blank or a comma in it, `NOT DELIVERED`.
  std::string_view id_phrase;
  std::string_view stat_phrase;
  std::string_view submit_date;
  std::string_view done_date;
  std::optional<std::string_view> stat;
  std::string_view err;
};

/// Reads `id:… sub:… dlvrd:… submit date:… done date:… stat:… err:… text:…`: keys in any case and order, any of them
/// missing, spaces allowed before a value. Stops at `text:`, because what follows is the subscriber's own text.
ReceiptFields read_receipt_fields(std::string_view text);

/// Reads texts of another shape; nothing where the text has not this one.
using ReceiptReader = std::function<std::optional<ReceiptFields>(std::string_view text)>;

}  // namespace xion::smpp
