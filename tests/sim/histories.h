#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/settings.h"
#include "sim/chronicle.h"
#include "sim/simulated_exchange.h"

namespace xion::sim {

/// One call of a phone as its customer saw it, or several under one Idempotency-Key.
struct Happened {
  enum class Effect : std::uint8_t {
    certain,  ///< It was told.
    maybe,    ///< Nobody was told: it may have been kept, or not.
  };
  Effect effect = Effect::certain;
  Verb verb = Verb::send;
  MonoTime from{}, to{};            ///< In between it took effect.
  WallTime wall_from{}, wall_to{};  ///< The same by the clock of the node that did it.
  int status = 0;
  std::string code{};        ///< Of a refusal.
  std::string request_id{};  ///< The answer is about it; else the call names it; empty: neither.
  std::string end{};         ///< Of a read: its status.
  bool is_resend = false;
  std::uint32_t sends = 0;
  std::optional<std::uint32_t> attempts_remaining{};
  std::optional<WallTime> expires_at{};
};

/// The auditor where several nodes answer: answers may overtake each other, so that their order tells nothing. For each
/// phone there must be an order of its calls, each at some moment between its question and its answer, in which every
/// answer is what the rules say: a depth-first search that remembers where it has been, as porcupine does it.
class Histories {
 public:
  Histories(Chronicle& chronicle, const Settings& settings) : chronicle_(chronicle), settings_(settings) {}

  void add(const std::string& phone, Happened happened) { phones_[phone].push_back(std::move(happened)); }
  /// After all of them.
  void check(const std::function<bool(const std::string& phone)>& may_fail);
  std::size_t steps() const { return steps_; }

 private:
  Chronicle& chronicle_;
  const Settings& settings_;
  std::map<std::string, std::vector<Happened>> phones_;
  std::size_t steps_ = 0;
};

}  // namespace xion::sim
