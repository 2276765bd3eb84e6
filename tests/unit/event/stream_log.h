#pragma once
#include <functional>
#include <string>
#include <vector>

#include "event/event_loop.h"

/// Keeps what happened to a stream; runs the loop until it has closed or said enough.
struct StreamLog final : xion::StreamEvents {
  explicit StreamLog(xion::EventLoop& loop_) : loop(loop_) {}
  void on_open() override {
    ++opened;
    if (opening) opening();
  }
  void on_octets(std::string_view octets) override {
    received.append(octets);
    if (received.size() >= enough) loop.stop();
  }
  void on_close(std::string_view reason_) override {
    ++closed;
    reason = reason_;
    loop.stop();
  }
  xion::EventLoop& loop;
  std::function<void()> opening;
  std::size_t enough = std::string::npos;
  int opened = 0, closed = 0;
  std::string received, reason;
};
