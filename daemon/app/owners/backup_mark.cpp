#include "app/owners/backup_mark.h"

#include <utility>

#include "domain/txn.h"

namespace xion {

void note_backup(Store& store, WallTime at) {
  run_task(
      store,
      [at](Txn& txn) {
        txn.set_last_backup(at);
        return true;
      },
      [](Commit, bool&) {});
}

void read_backup_mark(Store& store, std::function<void(std::optional<WallTime>)> done) {
  run_task(
      store, [](Txn& txn) { return txn.last_backup(); },
      [done = std::move(done)](Commit commit, std::optional<WallTime>& at) {
        done(commit == Commit::failed ? std::nullopt : at);
      });
}

}  // namespace xion
