#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "base/histogram.h"

/// Where tasks are handed in: what the use cases see of the store. What a task may do is `Txn` (domain/txn.h), and
/// what an engine has to bring for that is `Records` (ports/records.h).
namespace xion {

class Txn;
struct Reads;

enum class Commit : std::uint8_t { durable, failed };

/// How soon a task is to be done. Nobody waits for what may ride: it is done with the next one that is asked for now,
/// so that both share one commit, or some milliseconds later.
enum class Haste : std::uint8_t { now, rides };

/// Durable work. `apply` decides on the store thread from captured inputs, and may run again in a new transaction;
/// `done` speaks, once, on the loop thread, after the commit that holds it.
class Task {
 public:
  virtual ~Task() = default;
  virtual void apply(Txn& txn) = 0;
  virtual void done(Commit commit) = 0;
  /// Adds what `apply` is going to read, as far as it is known.
  virtual void foresee(Reads&) const {}
  virtual Haste haste() const { return Haste::now; }
  /// `apply` changes nothing: an engine may run it beside those that do, by what is durable when it reads.
  virtual bool only_reads() const { return false; }
  /// What follows a commit that is kept must follow, however late that is known: `done` waits for it. Others are told
  /// after a while that the commit failed, though it may have been kept.
  virtual bool is_patient() const { return false; }
  /// Told a patient task, before `done`, where nobody can say for long. On the loop thread.
  virtual void in_doubt() {}
};

/// How it is with an engine whose rows are in a database across a network. Counts are since start.
struct DatabaseStatus {
  std::string server;            ///< "host:port" of the one that is written to; empty: none was found yet.
  std::string reason;            ///< Why nobody is there, as it was last said; empty: somebody is.
  bool has_standby = false;      ///< Its commits wait for a standby.
  std::uint64_t fetches = 0;     ///< Round trips that only read.
  std::uint64_t read_again = 0;  ///< Tasks that ran again for what they had not been known to read.
  std::uint64_t conflicts = 0;   ///< Commits refused for what another node had changed.
  std::uint64_t doubts = 0;      ///< Commits whose answer got lost.
};

/// p50/p99 of the last commits and how the engine is.
struct StoreStatus {
  bool is_writable = true;
  std::string trouble;  ///< Empty: none.
  std::uint64_t commits = 0;
  std::uint64_t tasks = 0;
  double commit_p50_ms = 0;
  double commit_p99_ms = 0;
  std::optional<DatabaseStatus> database;  ///< Nothing: it is a data file, of which the next three tell.
  std::uint64_t data_octets = 0;           ///< That are in use.
  std::uint64_t map_octets = 0;
  std::uint64_t requests = 0;
  Histogram commit_times{short_times};  ///< Seconds.
  Histogram batch_tasks{batch_sizes};   ///< Tasks in a commit.
};

class Store {
 public:
  virtual ~Store() = default;
  /// From the loop thread only. Tasks run in the order in which they come.
  virtual void submit(std::unique_ptr<Task> task) = 0;
  /// Tasks not yet done: what back-pressure looks at.
  virtual std::size_t waiting() const = 0;
  virtual StoreStatus status() const = 0;
};

/// Foresees nothing.
struct Unforeseen {
  void operator()(Reads&) const {}
};

/// A task of callables: `Result apply(Txn&)`, `void done(Commit, Result&)` and, where what is read is known before,
/// `void foresee(Reads&)`. The result of a task that never ran is value-initialised.
template <typename Result, typename Apply, typename Done, typename Foresee = Unforeseen>
class LambdaTask : public Task {
 public:
  // Functions as such would hide the members, were they named like them.
  LambdaTask(Apply to_apply, Done when_done, Foresee to_foresee = {}, Haste haste = Haste::now)
      : apply_(std::move(to_apply)), done_(std::move(when_done)), foresee_(std::move(to_foresee)), haste_(haste) {}
  void apply(Txn& txn) override { result_ = apply_(txn); }
  void done(Commit commit) override { done_(commit, result_); }
  void foresee(Reads& reads) const override { foresee_(reads); }
  Haste haste() const override { return haste_; }

 private:
  Apply apply_;
  Done done_;
  [[no_unique_address]] Foresee foresee_;
  Haste haste_;
  Result result_{};
};
/// One that only reads, and may read much.
template <typename Base>
class ReadingTask final : public Base {
 public:
  using Base::Base;
  bool only_reads() const override { return true; }
};
/// One that is patient.
template <typename Base, typename InDoubt>
class PatientTask final : public Base {
 public:
  template <typename... Args>
  explicit PatientTask(InDoubt in_doubt, Args... args) : Base(std::move(args)...), in_doubt_(std::move(in_doubt)) {}
  bool is_patient() const override { return true; }
  void in_doubt() override { in_doubt_(); }

 private:
  [[no_unique_address]] InDoubt in_doubt_;
};
/// Nobody waits for an answer.
struct Unasked {
  void operator()() const {}
};
template <typename Apply, typename Done, typename InDoubt = Unasked, typename Foresee = Unforeseen>
void run_patiently(Store& store, Apply apply, Done done, InDoubt in_doubt = {}, Foresee foresee = {}) {
  using Base = LambdaTask<std::invoke_result_t<Apply&, Txn&>, Apply, Done, Foresee>;
  store.submit(std::make_unique<PatientTask<Base, InDoubt>>(std::move(in_doubt), std::move(apply), std::move(done),
                                                            std::move(foresee)));
}
template <typename Apply, typename Done>
void run_reading(Store& store, Apply apply, Done done) {
  using Result = std::invoke_result_t<Apply&, Txn&>;
  store.submit(std::make_unique<ReadingTask<LambdaTask<Result, Apply, Done>>>(std::move(apply), std::move(done)));
}
template <typename Apply, typename Done>
void run_task(Store& store, Apply apply, Done done) {
  using Result = std::invoke_result_t<Apply&, Txn&>;
  store.submit(std::make_unique<LambdaTask<Result, Apply, Done>>(std::move(apply), std::move(done)));
}
template <typename Apply, typename Done, typename Foresee>
void run_task(Store& store, Apply apply, Done done, Foresee foresee, Haste haste = Haste::now) {
  using Result = std::invoke_result_t<Apply&, Txn&>;
  store.submit(std::make_unique<LambdaTask<Result, Apply, Done, Foresee>>(std::move(apply), std::move(done),
                                                                          std::move(foresee), haste));
}

}  // namespace xion
