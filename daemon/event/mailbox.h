#pragma once
#include <functional>
#include <mutex>
#include <vector>

#include "ports/open_file.h"

namespace xion {

/// Work that other threads hand to the loop. Many `put`s between two `take`s cost one wake.
class Mailbox {
 public:
  using Work = std::move_only_function<void()>;

  Mailbox();
  /// From any thread. Once the box is shut, the work is dropped.
  void put(Work work);
  /// Readable while something waits.
  int wake_fd() const { return wake_.get(); }
  /// Everything that waits, in the order of `put`; clears the wake.
  std::vector<Work> take();
  void shut();

 private:
  std::mutex mutex_;
  std::vector<Work> waiting_;
  bool is_shut_ = false;
  OpenFile wake_;
};

}  // namespace xion
