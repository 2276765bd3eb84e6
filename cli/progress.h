#pragma once
#include <chrono>
#include <cstdint>
#include <string_view>

namespace xion::cli {

/// How far something is: one line of the terminal, written anew ten times a second. Nothing where stderr is no
/// terminal.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// `of` 0: nobody knows of how many.
  void tell(std::string_view doing, std::uint64_t done, std::uint64_t of);

 private:
  bool is_shown_;
  bool has_line_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace xion::cli
