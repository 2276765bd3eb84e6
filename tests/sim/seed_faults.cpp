#include "sim/seed_faults.h"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "base/assert.h"

namespace xion::sim {
namespace {

using carrier::Fault;
using enum carrier::Fault;

/// How a fault is drawn: faults that are always there hide each other.
struct Habit {
  Fault fault;
  double seeds;  ///< In what share of the carriers it is on.
  /// How often it strikes at most, of what it can strike at; 1: always, where it is on.
  double most;
  std::array<std::int64_t, 3> numbers{};  ///< One of them is its number; all 0: none is asked for.
};
constexpr Habit habits[] = {
    {window, 0.1, 1, {1, 2, 5}},
    {max_tps, 0.1, 1, {2, 5, 20}},
    {latency_jitter_ms, 1, 1, {15, 295, 2'495}},
    {receipt_jitter_ms, 1, 1, {1'700, 7'700, 19'700}},

    {throttle, 0.25, 0.5},
    {queue_full, 0.1, 0.3},
    {status, 0.1, 0.05, {0x04, 0x04, 0x04}},  // ESME_RINVBNDSTS; the others are mixed.
    {mixed_status, 0.3, 0.5},
    {status_burst, 0.05, 1, {2, 5, 10}},
    {header_only_error, 0.1, 0.2},
    {error_body, 0.1, 0.2},
    {missing_id, 0.1, 0.2},
    {response_tlv, 0.15, 1},
    {nack, 0.15, 0.2},
    {nack_zero, 0.05, 0.05},
    {odd_status, 0.1, 0.1},
    {id_blanks, 0.15, 1},
    {id_long, 0.1, 0.2, {66, 80, 300}},
    {late_response, 0.3, 0.4, {1'000, 8'000, 40'000}},
    {drop_response, 0.3, 0.3},

    {receipt_before_response, 0.3, 0.8},
    {receipt_other_bind, 0.2, 1},
    {receipt_twice, 0.3, 0.5},
    {receipt_never, 0.3, 0.6},
    {receipt_missing_fields, 0.15, 1},
    {receipt_in_payload, 0.15, 1},
    {receipt_text_only, 0.3, 1},
    {receipt_tlv_only, 0.15, 1},
    {receipt_wide_state, 0.15, 1},
    {receipt_intermediate, 0.15, 0.5},
    {receipt_national, 0.15, 1, {3, 3, 3}},
    {receipt_no_id, 0.1, 0.3},
    {receipt_data_sm, 0.2, 1},
    {receipt_not_turned, 0.2, 1},
    {receipt_other_phone, 0.15, 1},
    {receipt_foreign_id, 0.15, 1},
    {receipt_word, 0.2, 1},
    {receipt_overruled, 0.15, 0.5},
    {undelivered, 0.3, 0.3},
    {receipt_commas, 0.05, 0.5},
    {receipt_once, 0.1, 1, {0, 1, 0}},

    {one_segment, 0.1, 0.5},
    {enquire_before_bind, 0.15, 0.5},
    {bind_fail, 0.2, 0.5, {0x05, 0x0D, 0x08}},
    {bind_dropped, 0.1, 0.5, {50, 50, 2'000}},
    {already_bound, 0.1, 1, {2, 5, 15}},
    {unbind_every, 0.15, 0.05, {1, 1, 1}},
    {silent_after, 0.2, 0.05, {1, 1, 1}},
    {ignore_enquire_link, 0.05, 1},
    {unknown_tlvs, 0.15, 1},
    {unknown_command_every, 0.1, 0.2, {1, 1, 1}},
    {long_message_every, 0.1, 0.2, {1, 1, 1}},
    {lying_length_every, 0.1, 0.1, {1, 1, 1}},
    {command_length, 0.03, 1, {4, 15, 0x7FFF'FFFF}},
    {disconnect_every, 0.15, 0.1, {1, 1, 1}},
    {rst_every, 0.2, 0.1, {1, 1, 1}},
};

/// What no seed plays, and why.
struct Unplayed {
  Fault fault;
  std::string_view why;
};
constexpr Unplayed unplayed[] = {
    {latency_ms, "every carrier has one"},
    {receipt_delay_ms, "every carrier has one"},
    {receipt_retry_ms, "every carrier has one"},
    {no_receipts, "receipt-never, always"},
    {id_of_nodes, "the auditor knows a message by its id"},
    {receipt_id, "drawn by itself: what else is drawn depends on it"},
    {split_writes, "the network cuts and joins"},
    {slow_reader, "the network takes what is written"},
    {delayed_acks, "the network has no segments"},
    {expired_certificate, "the network has no TLS"},
};

/// A new fault is drawn, or has its reason.
static_assert(
    [] {
      std::array<int, carrier::fault_count> times{};
      for (const Habit& habit : habits) ++times[static_cast<std::size_t>(habit.fault)];
      for (const Unplayed& row : unplayed) ++times[static_cast<std::size_t>(row.fault)];
      for (const int each : times) {
        if (each != 1) return false;
      }
      return true;
    }(),
    "each fault stands in one of the two tables");

}  // namespace

void draw_faults(Seeded& entropy, SimulatedSmsc& smsc) {
  carrier::Faults& faults = smsc.faults();
  using carrier::IdStyle;
  for (const Habit& habit : habits) {
    const bool is_on = entropy.chance(habit.seeds);
    const double share = habit.most * static_cast<double>(entropy.between(10, 100)) / 100;
    const std::int64_t number = habit.numbers[entropy.below(habit.numbers.size())];
    if (is_on) faults.set(habit.fault, number, habit.most < 1 ? share : 1);
  }
  const IdStyle style = entropy.pick(
      {IdStyle::same, IdStyle::same, IdStyle::hex, IdStyle::decimal, IdStyle::padded, IdStyle::upper, IdStyle::uuid});
  faults.set(receipt_id, static_cast<std::int64_t>(style));
  // Where an id fits several messages the phone decides: neither is respelt.
  const bool ids_are_short = entropy.chance(0.2);
  if (ids_are_short) {
    smsc.count_ids_from(1);
    faults.set(receipt_id, static_cast<std::int64_t>(IdStyle::same));
  }
  // Only an exact id is a proof beside a number that is spelt otherwise.
  if (!ids_are_short && (style == IdStyle::same || style == IdStyle::uuid)) return;
  faults.clear(receipt_national);
  faults.clear(receipt_other_phone);
}

void draw_full_queue(Seeded& entropy, double share, carrier::Script& script, const std::string& phone) {
  if (!entropy.chance(share)) return;
  const auto added = script.add(phone + " fault=queue-full");
  XION_ASSERT(added.has_value());
}

}  // namespace xion::sim
