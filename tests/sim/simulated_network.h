#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "ports/loop.h"
#include "sim/agenda.h"
#include "sim/seeded.h"

namespace xion::sim {

/// How bad the network is. All chances are shares of 1.
struct NetworkHabits {
  Millis latency_min{1}, latency_max{40};
  double refuse = 0;          ///< Of connecting, besides nobody listening.
  double split = 0;           ///< Of a write: arrives in random pieces.
  double octet_by_octet = 0;  ///< Of a write.
  double delay = 0;           ///< Of a write: comes late, joined with what was written after it.
};

/// Sees every octet at the process's end of each connection, at the moment when the process writes or reads it.
class WireTap {
 public:
  virtual ~WireTap() = default;
  /// `owner`: the life whose connection it is.
  virtual void on_connect(std::uint64_t connection, const std::string& address, Agenda::Owner owner) = 0;
  virtual void on_written(std::uint64_t connection, std::string_view octets) = 0;
  virtual void on_read(std::uint64_t connection, std::string_view octets) = 0;
  virtual void on_gone(std::uint64_t connection) = 0;
};

/// TCP between the process and the carriers: ordered octets, cut and joined at will, connections that are refused,
/// reset, closed, or silently dead.
class Network {
 public:
  /// Takes a connection: keeps its stream, and says who hears of it.
  using Accept = std::function<StreamEvents*(std::unique_ptr<Stream>)>;

  Network(Agenda& agenda, Seeded entropy, WireTap& tap) : agenda_(agenda), entropy_(entropy), tap_(tap) {}
  void set_habits(const NetworkHabits& habits) { habits_ = habits; }
  void listen(const std::string& address, Accept accept) { listeners_[address] = std::move(accept); }

  std::unique_ptr<Stream> connect(const std::string& address, Agenda::Owner owner, StreamEvents& events);
  /// Ends a connection without goodbye, both ends told after a while.
  void reset(Stream& carrier_end);
  /// Nothing arrives any more, and no end is told.
  void silence(Stream& carrier_end);
  /// Nothing passes between a life and an address until then: what is connected is silent for good, who connects hears
  /// nothing.
  void cut_off(Agenda::Owner owner, const std::string& address, MonoTime until);
  void join_all() { cuts_.clear(); }
  /// The power of the process's machine fails: its connections are silent from here on.
  void silence_all_of(Agenda::Owner owner);

 private:
  friend class StreamEnd;
  struct Connection;
  Agenda& agenda_;
  Seeded entropy_;
  WireTap& tap_;
  NetworkHabits habits_;
  std::map<std::string, Accept> listeners_;
  std::map<std::uint64_t, std::weak_ptr<Connection>> connections_;
  std::map<std::pair<Agenda::Owner, std::string>, MonoTime> cuts_;
  std::uint64_t last_connection_ = 0;
};

}  // namespace xion::sim
