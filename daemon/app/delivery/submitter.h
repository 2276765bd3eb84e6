#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "app/delivery/link_counters.h"
#include "app/delivery/outgoing.h"
#include "core/limits/full_queues.h"
#include "core/limits/pace.h"
#include "smpp/session.h"

namespace xion {

/// Why a submit has no answer.
enum class Unanswered : std::uint8_t {
  timed_out,        ///< The link lives: a late answer or a receipt may still come.
  connection_lost,  ///< No answer will come; a receipt may.
};

/// What a Submitter decides. Everything about a submission is said once, but for a late answer after `Unknown`.
namespace submits {

/// To be given to the session now; `sm` holds until the next event.
struct Write {
  smpp::Token token;
  const smpp::SubmitSm* sm;
};
/// The carrier answered one segment (status 0: taken).
struct Answered {
  otp_rules::SubmissionRef ref;
  std::uint32_t status;
  std::string message_id;
  bool is_accepted;
};
/// Not a byte of the message left, or the carrier said that it did not take it for now: safe to send elsewhere.
struct NotTaken {
  otp_rules::SubmissionRef ref;
  std::uint32_t status;
};
/// No answer: the carrier may have the message or not.
struct Unknown {
  otp_rules::SubmissionRef ref;
  Unanswered why;
};
struct AnsweredLate {
  otp_rules::SubmissionRef ref;
  std::uint32_t status;
  std::string message_id;
};
/// For the log: the carrier throttles, and this rate is left.
struct SlowedDown {
  double rate;
};
/// For the log: the carrier says that this PDU is wrong.
struct Mistaken {
  std::uint32_t status;
  smpp::SubmitSm sm;
};
using Verdict = std::variant<Write, Answered, NotTaken, Unknown, AnsweredLate, SlowedDown, Mistaken>;

}  // namespace submits
using Verdicts = std::vector<submits::Verdict>;

/// A moment by both clocks: the pace goes by the one, codes expire by the other.
struct Moment {
  MonoTime mono{};
  WallTime wall{};
};

/// The submitting half of a bind, without I/O and without a clock: events in, verdicts out. It knows what waits, what
/// is written, what is held back for its phone's full queue, how fast the carrier wants it, when it is so slow that
/// another would be quicker, and what each answer means.
class Submitter {
 public:
  /// `account` is the bucket that all binds of the account take from besides their own; `counters` is where it counts.
  Submitter(CarrierSettingsRef settings, TokenBucket& account, LinkCounters& counters);

  /// The bind stands: messages are taken from now on, unless it is to stop.
  void on_bound() { is_bound_ = true; }
  /// Every submit in flight is lost already (`on_lost`); what was not written goes back.
  void on_close(Verdicts& out);
  /// No more is taken, and what waits goes back.
  void stop(Verdicts& out);
  void go_on() { is_stopping_ = false; }

  /// Takes a claimed message; every one of its segments is told of by a verdict, at once or later.
  void take(Outgoing outgoing, MonoTime now, Verdicts& out);
  /// Gives back what is not with the carrier of a request's messages before `first_kept`: the request has ended, or a
  /// newer message took their place.
  void withdraw(const OtpId& otp, std::size_t first_kept, Verdicts& out);
  /// What may be written now, `window_room` segments at most.
  void flush(Moment now, std::size_t window_room, Verdicts& out);
  /// Gives back what has waited here for so long that another carrier would be quicker.
  void shed(MonoTime now, Verdicts& out);

  void on_answer(const smpp::SubmitAnswered& answer, MonoTime now, Verdicts& out);
  void on_lost(const smpp::SubmitLost& lost, Verdicts& out);
  void on_late_answer(const smpp::LateAnswer& answer, Verdicts& out);
  /// The session could not make a PDU of it.
  void on_unpackable(smpp::Token token, Verdicts& out);

  /// Messages that it would take now: window and a short look-ahead, so that the store's latency doesn't starve the
  /// window.
  std::size_t room(MonoTime now) const;
  /// When something may be written, shed or tried again; nothing: only an event changes anything.
  std::optional<MonoTime> next(MonoTime now, bool has_window_room) const;
  /// Whether a submit to one of these numbers waits for its response, or may have a late one.
  bool awaits_response(std::span<const std::string> numbers) const;
  /// Set where the carrier takes this bind for none (ESME_RINVBNDSTS): nothing is written any more, and it is to be
  /// closed once what is in flight is answered, or then.
  const std::optional<MonoTime>& broken_until() const { return broken_until_; }
  double rate() const { return pace_.rate(); }
  /// The latest round trips of submit_sm, unordered.
  const std::vector<Millis>& round_trips() const { return round_trips_; }

 private:
  struct Waiting {  ///< One segment that is to be written.
    otp_rules::SubmissionRef ref;
    smpp::SubmitSm sm;
    WallTime accepted_at{};
    WallTime expires_at{};
    MonoTime since{};
    std::uint32_t not_taken = 0;  ///< Why the carrier did not take it when it was written before; 0: it was not.
    std::uint32_t tries = 0;      ///< How often the phone's queue was full.
    bool is_withdrawn = false;    ///< Not to be written again, if the carrier didn't take it.
  };

  bool takes_any() const { return is_bound_ && !is_stopping_ && !broken_until_; }
  bool write_next(Moment now, Verdicts& out);
  void throttled(Waiting waiting, MonoTime now, Verdicts& out);
  void queue_full(Waiting waiting, std::uint32_t status, MonoTime now, Verdicts& out);
  void hold(Waiting waiting, MonoTime now);
  void release_held(MonoTime now);
  void drop_rest(const otp_rules::SubmissionRef& ref);
  void give_back(Verdicts& out);
  void note_round_trip(Millis round_trip);
  std::deque<Waiting>::const_iterator first_unwritten() const;
  Millis patience() const;
  bool is_stalled(MonoTime now) const;

  CarrierSettingsRef settings_;
  TokenBucket& account_;
  LinkCounters& counters_;
  Pace pace_;
  bool is_bound_ = false;
  bool is_stopping_ = false;
  std::optional<MonoTime> broken_until_;
  MonoTime takes_nothing_until_{};  ///< After shedding, so that it goes elsewhere.
  MonoTime heard_at_{};             ///< The latest answer, or when the first submit after a pause was written.

  std::deque<Waiting> waiting_;
  /// Behind all others, until then: the queues of their phones were full. They take no room, since nobody knows whether
  /// they will ever leave.
  std::multimap<MonoTime, Waiting> held_;
  FullQueues full_queues_;
  std::unordered_map<smpp::Token, Waiting> written_;
  struct Late {  ///< Given up, and answered perhaps.
    otp_rules::SubmissionRef ref;
    std::string phone;
  };
  std::unordered_map<smpp::Token, Late> late_;
  std::deque<smpp::Token> late_order_;
  smpp::Token next_token_ = 1;
  std::vector<Millis> round_trips_;
  std::size_t round_trip_at_ = 0;
};

}  // namespace xion
