#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/secret.h"
#include "base/time.h"
#include "smpp/link.h"
#include "smpp/pdu.h"
#include "smpp/session_common.h"

namespace xion::smpp {

struct EsmeSettings {
  BindType bind_type = BindType::transceiver;
  std::string system_id{};
  Secret password{};
  std::string system_type{};
  std::uint8_t interface_version = 0x34;
  Address address_range{};
  /// Requests that may wait for their response at once.
  std::size_t window = 10;
  /// Quiet time after which the peer is asked for a sign of life. Any PDU from it starts this anew.
  Millis enquire_link_idle{25'000};
  Millis enquire_link_timeout{10'000};
  Millis bind_timeout{30'000};
  /// After this the outcome of a submit counts as unknown. SMPP 3.4 §7.2 response_timer; the spec gives no number.
  Millis response_timeout{20'000};
  Millis unbind_timeout{5'000};
  /// Whether every PDU is reported as `Seen`.
  bool trace = false;
};

struct Bound {
  std::string system_id{};
};
struct BindRefused {
  std::uint32_t status;
};
/// The response, or a generic_nack, to one submit. A nack never has the status 0: one that says so is given as
/// `status::runknownerr`.
struct SubmitAnswered {
  Token token;
  std::uint32_t status;
  std::string message_id{};
  Millis round_trip;
  bool nack;
};
/// No response: the message may or may not have been accepted.
struct SubmitLost {
  Token token;
  LossReason why;
};
/// The response to a submit that was reported lost by `response_timeout`.
struct LateAnswer {
  Token token;
  std::uint32_t status;
  std::string message_id{};
  bool nack;
};
/// A deliver_sm or a data_sm, to be answered by `answer_deliver` with its sequence number and command.
struct Delivered {
  std::uint32_t sequence;
  DeliverSm sm;  ///< Of a data_sm the fields that the two share.
  CommandId command = CommandId::deliver_sm;
};

using Action = std::variant<Send, Close, Seen, Bound, BindRefused, SubmitAnswered, SubmitLost, LateAnswer, Delivered>;
using Actions = std::vector<Action>;

enum class SubmitRefusal {
  not_bound,
  receiver_bind,  ///< a bind that only receives
  window_full,
  not_encodable,  ///< `encode` tells why
};
std::string_view submit_refusal_text(SubmitRefusal refusal);

/// One bind seen from our side, without I/O and without a clock: events in, actions out. After a `Close` the same
/// object serves the next connection: `on_open` begins anew, and only the counters go on.
class EsmeSession {
 public:
  explicit EsmeSession(EsmeSettings settings);

  /// The connection stands: sends the bind.
  void on_open(MonoTime now, Actions& out);
  void on_octets(std::string_view octets, MonoTime now, Actions& out);
  /// To be called at `next_deadline`; harmless at any other time.
  void on_tick(MonoTime now, Actions& out);
  /// The connection is gone: every submit in flight is lost.
  void on_close(MonoTime now, Actions& out);

  bool can_submit() const;
  std::size_t window_room() const { return link_.window().room(); }
  std::size_t in_flight() const { return link_.window().size(); }
  /// Registers the token, then emits the PDU.
  /// Errors: all four; nothing has happened then.
  std::expected<void, SubmitRefusal> submit(Token token, const SubmitSm& sm, MonoTime now, Actions& out);
  void answer_deliver(std::uint32_t sequence, std::uint32_t status, Actions& out,
                      CommandId asked = CommandId::deliver_sm);
  /// Ends the session politely; the caller has let the window drain. Responses are still read until the peer answers.
  void unbind(MonoTime now, Actions& out);

  /// From now on every PDU is reported as `Seen`, or none.
  void set_trace(bool is_on) { link_.set_trace(is_on); }
  SessionState state() const { return link_.state(); }
  std::optional<MonoTime> next_deadline() const { return link_.next_deadline(); }
  const SessionCounters& counters() const { return link_.counters(); }
  const EsmeSettings& settings() const { return settings_; }

 private:
  void on_pdu(Pdu& pdu, MonoTime now, Actions& out);
  void on_bind_answer(std::uint32_t status, std::string system_id, MonoTime now, Actions& out);
  void on_submit_answer(const Pdu& pdu, std::string_view told_id, bool is_nack, MonoTime now, Actions& out);
  void on_deliver(std::uint32_t sequence, CommandId command, DeliverSm&& sm, Actions& out);
  void on_nack(const Pdu& pdu, MonoTime now, Actions& out);
  void lose_all(LossReason why, Actions& out);
  void close(CloseReason reason, Actions& out);

  EsmeSettings settings_;
  Link link_;
};

}  // namespace xion::smpp
