// Messages to ESMEs: receipts and what handsets send, each kept until it is acknowledged.
#include <algorithm>
#include <iterator>
#include <utility>

#include "carrier/simulated_carrier.h"

namespace xion::carrier {
namespace {

/// registered_delivery, SMPP 3.4 §5.2.17.
bool asks_for_receipt(std::uint8_t registered_delivery, smpp::ReceiptState state) {
  switch (registered_delivery & 0x03) {
    case 1: return true;
    case 2: return state != smpp::ReceiptState::delivered;  // on failure only
    case 3: return state == smpp::ReceiptState::delivered;  // on success only, as version 5.0 has it
  }
  return false;
}

/// The beginning of a text, as receipts quote it; nothing where it is not plain ASCII.
std::string quoted(const smpp::SubmitSm& sm) {
  constexpr std::size_t limit = 20;
  if (sm.data_coding != 0 || (sm.esm_class & smpp::esm_class_udhi) != 0) return {};
  std::string text = sm.short_message.substr(0, limit);
  const bool is_plain = std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
  return is_plain ? text : std::string();
}

struct PlaceInText {
  std::uint64_t total = 1, number = 1;
};
/// A concatenation element, of which the last two octets are total and number, is all that our user data headers have.
PlaceInText place_of(const smpp::SubmitSm& sm) {
  const auto& octets = sm.short_message;
  const bool has_header = (sm.esm_class & smpp::esm_class_udhi) != 0 && !octets.empty();
  if (has_header) {
    const auto length = static_cast<std::size_t>(static_cast<std::uint8_t>(octets.front()));
    if (length < 5 || octets.size() <= length) return {};
    return {static_cast<std::uint8_t>(octets[length - 1]), static_cast<std::uint8_t>(octets[length])};
  }
  const auto number_of = [&](std::uint16_t tag) {
    const auto* tlv = smpp::find_tlv(sm.tlvs, tag);
    return tlv ? smpp::number_of(*tlv).value_or(1) : 1;
  };
  return {number_of(smpp::tag::sar_total_segments), number_of(smpp::tag::sar_segment_seqnum)};
}

/// With receipt-once=N only the Nth part of a long text has one, or the last.
bool is_part_with_receipt(const smpp::SubmitSm& sm, Faults& faults) {
  const PlaceInText place = place_of(sm);
  if (!faults.is_on(Fault::receipt_once) || place.total == 1) return true;
  const auto wanted = static_cast<std::uint64_t>(faults.number(Fault::receipt_once));
  return place.number == (wanted == 0 ? place.total : wanted);
}

}  // namespace

Carrier::End Carrier::end_of(const Outcome& outcome, const Verdict& verdict) {
  Faults& faults = faults_of(outcome);
  const Millis delay = outcome.delay.value_or(Millis{faults.number(Fault::receipt_delay_ms)});
  const auto jitter = static_cast<std::uint64_t>(faults.number(Fault::receipt_jitter_ms));
  End end{.state = outcome.state, .error = outcome.error, .delay = delay + Millis{random_.below(jitter + 1)}};
  end.delay += verdict.delay;
  if (!faults.strikes(Fault::undelivered, random_)) return end;
  constexpr smpp::ReceiptState ends[] = {smpp::ReceiptState::undeliverable, smpp::ReceiptState::expired,
                                         smpp::ReceiptState::rejected, smpp::ReceiptState::deleted};
  end.state = ends[random_.below(std::size(ends))];
  end.error = "011";
  return end;
}

void Carrier::show_onlooker(const smpp::SubmitSm& sm, std::uint64_t number, const End& end, const Verdict& verdict) {
  if (!settings_.onlooker) return;
  settings_.onlooker->on_taken(sm, response_id(number, verdict.id_style));
  if (end.state != smpp::ReceiptState::delivered) return;
  schedule_.at(now_.mono + end.delay, [this, sm] { settings_.onlooker->on_handset(sm); });
}

void Carrier::make_receipts(Peer& peer, const smpp::SubmitSm& sm, std::uint64_t number, const Outcome& outcome,
                            const End& end, const Verdict& verdict) {
  Faults& faults = faults_of(outcome);
  if (!outcome.has_receipt || !asks_for_receipt(sm.registered_delivery, end.state)) return;
  if (!is_part_with_receipt(sm, faults)) return;
  if (faults.is_on(Fault::no_receipts) || faults.strikes(Fault::receipt_never, random_)) return;
  // The receipt follows the response, also where that is slow, unless the fault says otherwise.
  const Millis delay = verdict.is_receipt_first ? std::min(end.delay - verdict.delay, verdict.delay / 2) : end.delay;

  const ReceiptFacts facts{.number = number,
                           .phone = sm.destination,
                           .sender = sm.source,
                           .state = end.state,
                           .error = end.error,
                           .submitted = now_.wall,
                           .text = quoted(sm),
                           .faults = outcome.faults};
  const auto send = [&](ReceiptFacts told) {
    deliver_in(delay, keep({.account = peer.account, .facts = std::move(told), .message = {}, .submitter = peer.id}));
  };
  if (faults.strikes(Fault::receipt_intermediate, random_)) {
    ReceiptFacts on_its_way = facts;
    on_its_way.state = smpp::ReceiptState::enroute;
    on_its_way.is_intermediate = true;
    send(std::move(on_its_way));
  }
  if (facts.state == smpp::ReceiptState::delivered && faults.strikes(Fault::receipt_overruled, random_)) {
    ReceiptFacts given_up = facts;
    given_up.state = smpp::ReceiptState::undeliverable;
    given_up.error = "011";
    send(std::move(given_up));
  }
  if (faults.strikes(Fault::receipt_twice, random_)) send(facts);
  send(facts);
}

smpp::Token Carrier::keep(Delivery delivery) {
  if (free_tokens_.empty()) {
    deliveries_.push_back(std::move(delivery));
    return deliveries_.size() - 1;
  }
  const smpp::Token token = free_tokens_.back();
  free_tokens_.pop_back();
  deliveries_[token] = std::move(delivery);
  return token;
}

void Carrier::forget(smpp::Token token) {
  deliveries_[token].message.reset();
  free_tokens_.push_back(token);
}

void Carrier::deliver_in(Millis delay, smpp::Token token) {
  if (delay > Millis{0}) {
    schedule_.at(now_.mono + delay, [this, token] { deliver_in(Millis{0}, token); });
    return;
  }
  Account& account = *deliveries_[token].account;
  account.ready.push_back(token);
  pump(account);
}

void Carrier::deliver_message(Account& account, smpp::DeliverSm sm) {
  Delivery delivery;
  delivery.account = &account;
  delivery.message = std::make_unique<smpp::DeliverSm>(std::move(sm));
  account.ready.push_back(keep(std::move(delivery)));
}

/// Sends what is due as long as a bind has room for it.
void Carrier::pump(Account& account) {
  while (!account.ready.empty()) {
    const smpp::Token token = account.ready.front();
    Peer* peer = receiver_for(account, deliveries_[token]);
    if (!peer) return;
    account.ready.pop_front();
    if (!hand_over(*peer, token)) forget(token);
  }
}

/// The binds take turns. With receipt-other-bind the one that submitted comes last.
Peer* Carrier::receiver_for(Account& account, const Delivery& delivery) {
  const bool avoids_submitter = faults_.is_on(Fault::receipt_other_bind);
  Peer* submitter = nullptr;
  for (std::size_t tries = 0; tries < account.peers.size(); ++tries) {
    Peer* peer = account.peers[++account.turn % account.peers.size()];
    if (!peer->can_receive()) continue;
    if (!avoids_submitter || peer->id != delivery.submitter) return peer;
    submitter = peer;
  }
  return submitter;
}

/// False where the message can't be written, which no retry mends.
bool Carrier::hand_over(Peer& peer, smpp::Token token) {
  const Delivery& delivery = deliveries_[token];
  const bool is_sent =
      delivery.message
          ? peer.session.deliver(token, *delivery.message, now_.mono, peer.outbox)
          : peer.session.deliver(
                token,
                receipt_message(delivery.facts, now_.wall,
                                delivery.facts.faults ? delivery.facts.faults->over(faults_) : faults_, random_),
                now_.mono, peer.outbox,
                faults_.strikes(Fault::receipt_data_sm, random_) ? smpp::CommandId::data_sm
                                                                 : smpp::CommandId::deliver_sm);
  if (!is_sent) return false;
  if (!delivery.message) {
    ++stats_.receipts_sent;
    if (settings_.onlooker) {
      const std::uint64_t number = delivery.facts.number;
      settings_.onlooker->on_receipt(carrier::receipt_id(number, faults_.id_style()),
                                     response_id(number, faults_.id_style()));
    }
  }
  wants_to_write(peer);
  return true;
}

void Carrier::on_delivered(const smpp::DeliverAnswered& answer) {
  const Delivery& delivery = deliveries_[answer.token];
  Account& account = *delivery.account;
  if (answer.status == smpp::status::ok && !answer.nack) {
    if (!delivery.message) ++stats_.receipts_acknowledged;
    forget(answer.token);
  } else {
    ++stats_.receipts_refused;
    deliver_in(Millis{std::max<std::int64_t>(faults_.number(Fault::receipt_retry_ms), 1)}, answer.token);
  }
  pump(account);
}

void Carrier::on_lost(const smpp::DeliverLost& lost) {
  ++stats_.receipts_unanswered;
  Account& account = *deliveries_[lost.token].account;
  account.ready.push_front(lost.token);
  pump(account);
}

}  // namespace xion::carrier
