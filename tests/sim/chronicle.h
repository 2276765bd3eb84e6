#pragma once
#include <fmt/format.h>

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "sim/agenda.h"

namespace xion::sim {

/// What happened in a run, line by line, and the first invariant that was broken.
class Chronicle {
 public:
  Chronicle(const Agenda& agenda, bool prints) : agenda_(agenda), prints_(prints) {}

  template <typename... Args>
  void note(fmt::format_string<Args...> format, Args&&... args) {
    add(fmt::format(format, std::forward<Args>(args)...));
  }
  template <typename... Args>
  void broken(std::string_view invariant, fmt::format_string<Args...> format, Args&&... args) {
    add_broken(invariant, fmt::format(format, std::forward<Args>(args)...));
  }

  bool is_broken() const { return !broken_.empty(); }
  /// One sentence, one line of detail.
  const std::string& finding() const { return broken_; }
  const std::deque<std::string>& last_lines() const { return last_; }
  /// Of every line: two runs of one seed have the same.
  std::uint64_t digest() const { return digest_; }

 private:
  void add(std::string line);
  void add_broken(std::string_view invariant, std::string detail);

  const Agenda& agenda_;
  bool prints_;
  std::string broken_;
  std::deque<std::string> last_;
  std::uint64_t digest_ = 0xCBF29CE484222325;
};

}  // namespace xion::sim
