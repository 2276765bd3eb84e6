#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "ports/control_socket.h"
#include "wire/wire.h"

namespace xion::control {

/// The way to a client that follows something: what it was too slow for is counted, and told with the next line.
class Follower {
 public:
  explicit Follower(std::function<ControlSent(std::string)> line) : line_(std::move(line)) {}
  /// Tells the client that it follows now.
  void begin() { line_(wire::encode(wire::Answer::line({}, 0))); }
  /// False: it has gone, and is to be forgotten.
  bool tell(std::string result_json) {
    switch (line_(wire::encode(wire::Answer::line(std::move(result_json), missed_)))) {
      case ControlSent::taken: missed_ = 0; return true;
      case ControlSent::missed: ++missed_; return true;
      case ControlSent::gone: return false;
    }
    return false;
  }
  /// So many lines could not be told, since they were gone before.
  void miss(std::uint64_t lines) { missed_ += lines; }
  /// The same as `tell` where there is nothing to tell.
  bool is_there() const { return line_({}) != ControlSent::gone; }

 private:
  std::function<ControlSent(std::string)> line_;
  std::uint64_t missed_ = 0;
};

}  // namespace xion::control
