#include "sim/task_treatment.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace xion::sim {
namespace {

/// Few tasks read more often than that.
constexpr std::uint64_t reads_at_most = 24;
constexpr int breaks_at_most = 2;
/// Of tasks that a mutation meets: a fault that is always there would be found by anybody.
constexpr double mutated_share = 0.02;

/// Passes everything on.
class Passing : public Task {
 public:
  explicit Passing(std::unique_ptr<Task> task) : task_(std::move(task)) {}
  void apply(Txn& txn) override { task_->apply(txn); }
  void done(Commit commit) override { task_->done(commit); }
  bool is_patient() const override { return task_->is_patient(); }
  void in_doubt() override { task_->in_doubt(); }

 protected:
  std::shared_ptr<Task> task_;
};

}  // namespace

/// Broken off by what only the engine knows: it makes room, and applies its batch from the start.
class TaskTreatment::Fragile final : public Passing {
 public:
  Fragile(std::unique_ptr<Task> task, TaskTreatment& treatment) : Passing(std::move(task)), treatment_(treatment) {}
  void apply(Txn& txn) override {
    if (breaks_ == breaks_at_most || !treatment_.entropy_.chance(treatment_.habits_.broken_off))
      return task_->apply(txn);
    ++breaks_;
    ++treatment_.counts_.broken_off;
    treatment_.disk_.break_off_after(treatment_.entropy_.below(reads_at_most));
    task_->apply(txn);
    // It read less often than that: broken off when all is done.
    treatment_.disk_.break_off_after(0);
    throw MapFull();
  }

 private:
  TaskTreatment& treatment_;
  int breaks_ = 0;
};

class TaskTreatment::ToldEarly final : public Passing {
 public:
  ToldEarly(std::unique_ptr<Task> task, TaskTreatment& treatment) : Passing(std::move(task)), treatment_(treatment) {}
  void apply(Txn& txn) override {
    if (is_told_) return;
    task_->apply(txn);
    is_told_ = true;
    treatment_.agenda_.after(Millis{0}, treatment_.life_, [task = task_] { task->done(Commit::durable); });
  }
  void done(Commit commit) override {
    if (!is_told_) task_->done(commit);
  }

 private:
  TaskTreatment& treatment_;
  bool is_told_ = false;
};

class TaskTreatment::AppliedTwice final : public Passing {
 public:
  using Passing::Passing;
  void apply(Txn& txn) override {
    task_->apply(txn);
    task_->apply(txn);
  }
};

/// After it was told: what it then decides reaches nobody, and is kept all the same.
class TaskTreatment::AppliedAgain final : public Passing {
 public:
  AppliedAgain(std::unique_ptr<Task> task, const Submit& submit) : Passing(std::move(task)), submit_(submit) {}
  void done(Commit commit) override {
    task_->done(commit);
    if (commit == Commit::durable) submit_(std::make_unique<Again>(task_));
  }

 private:
  class Again final : public Task {
   public:
    explicit Again(std::shared_ptr<Task> task) : task_(std::move(task)) {}
    void apply(Txn& txn) override { task_->apply(txn); }
    void done(Commit) override {}

   private:
    std::shared_ptr<Task> task_;
  };
  const Submit& submit_;
};

void TaskTreatment::treat(Tasks& running, Tasks& arrived) {
  if (habits_.deferred > 0) defer_some(running, arrived);
  if (habits_.shuffled > 0 && entropy_.chance(habits_.shuffled)) shuffle(running);
  for (auto& task : running) {
    if (mutation_ != Mutation::none) task = mutated(std::move(task));
    if (habits_.broken_off > 0) task = std::make_unique<Fragile>(std::move(task), *this);
  }
}

void TaskTreatment::defer_some(Tasks& running, Tasks& arrived) {
  Tasks now, later;
  for (auto& task : running) (entropy_.chance(habits_.deferred) ? later : now).push_back(std::move(task));
  running = std::move(now);
  counts_.put_off += later.size();
  arrived.insert(arrived.begin(), std::make_move_iterator(later.begin()), std::make_move_iterator(later.end()));
}

void TaskTreatment::shuffle(Tasks& running) {
  for (std::size_t left = running.size(); left > 1; --left) std::swap(running[left - 1], running[entropy_.below(left)]);
}

std::unique_ptr<Task> TaskTreatment::mutated(std::unique_ptr<Task> task) {
  if (!entropy_.chance(mutated_share)) return task;
  if (mutation_ == Mutation::told_early) return std::make_unique<ToldEarly>(std::move(task), *this);
  if (mutation_ == Mutation::applied_twice) return std::make_unique<AppliedTwice>(std::move(task));
  if (mutation_ == Mutation::applied_again) return std::make_unique<AppliedAgain>(std::move(task), submit_);
  return task;
}

}  // namespace xion::sim
