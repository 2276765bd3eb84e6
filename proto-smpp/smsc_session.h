#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "smpp/link.h"
#include "smpp/pdu.h"
#include "smpp/session_common.h"

namespace xion::smpp {

struct SmscSettings {
  std::string system_id = "smsc";
  /// Sent with a bind_resp that accepts; nothing leaves the TLV out.
  std::optional<std::uint8_t> sc_interface_version = 0x34;
  /// deliver_sm that may wait for their response at once.
  std::size_t window = 10;
  /// 0 ms: never asks for a sign of life.
  Millis enquire_link_idle{0};
  Millis enquire_link_timeout{10'000};
  /// How long a fresh connection may take to bind. SMPP 3.4 §7.2 session_init_timer.
  Millis bind_timeout{30'000};
  Millis response_timeout{20'000};
  Millis unbind_timeout{5'000};
  /// False plays a peer that is alive and does not say so.
  bool answers_enquire_link = true;
  bool trace = false;
};

/// To be answered by `accept_bind` or `refuse_bind`.
struct BindRequested {
  std::uint32_t sequence;
  Bind bind;
};
/// To be answered by `answer_submit`.
struct Submitted {
  std::uint32_t sequence;
  SubmitSm sm;
};
struct DeliverAnswered {
  Token token;
  std::uint32_t status;
  Millis round_trip;
  bool nack;
};
struct DeliverLost {
  Token token;
  LossReason why;
};
/// The peer unbound and was answered; `Close` follows.
struct Unbound {};

using SmscAction = std::variant<Send, Close, Seen, BindRequested, Submitted, DeliverAnswered, DeliverLost, Unbound>;
using SmscActions = std::vector<SmscAction>;

/// One bind seen from the carrier's side: what a simulator of carriers is built of.
class SmscSession {
 public:
  explicit SmscSession(SmscSettings settings);

  void on_open(MonoTime now, SmscActions& out);
  void on_octets(std::string_view octets, MonoTime now, SmscActions& out);
  void on_tick(MonoTime now, SmscActions& out);
  void on_close(MonoTime now, SmscActions& out);

  void accept_bind(std::uint32_t sequence, MonoTime now, SmscActions& out);
  /// Answers the bind with an error, and closes.
  void refuse_bind(std::uint32_t sequence, std::uint32_t status, SmscActions& out);
  /// False where the answer cannot be packed; nothing is sent then.
  bool answer_submit(std::uint32_t sequence, std::uint32_t status, std::string_view message_id, SmscActions& out,
                     std::vector<Tlv> tlvs = {});
  void nack(std::uint32_t sequence, std::uint32_t status, SmscActions& out);
  /// By deliver_sm, or by data_sm. False where not bound, the window is full, or the message cannot be packed.
  bool deliver(Token token, const DeliverSm& sm, MonoTime now, SmscActions& out,
               CommandId command = CommandId::deliver_sm);
  /// Sends octets as they are: for everything that a well-behaved peer would not say.
  void send_raw(std::string_view octets, SmscActions& out);
  void enquire(MonoTime now, SmscActions& out);
  void unbind(MonoTime now, SmscActions& out);

  SessionState state() const { return link_.state(); }
  BindType bind_type() const { return bind_type_; }
  std::size_t window_room() const { return link_.window().room(); }
  std::size_t in_flight() const { return link_.window().size(); }
  std::optional<MonoTime> next_deadline() const { return link_.next_deadline(); }
  const SessionCounters& counters() const { return link_.counters(); }

 private:
  void on_pdu(Pdu& pdu, MonoTime now, SmscActions& out);
  void on_bind(Pdu& pdu, Bind& bind, SmscActions& out);
  void on_submit(Pdu& pdu, SubmitSm& sm, SmscActions& out);
  void on_deliver_answer(const Pdu& pdu, bool is_nack, MonoTime now, SmscActions& out);
  void lose_all(LossReason why, SmscActions& out);
  void close(CloseReason reason, SmscActions& out);

  SmscSettings settings_;
  Link link_;
  BindType bind_type_ = BindType::transceiver;
  bool bind_requested_ = false;
};

}  // namespace xion::smpp
