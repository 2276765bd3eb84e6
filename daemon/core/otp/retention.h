#pragma once
#include <chrono>
#include <cstddef>

/// How long what is stored stays, and how much of it: the same in every engine.
namespace xion {

/// Ended requests are found by their key for so long.
inline constexpr std::chrono::hours latest_kept{1};
/// A carrier's id is known from the making of its request until the longest validity (an hour) and 48 h are over.
inline constexpr std::chrono::hours submission_kept{49};
/// An answer is replayed to its Idempotency-Key for so long.
inline constexpr std::chrono::hours answer_kept{24};
/// Requests of test keys.
inline constexpr std::chrono::hours test_kept{24};
/// What is noted by hand counts for a day at most.
inline constexpr std::chrono::hours note_kept{24};
/// Of deliveries that are over.
inline constexpr std::chrono::days delivery_kept{7};
/// What operators did.
inline constexpr std::chrono::days audit_kept{366};
/// And at most so many of them, the newest.
inline constexpr std::size_t deliveries_kept = 1'000'000;
/// For how many hours, the current one included, sums by the hour are there.
inline constexpr int stat_hours_kept = 48;

/// Of the messages that have one id of a carrier so many are told apart, the newest.
inline constexpr std::size_t messages_of_an_id = 8;
/// The newest receipts that match nothing are kept, so many of them.
inline constexpr std::size_t unmatched_kept = 10'000;
/// Deliveries that wait, of all webhooks; above it new ones are not queued. Half of it is one app's alone: four days of
/// receivers that are down, at three events a second.
inline constexpr std::size_t waiting_deliveries_max = 2'000'000;

}  // namespace xion
