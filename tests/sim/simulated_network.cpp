#include "sim/simulated_network.h"

#include <algorithm>
#include <array>
#include <deque>
#include <utility>

namespace xion::sim {

enum Side : std::uint8_t { process = 0, carrier = 1 };
static Side other(Side side) { return side == process ? carrier : process; }

/// What two ends share. An end that is gone has no events, and hears of nothing.
struct Network::Connection : std::enable_shared_from_this<Network::Connection> {
  struct Piece {
    MonoTime arrives;
    std::string octets;
    bool octet_by_octet = false;
  };
  struct Direction {
    std::deque<Piece> under_way;
    MonoTime last_arrival{};
    bool is_closing = false;  ///< Whoever writes in it has closed.
  };

  Connection(Network& of, std::uint64_t number_, Agenda::Owner owner_, std::string address_)
      : network(of), number(number_), owner(owner_), address(std::move(address_)) {}

  void write(Side from, std::string_view octets);
  void deliver(Side to);
  void hand_over(Side to, std::string_view octets);
  void close(Side from);
  void tell_closed(Side side, std::string_view reason);
  Agenda::Owner owner_of(Side side) const { return side == process ? owner : Agenda::world; }

  Network& network;
  const std::uint64_t number;
  const Agenda::Owner owner;
  const std::string address;
  std::array<StreamEvents*, 2> events{};
  std::array<Direction, 2> towards;
  bool is_silent = false;
  bool is_over = false;  ///< Reset, or never came to be.
};

/// One end, owned by who uses it.
class StreamEnd final : public Stream {
 public:
  StreamEnd(std::shared_ptr<Network::Connection> connection, Side side)
      : connection_(std::move(connection)), side_(side) {}
  ~StreamEnd() override {
    connection_->events[side_] = nullptr;
    connection_->close(side_);
    if (side_ == process) connection_->network.tap_.on_gone(connection_->number);
  }
  void write(std::string_view octets) override { connection_->write(side_, octets); }
  void close_when_written() override { connection_->close(side_); }
  std::size_t unwritten_octets() const override { return 0; }
  Network::Connection& connection() { return *connection_; }

 private:
  std::shared_ptr<Network::Connection> connection_;
  Side side_;
};

void Network::Connection::write(Side from, std::string_view octets) {
  Direction& direction = towards[other(from)];
  if (octets.empty() || direction.is_closing || is_over) return;
  if (from == process) network.tap_.on_written(number, octets);
  if (is_silent) return;
  const NetworkHabits& habits = network.habits_;
  Seeded& entropy = network.entropy_;
  const bool is_split = entropy.chance(habits.split);
  const bool by_octet = entropy.chance(habits.octet_by_octet);
  while (!octets.empty()) {
    const std::size_t size = is_split ? entropy.below(octets.size()) + 1 : octets.size();
    Millis latency = entropy.between(habits.latency_min, habits.latency_max);
    if (entropy.chance(habits.delay)) latency += entropy.between(Millis{100}, Millis{900});
    direction.last_arrival = std::max(direction.last_arrival, network.agenda_.now() + latency);
    direction.under_way.push_back({direction.last_arrival, std::string(octets.substr(0, size)), by_octet});
    octets.remove_prefix(size);
    network.agenda_.at(direction.last_arrival, owner_of(other(from)),
                       [self = shared_from_this(), to = other(from)] { self->deliver(to); });
  }
}

/// All that has arrived by now, joined: as one read of a socket would have it.
void Network::Connection::deliver(Side to) {
  Direction& direction = towards[to];
  std::string joined;
  while (!direction.under_way.empty() && direction.under_way.front().arrives <= network.agenda_.now()) {
    Piece piece = std::move(direction.under_way.front());
    direction.under_way.pop_front();
    if (!piece.octet_by_octet) {
      joined += piece.octets;
      continue;
    }
    hand_over(to, std::exchange(joined, {}));
    for (const char& octet : piece.octets) hand_over(to, {&octet, 1});
  }
  hand_over(to, joined);
  if (direction.is_closing && direction.under_way.empty()) tell_closed(to, "closed by peer");
}

void Network::Connection::hand_over(Side to, std::string_view octets) {
  if (octets.empty() || is_silent || is_over || events[to] == nullptr) return;
  if (to == process) network.tap_.on_read(number, octets);
  events[to]->on_octets(octets);
}

void Network::Connection::close(Side from) {
  Direction& direction = towards[other(from)];
  if (std::exchange(direction.is_closing, true) || is_silent || is_over) return;
  direction.last_arrival = std::max(direction.last_arrival, network.agenda_.now() + network.habits_.latency_min);
  network.agenda_.at(direction.last_arrival, owner_of(other(from)),
                     [self = shared_from_this(), to = other(from)] { self->deliver(to); });
}

void Network::Connection::tell_closed(Side side, std::string_view reason) {
  if (is_silent) return;
  if (StreamEvents* told = std::exchange(events[side], nullptr)) told->on_close(reason);
}

std::unique_ptr<Stream> Network::connect(const std::string& address, Agenda::Owner owner, StreamEvents& events) {
  auto connection = std::make_shared<Connection>(*this, ++last_connection_, owner, address);
  connection->events[process] = &events;
  connections_[connection->number] = connection;
  const auto cut = cuts_.find({owner, address});
  connection->is_silent = cut != cuts_.end() && agenda_.now() < cut->second;
  tap_.on_connect(connection->number, address, owner);
  const auto listener = listeners_.find(address);
  const bool is_refused = listener == listeners_.end() || entropy_.chance(habits_.refuse);
  const Millis latency = entropy_.between(habits_.latency_min, habits_.latency_max);
  agenda_.after(latency, owner, [connection, is_refused, accept = is_refused ? Accept() : listener->second] {
    if (connection->events[process] == nullptr || connection->is_silent) return;
    if (is_refused) {
      connection->is_over = true;
      connection->tell_closed(process, "connection refused");
      return;
    }
    connection->events[carrier] = accept(std::make_unique<StreamEnd>(connection, carrier));
    connection->events[process]->on_open();
  });
  return std::make_unique<StreamEnd>(connection, process);
}

void Network::reset(Stream& carrier_end) {
  auto connection = static_cast<StreamEnd&>(carrier_end).connection().shared_from_this();
  if (connection->is_silent || std::exchange(connection->is_over, true)) return;
  for (const Side side : {process, carrier}) {
    agenda_.after(entropy_.between(habits_.latency_min, habits_.latency_max), connection->owner_of(side),
                  [connection, side] { connection->tell_closed(side, "connection reset by peer"); });
  }
}

void Network::silence(Stream& carrier_end) { static_cast<StreamEnd&>(carrier_end).connection().is_silent = true; }

void Network::cut_off(Agenda::Owner owner, const std::string& address, MonoTime until) {
  cuts_[{owner, address}] = until;
  for (const auto& [number, weak] : connections_) {
    const auto connection = weak.lock();
    if (connection && connection->owner == owner && connection->address == address) connection->is_silent = true;
  }
}

void Network::silence_all_of(Agenda::Owner owner) {
  for (auto at = connections_.begin(); at != connections_.end();) {
    const auto connection = at->second.lock();
    if (connection && connection->owner == owner) connection->is_silent = true;
    at = connection ? std::next(at) : connections_.erase(at);
  }
}

}  // namespace xion::sim
