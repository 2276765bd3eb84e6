#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "carrier/random.h"

namespace xion::carrier {

/// Everything that a carrier can do wrong, or differently. The table in fault.cpp gives each its name and sentence.
enum class Fault : std::uint8_t {
  // how it behaves when it is well
  window,
  max_tps,
  latency_ms,
  latency_jitter_ms,
  receipt_delay_ms,
  receipt_jitter_ms,
  receipt_retry_ms,
  no_receipts,
  // the answer to a submit_sm
  throttle,
  queue_full,
  status,
  status_burst,
  header_only_error,
  error_body,
  missing_id,
  response_tlv,
  nack,
  nack_zero,
  odd_status,
  mixed_status,
  id_blanks,
  id_long,
  id_of_nodes,
  late_response,
  drop_response,
  // receipts
  receipt_before_response,
  receipt_other_bind,
  receipt_twice,
  receipt_never,
  receipt_id,
  receipt_missing_fields,
  receipt_in_payload,
  receipt_text_only,
  receipt_tlv_only,
  receipt_wide_state,
  receipt_intermediate,
  receipt_national,
  receipt_no_id,
  receipt_data_sm,
  receipt_not_turned,
  receipt_other_phone,
  receipt_foreign_id,
  receipt_word,
  receipt_overruled,
  undelivered,
  receipt_commas,
  receipt_once,
  // the session
  one_segment,
  enquire_before_bind,
  bind_fail,
  bind_dropped,
  already_bound,
  unbind_every,
  silent_after,
  ignore_enquire_link,
  unknown_tlvs,
  unknown_command_every,
  long_message_every,
  lying_length_every,
  command_length,
  // the wire
  split_writes,
  slow_reader,
  delayed_acks,
  disconnect_every,
  rst_every,
  expired_certificate,
};
inline constexpr std::size_t fault_count = static_cast<std::size_t>(Fault::expired_certificate) + 1;

/// What the part before `@` in a fault's value is.
enum class FaultValue : std::uint8_t { nothing, number, id_style };

/// How a receipt spells the id that the response gave.
enum class IdStyle : std::uint8_t { same, hex, decimal, padded, upper, uuid };

struct FaultRow {
  Fault fault;
  std::string_view name;
  FaultValue value;
  std::int64_t number;     ///< What `NAME` alone means.
  std::string_view shape;  ///< For the help: `N`, `MS`, `CODE`.
  std::string_view sentence;
};
std::span<const FaultRow> fault_table();

/// Which faults are on, and how often each strikes. Text form, as `--fault` and `fault` take it:
/// `NAME`, `NAME=VALUE`, `NAME=10%`, `NAME=VALUE@10%`, `NAME=VALUE@3x` (three times, then off), `NAME=off`.
class Faults {
 public:
  /// Errors: a sentence that names what would be right.
  std::expected<void, std::string> set(std::string_view text);
  /// `share`: of the times when it could strike, 0–1.
  void set(Fault fault, std::int64_t number, double share = 1);
  void clear(Fault fault) { own(fault) = {}; }

  bool is_on(Fault fault) const { return at(fault).is_on; }
  /// The number given, 0 where the fault is off.
  std::int64_t number(Fault fault) const { return at(fault).is_on ? at(fault).number : 0; }
  IdStyle id_style() const { return static_cast<IdStyle>(number(Fault::receipt_id)); }
  /// Whether it strikes this time: draws lots for `10%`, counts down for `3x`.
  bool strikes(Fault fault, Random& random);
  /// For faults that come every N submits: of which a share may strike, too.
  bool is_due(Fault fault, std::uint64_t submits, Random& random) {
    const auto every = static_cast<std::uint64_t>(number(fault));
    return every > 0 && submits % every == 0 && strikes(fault, random);
  }
  /// These, and where one is off the other's: what holds for one phone.
  Faults& over(Faults& others) {
    others_ = &others;
    return *this;
  }
  /// `throttle=10%`; empty where it is off.
  std::string text(Fault fault) const;

 private:
  struct Setting {
    bool is_on = false;
    std::int64_t number = 0;
    double share = 1;              ///< 0–1
    std::uint64_t times_left = 0;  ///< 0: without end
  };
  const Setting& at(Fault fault) const {
    const Setting& own = settings_[static_cast<std::size_t>(fault)];
    return own.is_on || others_ == nullptr ? own : others_->at(fault);
  }
  Setting& at(Fault fault) { return const_cast<Setting&>(std::as_const(*this).at(fault)); }
  Setting& own(Fault fault) { return settings_[static_cast<std::size_t>(fault)]; }
  std::array<Setting, fault_count> settings_{};
  Faults* others_ = nullptr;
};

/// The table as text for `--help` and `fault list`.
std::string fault_help();

}  // namespace xion::carrier
