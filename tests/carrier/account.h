#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "carrier/receipt_message.h"
#include "smpp/smsc_session.h"

namespace xion::carrier {

/// The way to one ESME: what the shell does for the simulator.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual void write(std::string_view octets) = 0;
  virtual void finish() = 0;  ///< closes once everything is written
  virtual void reset() = 0;   ///< closes at once, with RST
};

struct Account;

/// One connection.
struct Peer {
  Peer(std::uint64_t peer_id, Wire& peer_wire, smpp::SmscSettings settings)
      : id(peer_id), wire(peer_wire), session(std::move(settings)) {}

  std::uint64_t id;
  Wire& wire;
  smpp::SmscSession session;
  smpp::SmscActions outbox;    ///< gathered during one turn, written at its end
  Account* account = nullptr;  ///< since its bind was accepted
  std::uint64_t submits = 0;
  std::size_t unanswered = 0;    ///< submits whose answer the ESME can't have seen yet
  std::size_t answered_now = 0;  ///< of these, answered in this turn
  bool is_waiting_to_write = false;
  bool is_silent = false;         ///< plays dead
  bool is_over = false;           ///< closed from our side; the shell has still to say so
  bool is_spoilt = false;         ///< got its bad command_length
  bool has_said_goodbye = false;  ///< unbound properly

  bool can_receive() const {
    return !is_silent && !is_over && session.state() == smpp::SessionState::bound &&
           session.bind_type() != smpp::BindType::transmitter && session.window_room() > 0;
  }
};

/// One deliver_sm on its way, kept until an ESME acknowledges it.
struct Delivery {
  Account* account = nullptr;
  ReceiptFacts facts;
  std::unique_ptr<smpp::DeliverSm> message;  ///< a message instead of a receipt
  std::uint64_t submitter = 0;               ///< id of the peer that submitted
};

/// Everything that binds under one system_id.
struct Account {
  std::string system_id;
  std::vector<Peer*> peers;       ///< bound
  std::size_t turn = 0;           ///< whose turn it is to receive
  std::deque<smpp::Token> ready;  ///< deliveries that are due
  double allowance = 0;           ///< submits that max-tps still allows
  std::optional<MonoTime> refilled_at;
  std::optional<MonoTime> lost_at;  ///< when a connection last ended without unbind
};

}  // namespace xion::carrier
