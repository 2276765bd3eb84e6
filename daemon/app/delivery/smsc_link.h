#pragma once
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/delivery/carriers.h"
#include "app/delivery/outgoing.h"
#include "app/delivery/trace_tap.h"
#include "base/histogram.h"
#include "core/limits/full_queues.h"
#include "core/limits/pace.h"
#include "ports/loop.h"
#include "smpp/session.h"

namespace xion {

class SmscLink;

/// Why a submit has no answer.
enum class Unanswered : std::uint8_t {
  timed_out,        ///< The link lives: a late answer or a receipt may still come.
  connection_lost,  ///< No answer will come; a receipt may.
};

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

struct LinkCounters {
  std::uint64_t submitted = 0, accepted = 0, refused = 0, throttled = 0, queue_full = 0, lost = 0, receipts = 0,
                connects = 0;
  /// command_status of submit_sm_resp. Carriers invent 32-bit ones: above so many different ones the rest is counted in
  /// one place, so that nobody's memory nor metrics grow with them.
  static constexpr std::size_t statuses_at_most = 64;
  std::map<std::uint32_t, std::uint64_t> statuses;
  std::uint64_t other_statuses = 0;
  void note_status(std::uint32_t status);
  Histogram round_trips{long_times};     ///< Seconds from submit_sm to its response.
  Histogram accept_to_wire{long_times};  ///< Seconds from the acceptance of a message to its first submit_sm.
};

/// One bind: a stream, a session on it, and what a carrier link does besides: connects again with back-off, keeps the
/// rate, slows down when throttled.
class SmscLink final : StreamEvents, public std::enable_shared_from_this<SmscLink> {
 public:
  /// `number` tells the binds of an account apart in the log.
  /// `account` is the bucket that all binds of the account take from besides their own.
  SmscLink(Loop& loop, Entropy& entropy, CarrierSettingsRef settings, smpp::BindType type, std::uint32_t number,
           TokenBucket& account, LinkEvents& events);
  ~SmscLink() override;

  /// Connects, or goes on where a stop is not over yet; never sooner after a connection than the carrier wants it.
  void start(Millis delay);
  /// No new submits; unbinds once the window has drained or after `drain_limit`, and stays down.
  void stop(Millis drain_limit);
  /// Drops the connection and tries again as soon as the carrier's minimum allows.
  void reconnect();

  /// Messages that it would take now: window and a short look-ahead, so that the store's latency doesn't starve the
  /// window.
  std::size_t room() const;
  /// Takes a claimed message; always answers through LinkEvents.
  void submit(Outgoing outgoing);
  /// Gives back what is not with the carrier of a request's messages before `first_kept`: the request has ended, or a
  /// newer message took their place.
  void withdraw(const OtpId& otp, std::size_t first_kept);
  /// Whether a submit to one of these numbers waits for its response.
  bool awaits_response(std::span<const std::string> numbers) const;
  void answer_deliver(const DeliveryTicket& ticket, std::uint32_t status);

  /// Whether every PDU is told by `on_seen`.
  void set_trace(bool is_on) { trace_.set_on(is_on); }

  bool is_bound() const { return state_ == LinkState::bound && !broken_until_; }
  bool takes_submits() const { return type_ != smpp::BindType::receiver; }
  bool is_stopped() const { return is_stopping_ && state_ == LinkState::down; }
  LinkState state() const { return state_; }
  std::size_t in_flight() const { return session_ ? session_->in_flight() : 0; }
  double rate_allowed() const { return pace_.rate(); }
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
  const std::vector<Millis>& round_trips() const { return round_trips_; }

 private:
  struct Waiting {  ///< One segment that is to be written.
    otp_rules::SubmissionRef ref;
    smpp::SubmitSm sm;
    WallTime accepted_at{};
    WallTime expires_at{};
    MonoTime since{};
    bool is_throttled = false;  ///< Written before, and not taken.
    std::uint32_t tries = 0;    ///< How often the phone's queue was full.
    bool is_withdrawn = false;  ///< Not to be written again, if the carrier didn't take it.
  };

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
  void throttled(Waiting waiting);
  void queue_full(Waiting waiting, std::uint32_t status);
  void hold(Waiting waiting);
  void release_held(MonoTime now);
  void drop_rest(const otp_rules::SubmissionRef& ref);
  void flush();
  bool write_next(MonoTime now);
  void unbind_when_drained();
  void close_when_answered();
  void close_session(std::string_view reason);
  void retry_later();
  void give_back_waiting();
  /// Gives back what has waited here for so long that another carrier would be quicker.
  void shed(MonoTime now);
  /// Of the texts that wait, the first of which nothing is written.
  std::deque<Waiting>::const_iterator first_unwritten() const;
  Millis patience() const;
  /// Whether its window is full and nothing is answered: what is claimed now would wait.
  bool is_stalled(MonoTime now) const;
  void arm_timer();

  Loop& loop_;
  Entropy& entropy_;
  CarrierSettingsRef settings_;
  smpp::BindType type_;
  std::uint32_t number_;
  LinkEvents& events_;
  LinkState state_ = LinkState::down;
  bool is_stopping_ = false;
  /// The carrier takes this bind for none: nothing is written any more, and it is closed once what is in flight is
  /// answered, or then.
  std::optional<MonoTime> broken_until_;
  std::uint64_t session_number_ = 0;
  std::unique_ptr<smpp::EsmeSession> session_;
  std::unique_ptr<Stream> stream_;
  TraceReader trace_;
  TraceReader::Show show_trace_;

  std::deque<Waiting> waiting_;
  /// Behind all others, until then: the queues of their phones were full. They take no room, since nobody knows whether
  /// they will ever leave.
  std::multimap<MonoTime, Waiting> held_;
  FullQueues full_queues_;
  std::unordered_map<smpp::Token, Waiting> written_;
  std::unordered_map<smpp::Token, otp_rules::SubmissionRef> late_;
  std::deque<smpp::Token> late_order_;
  smpp::Token next_token_ = 1;

  Pace pace_;
  TokenBucket& account_;
  MonoTime takes_nothing_until_{};  ///< After shedding, so that it goes elsewhere.
  MonoTime heard_at_{};             ///< The latest answer, or when the first submit after a pause was written.
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
  std::vector<Millis> round_trips_;
  std::size_t round_trip_at_ = 0;
  std::unique_ptr<Timer> timer_;  ///< Last: dies first.
};

}  // namespace xion
