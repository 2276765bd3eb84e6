#include "domain/batches.h"

#include <utility>

#include <fmt/format.h>

#include "base/log.h"

namespace xion {

void Batches::start(Batch batch, WallTime now, MonoTime at) {
  decided_.reset();
  if (!is_writable()) return read_each(batch, now);
  try {
    apply(batch, now);
  } catch (const StoreFailure& failure) {
    fall_into_trouble(failure.what(), batch, now, at);
  }
}

Batches::Outcome Batches::finish(Batch batch, WallTime now, MonoTime at) {
  if (!decided_) {
    try {
      const bool has_committed = commit(batch, now);
      return {std::vector(batch.size(), Commit::durable), has_committed};
    } catch (const StoreFailure& failure) {
      fall_into_trouble(failure.what(), batch, now, at);
    }
  }
  return {*std::exchange(decided_, std::nullopt), false};
}

void Batches::apply(Batch batch, WallTime now) {
  for (;;) {
    try {
      engine_.begin(now);
      txn_.begin(now);
      for (const auto& task : batch) task->apply(txn_);
      engine_.finish();
      return;
    } catch (const MapFull&) {
      engine_.make_room(now);
    } catch (...) {
      engine_.abort();
      throw;
    }
  }
}

bool Batches::commit(Batch batch, WallTime now) {
  for (;;) {
    try {
      return engine_.commit();
    } catch (const MapFull&) {
      engine_.make_room(now);
      apply(batch, now);
    }
  }
}

/// False: it wanted to write, and nothing came of it.
bool Batches::read(Task& task, WallTime now) {
  bool has_only_read = false;
  try {
    engine_.begin_reading(now);
    txn_.begin(now);
    task.apply(txn_);
    has_only_read = !engine_.has_counted();
  } catch (const ReadOnly&) {
    has_only_read = false;
  } catch (...) {
    engine_.abort();
    throw;
  }
  engine_.abort();
  return has_only_read;
}

void Batches::read_each(Batch batch, WallTime now) {
  auto& outcomes = decided_.emplace(batch.size(), Commit::failed);
  for (std::size_t i = 0; i < batch.size() && is_readable_; ++i) {
    try {
      if (read(*batch[i], now)) outcomes[i] = Commit::durable;
    } catch (const StoreFailure& failure) {
      is_readable_ = false;
      trouble_ = fmt::format("down: {}", failure.what());
    }
  }
}

/// Who only reads is served all the same: whoever's write it was that failed, it was not theirs.
void Batches::fall_into_trouble(const std::string& why, Batch batch, WallTime now, MonoTime at) {
  log::error("store.trouble", "reason=\"{}\" tasks={}", why, batch.size());
  in_trouble_since_ = at;
  read_on(why, now, at);
  read_each(batch, now);
}

/// What is in memory has seen what was not written.
void Batches::read_on(const std::string& why, WallTime now, MonoTime at) {
  const bool is_news = trouble_.empty() || !is_readable_;
  try {
    disk_.reopen();
    engine_.reload(now);
    const std::string full = disk_.why_no_room();
    trouble_ = fmt::format("read-only: {}", full.empty() ? why : full);
    is_readable_ = true;
    if (is_news) log::error("store.read_only", "reason=\"{}\"", full.empty() ? why : full);
  } catch (const StoreFailure& failure) {
    trouble_ = fmt::format("down: {}", failure.what());
    is_readable_ = false;
  }
  last_try_ = at;
}

std::optional<MonoTime> Batches::next_try() const {
  return is_writable() ? std::nullopt : std::optional(last_try_ + retry_after_);
}

void Batches::try_to_recover(WallTime now, MonoTime at) {
  if (is_writable() || at < *next_try()) return;
  last_try_ = at;
  try {
    if (const std::string full = disk_.why_no_room(); !full.empty()) {
      if (is_readable_)
        trouble_ = fmt::format("read-only: {}", full);
      else
        read_on(full, now, at);
      return;
    }
    if (!is_readable_) disk_.reopen();
    engine_.recover(now);
    trouble_.clear();
    is_readable_ = true;
    log::info("store.recovered", "after_ms={}", (at - in_trouble_since_).count());
  } catch (const StoreFailure& failure) {
    read_on(failure.what(), now, at);
  }
}

}  // namespace xion
