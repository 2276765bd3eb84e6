#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "base/time.h"

namespace xion::sim {

/// Virtual time, and all that is to happen in it, in order. Time passes only between events, so a run is the same
/// whatever the machine does.
class Agenda {
 public:
  using Work = std::move_only_function<void()>;
  /// Whose an event is: the world's, or that of one life of the process, whose events end with it.
  using Owner = std::uint32_t;
  static constexpr Owner world = 0;
  using Key = std::pair<MonoTime, std::uint64_t>;
  static constexpr WallTime wall_began{Millis{1'770'897'600'000}};  ///< 2026-02-12T12:00:00Z, where `now` is 0.

  explicit Agenda(MonoTime began = MonoTime{Millis{1'000'000}}) : now_(began) {}

  MonoTime now() const { return now_; }
  WallTime wall_now() const { return WallTime{wall_began.time_since_epoch() + now_.time_since_epoch()}; }

  /// In the order of time; at the same time, in the order of asking.
  Key at(MonoTime when, Owner owner, Work work);
  Key after(Millis wait, Owner owner, Work work) { return at(now_ + wait, owner, std::move(work)); }
  /// Before everything else: what strikes right after the present event.
  void interrupt(Work work);
  void cancel(const Key& key);
  /// Forgets all events of a life.
  void drop(Owner owner);
  /// The events of a life that are due before then are not: all of them come then, in their order.
  void freeze(Owner owner, MonoTime until) { frozen_[owner] = until; }
  void thaw(Owner owner) { frozen_.erase(owner); }

  /// Runs the next event. False: there is none.
  bool step();
  /// False: events beget events in one instant, and time would stand still for ever.
  bool run_until(MonoTime when);
  std::uint64_t steps() const { return steps_; }

 private:
  struct Event {
    Owner owner;
    Work work;
    std::optional<Key> asked{};  ///< Under which it is canceled, where it was put off.
  };
  bool put_off();

  MonoTime now_;
  std::uint64_t last_ = 1'000'000;
  std::uint64_t first_ = last_;
  std::uint64_t steps_ = 0;
  std::uint64_t steps_before_now_ = 0;
  std::map<Key, Event> events_;
  std::map<Owner, MonoTime> frozen_;
  std::map<Key, Key> put_off_;  ///< Where an event is by now.
};

}  // namespace xion::sim
