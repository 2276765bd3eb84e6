#pragma once
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "ports/store.h"
#include "sim/agenda.h"
#include "sim/memory_kv.h"
#include "sim/mutation.h"
#include "sim/seeded.h"

namespace xion::sim {

/// What the store's seam lets an engine do with tasks, so that no use case relies on less: each may be applied again
/// after it was broken off wherever it read; and of what is not told yet, none need come before another.
struct TaskHabits {
  double broken_off = 0;  ///< Of a task, each time that it is applied, twice at most.
  double shuffled = 0;    ///< Of a batch.
  double deferred = 0;    ///< Of a task: comes a batch later.
};

/// How often that was so.
struct TaskCounts {
  std::size_t broken_off = 0, put_off = 0;
};

/// Treats each batch so before it is applied. Lives as long as its store.
class TaskTreatment {
 public:
  using Tasks = std::vector<std::unique_ptr<Task>>;

  /// Gives the store a task of its own.
  using Submit = std::function<void(std::unique_ptr<Task>)>;

  TaskTreatment(Agenda& agenda, Agenda::Owner life, MemoryKv& disk, TaskHabits habits, Mutation mutation,
                Seeded entropy, TaskCounts& counts, Submit submit)
      : agenda_(agenda),
        life_(life),
        disk_(disk),
        habits_(habits),
        mutation_(mutation),
        entropy_(entropy),
        counts_(counts),
        submit_(std::move(submit)) {}

  /// `arrived`: those of the next batch.
  void treat(Tasks& running, Tasks& arrived);

 private:
  class Fragile;
  class ToldEarly;
  class AppliedTwice;
  class AppliedAgain;

  void defer_some(Tasks& running, Tasks& arrived);
  void shuffle(Tasks& running);
  std::unique_ptr<Task> mutated(std::unique_ptr<Task> task);

  Agenda& agenda_;
  const Agenda::Owner life_;
  MemoryKv& disk_;
  const TaskHabits habits_;
  const Mutation mutation_;
  Seeded entropy_;
  TaskCounts& counts_;
  const Submit submit_;
};

}  // namespace xion::sim
