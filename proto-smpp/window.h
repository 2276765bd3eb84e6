#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/time.h"

namespace xion::smpp {

/// The caller's name of a request.
using Token = std::uint64_t;

/// Requests that wait for their response. Each entry leaves once: by `take` (response or nack), `take_expired`
/// (timeout) or `take_all` (close).
class Window {
 public:
  struct Entry {
    std::uint32_t sequence = 0;
    Token token = 0;
    MonoTime sent_at;
    MonoTime deadline;
    bool operator==(const Entry&) const = default;
  };

  explicit Window(std::size_t capacity) : capacity_(capacity) {}

  /// Asserts that there is room, that the sequence is new, and that no earlier entry has a later deadline.
  void put(const Entry& entry);
  std::optional<Entry> take(std::uint32_t sequence);
  /// The oldest entry whose deadline has come.
  std::optional<Entry> take_expired(MonoTime now);
  /// Everything, oldest first.
  std::vector<Entry> take_all();

  bool contains(std::uint32_t sequence) const;
  std::size_t size() const { return entries_.size(); }
  std::size_t room() const { return capacity_ - entries_.size(); }
  std::size_t capacity() const { return capacity_; }
  std::optional<MonoTime> next_deadline() const;

 private:
  /// Oldest first. Responses come nearly in order, so a search from the front ends early.
  std::deque<Entry> entries_;
  std::size_t capacity_;
};

/// Remembers the last requests that were given up, so that a late response still finds its token.
class LateTable {
 public:
  explicit LateTable(std::size_t capacity) : capacity_(capacity) {}
  void put(std::uint32_t sequence, Token token);
  std::optional<Token> take(std::uint32_t sequence);
  bool contains(std::uint32_t sequence) const;
  std::size_t size() const { return entries_.size(); }
  void clear() { entries_.clear(); }

 private:
  struct Entry {
    std::uint32_t sequence;
    Token token;
  };
  std::deque<Entry> entries_;
  std::size_t capacity_;
};

}  // namespace xion::smpp
