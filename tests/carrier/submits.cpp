// Messages from ESMEs: how each is judged, answered and kept.
#include <algorithm>
#include <functional>
#include <utility>

#include "carrier/simulated_carrier.h"
#include "smpp/encode.h"

namespace xion::carrier {
namespace {

const Outcome delivered_outcome{};

std::uint64_t hash_of(const std::string& number, const smpp::SubmitSm& sm) {
  const std::hash<std::string_view> hash;
  std::string_view octets = sm.short_message;
  if (octets.empty()) {
    if (const auto* payload = smpp::find_tlv(sm.tlvs, smpp::tag::message_payload)) octets = payload->value;
  }
  return hash(number) * 0x9E3779B97F4A7C15 ^ hash(octets);
}

/// 16 octets that promise `command_length`, as enquire_link.
std::string bare_header(std::uint32_t command_length) {
  std::string octets = smpp::encode({.sequence = 0x7FFFFFFE, .body = smpp::EnquireLink{}}).value_or("");
  for (unsigned i = 0; i < 4 && i < octets.size(); ++i) {
    octets[i] = static_cast<char>(command_length >> (24 - 8 * i) & 0xFF);
  }
  return octets;
}

smpp::DeliverSm message_of(std::string text) {
  smpp::DeliverSm sm;
  sm.source = {.ton = 1, .npi = 1, .digits = "37499000000"};
  sm.destination = {.ton = 5, .npi = 0, .digits = "XionID"};
  sm.short_message = std::move(text);
  return sm;
}

/// A deliver_sm whose sm_length promises 255 octets where ten follow.
std::string lying_message() {
  const std::string text = "ten octets";
  std::string octets = smpp::encode({.sequence = 0x7FFFFFFD, .body = message_of(text)}).value_or("");
  if (octets.size() > text.size()) octets[octets.size() - text.size() - 1] = '\xFF';
  return octets;
}

}  // namespace

void Carrier::on_submit(Peer& peer, const smpp::Submitted& submitted) {
  ++stats_.submits;
  ++peer.submits;
  ++peer.unanswered;
  const smpp::SubmitSm& sm = submitted.sm;
  const std::string number = plain_number(sm.destination.digits);
  const Outcome* scripted = script_.find(number);
  Faults& faults = scripted ? faults_of(*scripted) : faults_;
  if (breaks_off(peer, faults)) return;

  const auto window = static_cast<std::size_t>(faults.number(Fault::window));
  const Circumstances circumstances{.is_over_window = window > 0 && peer.unanswered > window,
                                    .is_over_rate = is_over_rate(*peer.account),
                                    .submits = stats_.submits,
                                    .outcome = scripted};
  stats_.window_exceeded += circumstances.is_over_window ? 1 : 0;
  const Verdict verdict = judge(circumstances, faults, random_);
  const auto nodes = static_cast<std::uint64_t>(std::max<std::int64_t>(faults.number(Fault::id_of_nodes), 1));
  const std::uint64_t id = next_number_++ / nodes;
  if (verdict.is_accepted()) {
    note_accepted(number, sm);
    const Outcome& outcome = scripted ? *scripted : delivered_outcome;
    const End end = end_of(outcome, verdict);
    show_onlooker(sm, id, end, verdict);
    if (verdict.is_receipt_first) make_receipts(peer, sm, id, outcome, end, verdict);
    answer(peer, submitted.sequence, verdict, id);
    if (!verdict.is_receipt_first) make_receipts(peer, sm, id, outcome, end, verdict);
  } else {
    answer(peer, submitted.sequence, verdict, id);
  }
  interrupt(peer, faults);
}

Faults& Carrier::faults_of(const Outcome& outcome) { return outcome.faults ? outcome.faults->over(faults_) : faults_; }

/// Whether this submit is the one at which the connection breaks or falls silent.
bool Carrier::breaks_off(Peer& peer, Faults& faults) {
  if (faults.is_due(Fault::rst_every, stats_.submits, random_)) {
    break_off(peer, true);
    return true;
  }
  if (faults.is_due(Fault::disconnect_every, stats_.submits, random_)) {
    break_off(peer, false);
    return true;
  }
  if (faults.is_on(Fault::silent_after) &&
      peer.submits >= static_cast<std::uint64_t>(faults.number(Fault::silent_after)) &&
      faults.strikes(Fault::silent_after, random_)) {
    peer.is_silent = true;
    return true;
  }
  return false;
}

/// What a carrier says unasked between two answers.
void Carrier::interrupt(Peer& peer, Faults& faults) {
  if (faults.is_due(Fault::unknown_command_every, stats_.submits, random_)) {
    const smpp::Pdu odd{.sequence = 0x7FFFFFFC, .body = smpp::Unknown{.command_id = 0x00010201, .body = "odd"}};
    peer.session.send_raw(smpp::encode(odd).value_or(""), peer.outbox);
  }
  if (faults.is_due(Fault::long_message_every, stats_.submits, random_)) {
    deliver_message(*peer.account, message_of(std::string(255, 'x')));
    pump(*peer.account);
  }
  if (faults.is_due(Fault::lying_length_every, stats_.submits, random_))
    peer.session.send_raw(lying_message(), peer.outbox);
  if (faults.is_on(Fault::command_length) && !std::exchange(peer.is_spoilt, true)) {
    const auto length = static_cast<std::uint32_t>(faults.number(Fault::command_length));
    peer.session.send_raw(bare_header(length), peer.outbox);
  }
  if (faults.is_due(Fault::unbind_every, stats_.submits, random_)) peer.session.unbind(now_.mono, peer.outbox);
  if (!peer.outbox.empty()) wants_to_write(peer);
}

/// A bucket that holds one second's worth.
bool Carrier::is_over_rate(Account& account) {
  const auto rate = static_cast<double>(faults_.number(Fault::max_tps));
  if (rate <= 0) return false;
  const Millis since = account.refilled_at ? now_.mono - *account.refilled_at : Millis{1000};
  account.refilled_at = now_.mono;
  account.allowance = std::min(rate, account.allowance + rate * static_cast<double>(since.count()) / 1000);
  if (account.allowance < 1) return true;
  account.allowance -= 1;
  return false;
}

void Carrier::note_accepted(const std::string& number, const smpp::SubmitSm& sm) {
  ++stats_.accepted;
  ++(seen_.insert(hash_of(number, sm)) ? stats_.distinct : stats_.duplicates);
  if (settings_.keeps_inbox) inbox_.put(number, sm, now_.wall);
}

void Carrier::answer(Peer& peer, std::uint32_t sequence, const Verdict& verdict, std::uint64_t number) {
  if (verdict.delay == Millis{0}) return say_answer(peer, sequence, verdict, number);
  schedule_.at(now_.mono + verdict.delay, [this, id = peer.id, sequence, verdict, number] {
    if (Peer* still_there = find(id)) say_answer(*still_there, sequence, verdict, number);
  });
}

void Carrier::say_answer(Peer& peer, std::uint32_t sequence, const Verdict& verdict, std::uint64_t number) {
  ++peer.answered_now;
  wants_to_write(peer);
  if (verdict.form == AnswerForm::none) {
    ++stats_.unanswered;
    return;
  }
  ++stats_.answers[verdict.status];
  if (verdict.status == smpp::status::rthrottled || verdict.status == smpp::status::rmsgqful) ++stats_.throttled;

  std::vector<smpp::Tlv> tlvs;
  if (verdict.form == AnswerForm::with_body || verdict.form == AnswerForm::with_tlv) {
    tlvs.push_back({smpp::tag::additional_status_info_text, std::string("see the contract\0", 17)});
  }
  if (verdict.is_accepted() && faults_.strikes(Fault::unknown_tlvs, random_)) add_unknown_tlvs(tlvs);
  const bool has_id = verdict.is_accepted() || verdict.form == AnswerForm::with_body;
  switch (verdict.form) {
    case AnswerForm::plain:
    case AnswerForm::with_body:
    case AnswerForm::with_tlv: {
      const std::string id = has_id ? response_id(number, verdict.id_style) : std::string();
      peer.session.answer_submit(sequence, verdict.status, id, peer.outbox, std::move(tlvs));
      return;
    }
    case AnswerForm::without_id: {
      // Half the carriers that do this leave the body out, the others write an empty string.
      const bool is_bare = number % 2 == 0;
      const smpp::Unknown bare{.command_id = static_cast<std::uint32_t>(smpp::CommandId::submit_sm_resp), .body = {}};
      if (is_bare) peer.session.send_raw(smpp::encode({.sequence = sequence, .body = bare}).value_or(""), peer.outbox);
      if (!is_bare) peer.session.answer_submit(sequence, verdict.status, "", peer.outbox);
      return;
    }
    case AnswerForm::with_blanks:
      peer.session.answer_submit(sequence, verdict.status, response_id(number, verdict.id_style) + "  ", peer.outbox);
      return;
    case AnswerForm::with_long_id: {
      const std::string id(static_cast<std::size_t>(faults_.number(Fault::id_long)), '7');
      const smpp::Unknown whole{.command_id = static_cast<std::uint32_t>(smpp::CommandId::submit_sm_resp),
                                .body = id + '\0'};
      peer.session.send_raw(smpp::encode({.sequence = sequence, .body = whole}).value_or(""), peer.outbox);
      return;
    }
    case AnswerForm::nack: return peer.session.nack(sequence, verdict.status, peer.outbox);
    case AnswerForm::nack_zero: return peer.session.nack(0, verdict.status, peer.outbox);
    case AnswerForm::none: return;
  }
}

}  // namespace xion::carrier
