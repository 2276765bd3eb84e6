#pragma once
#include <stdexcept>

#include "base/time.h"

namespace xion {

class Records;

/// The disk or the data file let the engine down. Ends the whole transaction; only engines throw it, and only who runs
/// tasks on them catches it.
class StoreFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
/// Only room is missing: after `Engine::make_room` the same tasks can succeed.
class MapFull final : public StoreFailure {
 public:
  MapFull() : StoreFailure("the memory map is full") {}
};
/// The transaction only reads.
class ReadOnly final : public StoreFailure {
 public:
  ReadOnly() : StoreFailure("the store can only be read now") {}
};

/// An engine that answers at once, one transaction at a time. Each call may throw `StoreFailure`; after one that did,
/// nothing but `abort`, `make_room`, `reload` and `recover` may be called.
class Engine {
 public:
  virtual ~Engine() = default;

  /// The records as the transaction that is open sees them.
  virtual Records& records() = 0;
  virtual void begin(WallTime now) = 0;
  /// A transaction in which every write throws `ReadOnly`, sooner or later; it ends by `abort`.
  virtual void begin_reading(WallTime now) = 0;
  /// Writes what was only counted, so that nothing but `commit` is left to do.
  virtual void finish() = 0;
  /// Durable when it returns. False: nothing was written, nothing needed a commit.
  virtual bool commit() = 0;
  virtual void abort() noexcept = 0;
  /// Whether anything was counted that `finish` would write.
  virtual bool has_counted() const = 0;

  /// Ends what is open and makes room after `MapFull`. Throws where it can't.
  virtual void make_room(WallTime now) = 0;
  /// Takes up what is on disk anew: what a transaction that failed left in memory is forgotten.
  virtual void reload(WallTime now) = 0;
  /// Writes a small row durably, then takes up what is on disk anew.
  virtual void recover(WallTime now) = 0;
};

}  // namespace xion
