#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/settings.h"
#include "sim/chronicle.h"
#include "sim/histories.h"
#include "sim/simulated_exchange.h"

namespace xion::sim {

/// What customers were told of one request. `maybe…`: calls that a crash cut may have been kept or not.
struct RequestTold {
  enum class End : std::uint8_t { none, verified, canceled, locked };
  std::string id, app, phone;
  MonoTime asked{};         ///< Of the first send.
  WallTime expires_by{};    ///< At the latest.
  WallTime expires_from{};  ///< At the earliest.
  End end = End::none;
  bool maybe_ended = false;
  bool is_rotated = false;
  std::uint32_t sends = 0, maybe_sends = 0;
  std::uint32_t failed = 0, maybe_failed = 0;
  std::optional<std::uint32_t> attempts_remaining{};
  MonoTime last_send_asked{};
};

/// One number, used by one app for one purpose, so that at most one of its requests lives at a time.
struct PhoneTold {
  std::string app;
  std::string current;                     ///< Request id; empty: none told.
  std::uint32_t sends_under_way = 0;       ///< Asked, and neither told nor cut.
  std::optional<MonoTime> cut_send_since;  ///< A send that may have been kept, of which nobody was told.
  std::uint32_t cut_sends = 0, cut_verifies = 0;
  std::vector<MonoTime> sends;  ///< When each told send was asked for.
  struct Code {
    std::string digits;
    MonoTime written{};
  };
  std::vector<Code> codes;           ///< On the wire, oldest first.
  std::vector<MonoTime> locks;       ///< When calls were asked that were told of one.
  std::uint32_t tries = 0;           ///< Verifies that were answered.
  std::set<std::string> refused_by;  ///< Carriers that said that there is no such number.
  std::set<std::string> dead_codes;  ///< Of requests that ended and of generations that were replaced.
  bool is_dead(const std::string& code) const { return is_telling(code) && dead_codes.contains(code); }
  /// Short codes meet by chance: somebody guesses one, or it is drawn again.
  static bool is_telling(const std::string& code) { return code.size() >= 6; }
};

/// One end user's address, as one app knows it.
struct AddressTold {
  std::vector<std::pair<MonoTime, std::string>> sends;  ///< Of new requests: when each was asked for, for which phone.
  std::vector<MonoTime> failures;                       ///< Verifies that failed.
};

/// The auditor's books on the HTTP side: hears every question and every answer at the process's edge, and knows nothing
/// else. Since one transaction follows the other, the order of the answers is the order of what they tell; where
/// several nodes answer it is not, and `Histories` looks for one.
class Ledger {
 public:
  Ledger(const Agenda& agenda, Chronicle& chronicle, const Settings& settings)
      : agenda_(agenda), chronicle_(chronicle), settings_(settings), histories_(chronicle, settings) {}

  void asked(const Ask& ask);
  /// Nothing: the process died before it answered.
  void told(const Ask& ask, const Told& told) { this->told(ask, told, agenda_.wall_now()); }
  /// `answered`: by the clock of the node that answers.
  void told(const Ask& ask, const Told& told, WallTime answered);
  /// Whether the store may refuse now, without that being a fault of ours.
  void store_fails_until(MonoTime until) { store_fails_until_ = std::max(store_fails_until_, until); }
  /// Several nodes answer.
  void expect_many() { is_of_many_ = true; }
  bool is_of_many() const { return is_of_many_; }
  /// After the last call that changes something: what nobody was told of may have happened, or not.
  void settle_unknown();
  /// After all calls: whether there is an order in which everything that was told is true.
  void check_order();
  void include(const std::string& app, std::uint64_t sms_per_month) { included_[app] = sms_per_month; }

  PhoneTold& phone(const std::string& e164) { return phones_[e164]; }
  /// Once two carriers agree on that, requests for the number may fail of themselves.
  void no_such_number(const std::string& e164, const std::string& carrier);
  const std::map<std::string, PhoneTold>& phones() const { return phones_; }
  const RequestTold* request(const std::string& id) const;
  const std::map<std::string, RequestTold>& requests() const { return requests_; }
  std::size_t waiting() const { return waiting_.size(); }
  std::size_t verified() const { return verified_; }
  std::size_t accepted() const { return accepted_; }

 private:
  void check_form(const Ask& ask, const HttpAnswer& answer);
  /// Whether the answer tells of something new; false: it was told before under the same Idempotency-Key.
  bool is_new(const Ask& ask, const HttpAnswer& answer);
  void cut(const Ask& ask, MonoTime asked);
  void told_send(const Ask& ask, const HttpAnswer& answer, MonoTime asked);
  void told_accepted(const Ask& ask, const HttpAnswer& answer, MonoTime asked);
  void check_limits(const Ask& ask, const RequestTold& request, MonoTime asked);
  void check_lock(const Ask& ask, MonoTime asked);
  void check_address(const Ask& ask, MonoTime asked);
  void check_failures(const Ask& ask, const std::string& code, MonoTime asked);
  void told_verify(const Ask& ask, const HttpAnswer& answer, MonoTime asked);
  void told_verified(const Ask& ask, const HttpAnswer& answer, MonoTime asked);
  void told_wrong(const Ask& ask, const HttpAnswer& answer, MonoTime asked);
  void told_refusal(const Ask& ask, const HttpAnswer& answer, const std::string& code);
  void told_cancel(const Ask& ask, const HttpAnswer& answer, MonoTime asked);
  void told_read(const Ask& ask, const HttpAnswer& answer);
  void told_foreign(const Ask& ask, const HttpAnswer& answer);
  void end(RequestTold& request, RequestTold::End end);
  RequestTold* subject_of(const Ask& ask);
  bool was_written(const PhoneTold& phone, const RequestTold& request, const std::string& code) const;
  bool may_be_locked(const PhoneTold& phone) const;
  WallTime wall(MonoTime at) const;
  void told_of_many(const Ask& ask, const Told& told, MonoTime asked, WallTime answered);
  void note_of_many(const Ask& ask, const HttpAnswer& answer, const Happened& happened, MonoTime asked);
  void check_volume(const Ask& ask);

  struct FirstAnswer {
    std::string body_asked;
    int status;
    std::string body;
    bool is_replay = false;
  };
  /// What came of the calls under one Idempotency-Key, of which one is done.
  struct OfKey {
    MonoTime first_asked{};
    std::vector<Happened> unknown;  ///< Calls of which nobody was told; one of them was kept, or none.
    std::string phone;
    bool is_told = false;
  };
  const Agenda& agenda_;
  Chronicle& chronicle_;
  const Settings& settings_;
  std::map<std::string, PhoneTold> phones_;
  std::map<std::string, AddressTold> addresses_;  ///< By app and address.
  std::map<std::string, RequestTold> requests_;
  std::map<std::uint64_t, MonoTime> waiting_;
  std::map<std::string, std::uint32_t> running_keys_;
  std::map<std::string, FirstAnswer> first_answers_;
  std::map<std::string, std::uint64_t> included_, sends_of_app_;
  bool is_of_many_ = false;
  Histories histories_;
  std::map<std::string, OfKey> of_keys_;
  MonoTime store_fails_until_{};
  std::size_t verified_ = 0, accepted_ = 0;
};

}  // namespace xion::sim
