#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/delivery/carriers.h"
#include "app/delivery/link_counters.h"
#include "app/delivery/outgoing.h"
#include "app/delivery/submitter.h"
#include "app/delivery/trace_tap.h"
#include "core/limits/limits.h"
#include "core/otp/delivery_rules.h"
#include "ports/loop.h"
#include "smpp/session.h"

namespace xion {

class SmscLink;

/// A deliver_sm or data_sm that waits for its answer.
struct DeliveryTicket {
  std::uint64_t session_number = 0;
  std::uint32_t sequence = 0;
  smpp::CommandId command = smpp::CommandId::deliver_sm;
};

/// What a link comes to know. Everything about a submission comes once, but for a late answer after `on_unknown`.
class LinkEvents {
 public:
  virtual ~LinkEvents() = default;
  /// The carrier answered one segment (status 0: taken). Throttling is the link's own matter and never comes here.
  virtual void on_answer(SmscLink& link, const otp_rules::SubmissionRef& ref, std::uint32_t status,
                         const std::string& smsc_message_id) = 0;
  /// Not a byte of the message left, or the carrier said that it did not take it for now: safe to send elsewhere.
  virtual void on_not_taken(SmscLink& link, const otp_rules::SubmissionRef& ref, std::uint32_t status) = 0;
  /// No answer: the carrier may have the message or not.
  virtual void on_unknown(SmscLink& link, const otp_rules::SubmissionRef& ref, Unanswered why) = 0;
  virtual void on_late_answer(SmscLink& link, const otp_rules::SubmissionRef& ref, std::uint32_t status,
                              const std::string& smsc_message_id) = 0;
  /// A deliver_sm or data_sm: answer it by `SmscLink::answer_deliver` with the same ticket once it is durable.
  virtual void on_deliver(SmscLink& link, const DeliveryTicket& ticket, smpp::DeliverSm&& sm) = 0;
  /// A PDU went by, while the link is traced.
  virtual void on_seen(SmscLink& link, const TracedPdu& pdu) = 0;
  /// It bound, unbound, or has room again.
  virtual void on_change(SmscLink& link) = 0;
};

enum class LinkState : std::uint8_t { down, connecting, binding, bound };
std::string_view to_string(LinkState state);

/// One bind: a stream, a session on it, and a timer; connects again with back-off. What is submitted when, and what the
/// answers mean, its `Submitter` decides.
class SmscLink final : StreamEvents, public std::enable_shared_from_this<SmscLink> {
 public:
  /// `number` tells the binds of an account apart in the log.
  /// `account` is the bucket that all binds of the account take from besides their own; `may_submit` is asked before
  /// anything is submitted.
  SmscLink(Loop& loop, Entropy& entropy, CarrierSettingsRef settings, smpp::BindType type, std::uint32_t number,
           TokenBucket& account, LinkEvents& events, std::function<bool()> may_submit);
  ~SmscLink() override;

  /// Connects, or goes on where a stop is not over yet; never sooner after a connection than the carrier wants it.
  void start(Millis delay);
  /// No new submits; unbinds once the window has drained or after `drain_limit`, and stays down.
  void stop(Millis drain_limit);
  /// Drops the connection and tries again as soon as the carrier's minimum allows.
  void reconnect();

  /// Messages that it would take now.
  std::size_t room() const { return takes_submits() ? submitter_.room(loop_.now()) : 0; }
  /// Takes a claimed message; always answers through LinkEvents.
  void submit(Outgoing outgoing);
  /// Gives back what is not with the carrier of a request's messages before `first_kept`: the request has ended, or a
  /// newer message took their place.
  void withdraw(const OtpId& otp, std::size_t first_kept);
  /// Whether a submit to one of these numbers waits for its response.
  bool awaits_response(std::span<const std::string> numbers) const { return submitter_.awaits_response(numbers); }
  void answer_deliver(const DeliveryTicket& ticket, std::uint32_t status);

  /// Whether every PDU is told by `on_seen`.
  void set_trace(bool is_on) { trace_.set_on(is_on); }

  bool is_bound() const { return state_ == LinkState::bound && !submitter_.broken_until(); }
  bool takes_submits() const { return type_ != smpp::BindType::receiver; }
  bool is_stopped() const { return is_stopping_ && state_ == LinkState::down; }
  LinkState state() const { return state_; }
  std::size_t in_flight() const { return session_ ? session_->in_flight() : 0; }
  double rate_allowed() const { return submitter_.rate(); }
  const std::string& last_error() const { return last_error_; }
  const CarrierSettingsRef& settings() const { return settings_; }
  const std::string& carrier() const { return settings_->name; }
  const std::string& address() const { return addresses()[address_index_]; }
  std::optional<Millis> next_retry_in() const;
  std::uint32_t number() const { return number_; }
  smpp::BindType type() const { return type_; }
  BindView view() const;
  const LinkCounters& counters() const { return counters_; }
  /// The latest round trips of submit_sm, unordered.
  const std::vector<Millis>& round_trips() const { return submitter_.round_trips(); }

 private:
  void on_open() override;
  void on_octets(std::string_view octets) override;
  void on_close(std::string_view reason) override;

  const std::vector<std::string>& addresses() const;
  void connect();
  void tick();
  void perform(smpp::Actions& actions);
  void handle(smpp::Send& action);
  void handle(smpp::Close& action);
  void handle(smpp::Seen& action);
  void handle(smpp::Bound& action);
  void handle(smpp::BindRefused& action);
  void handle(smpp::SubmitAnswered& action);
  void handle(smpp::SubmitLost& action);
  void handle(smpp::LateAnswer& action);
  void handle(smpp::Delivered& action);
  void perform(const Verdicts& verdicts);
  void handle(const submits::Write& verdict);
  void handle(const submits::Answered& verdict);
  void handle(const submits::NotTaken& verdict);
  void handle(const submits::Unknown& verdict);
  void handle(const submits::AnsweredLate& verdict);
  void handle(const submits::SlowedDown& verdict);
  void handle(const submits::Mistaken& verdict);
  void flush();
  void shed();
  void unbind_when_drained();
  void close_when_answered();
  void close_session(std::string_view reason);
  void retry_later();
  void arm_timer();

  Loop& loop_;
  Entropy& entropy_;
  CarrierSettingsRef settings_;
  smpp::BindType type_;
  std::uint32_t number_;
  LinkEvents& events_;
  std::function<bool()> may_submit_;
  LinkState state_ = LinkState::down;
  bool is_stopping_ = false;
  std::uint64_t session_number_ = 0;
  std::unique_ptr<smpp::EsmeSession> session_;
  std::unique_ptr<Stream> stream_;
  TraceReader trace_;
  TraceReader::Show show_trace_;

  MonoTime drain_until_{};
  MonoTime tick_at_ = MonoTime::max();  ///< What the timer stands at while a session lives.

  std::size_t address_index_ = 0;
  Millis back_off_;
  bool slow_retry_ = false;
  MonoTime retry_at_{};
  std::optional<MonoTime> closed_at_;
  MonoTime bound_at_{};
  bool has_worked_ = false;      ///< The session took a submit, or brought something.
  smpp::SessionCounters amiss_;  ///< Of earlier sessions.
  std::string last_error_;
  LinkCounters counters_;
  Submitter submitter_;
  std::unique_ptr<Timer> timer_;  ///< Last: dies first.
};

}  // namespace xion
