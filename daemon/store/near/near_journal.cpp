#include "store/near/near_journal.h"

#include "base/octets.h"

namespace xion {
namespace {

constexpr std::uint8_t journal_format = 1;
/// Two such rows fill a page of LMDB; what is longer than half of one gets whole pages of its own.
constexpr std::size_t row_octets = 2'020;

}  // namespace

void JournalWriter::add(Table table, std::string_view key, std::optional<std::string_view> value) {
  change_.clear();
  OctetWriter out(change_);
  out.u8(static_cast<std::uint8_t>(table));
  out.u8(value ? 1 : 0);
  out.text(key);
  if (value) out.text(*value);
  if (row_.size() + change_.size() > row_octets) finish();
  if (row_.empty()) row_.push_back(static_cast<char>(journal_format));
  row_ += change_;
}

void JournalWriter::finish() {
  if (row_.empty()) return;
  take_(row_);
  row_.clear();
}

bool read_journal_row(std::string_view row, SeeChange see) {
  OctetReader in(row);
  if (in.u8() != journal_format) return false;
  while (!in.failed() && !in.at_end()) {
    const std::uint8_t table = in.u8();
    const bool has_value = in.u8() != 0;
    const std::string_view key = in.raw(in.varint());
    const std::string_view value = has_value ? in.raw(in.varint()) : std::string_view{};
    if (in.failed() || table >= table_count) return false;
    see(static_cast<Table>(table), key, has_value ? std::optional(value) : std::nullopt);
  }
  return !in.failed();
}

}  // namespace xion
