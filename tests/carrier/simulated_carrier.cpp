#include "carrier/simulated_carrier.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"
#include "base/log_line.h"
#include "smpp/encode.h"

namespace xion::carrier {
namespace {

template <typename... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};

/// A receipt right behind bind_resp is a fault of its own (one-segment); otherwise they wait this long.
constexpr Millis pause_after_bind{20};

std::uint32_t command_id_at(std::string_view octets, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) value = value << 8 | static_cast<std::uint8_t>(octets[i]);
  return value;
}

/// How many enquire_link_resp are among these whole PDUs of ours.
std::uint64_t enquire_link_answers(std::string_view octets) {
  std::uint64_t count = 0;
  while (octets.size() >= 16) {
    if (command_id_at(octets, 4) == static_cast<std::uint32_t>(smpp::CommandId::enquire_link_resp)) ++count;
    octets.remove_prefix(std::clamp<std::size_t>(command_id_at(octets, 0), 16, octets.size()));
  }
  return count;
}

std::string_view bind_type_text(smpp::BindType type) {
  switch (type) {
    case smpp::BindType::receiver: return "receiver";
    case smpp::BindType::transmitter: return "transmitter";
    case smpp::BindType::transceiver: return "transceiver";
  }
  return "";
}

}  // namespace

Carrier::Carrier(CarrierSettings settings)
    : settings_(std::move(settings)),
      inbox_(settings_.default_alphabet),
      random_(settings_.seed),
      next_number_(settings_.first_number) {
  faults_.set(Fault::receipt_delay_ms, 100);
  faults_.set(Fault::receipt_retry_ms, 1000);
}

Peer& Carrier::opened(Wire& wire, Moment now) {
  now_ = now;
  smpp::SmscSettings session{.window = settings_.receipt_window,
                             .enquire_link_idle = settings_.enquire_link_idle,
                             .response_timeout = settings_.receipt_timeout,
                             .answers_enquire_link = !faults_.is_on(Fault::ignore_enquire_link),
                             .trace = settings_.trace};
  const std::uint64_t id = next_peer_++;
  Peer& peer = *peers_.emplace(id, std::make_unique<Peer>(id, wire, std::move(session))).first->second;
  peer.session.on_open(now.mono, peer.outbox);
  return peer;
}

void Carrier::octets(Peer& peer, std::string_view octets, Moment now) {
  now_ = now;
  if (peer.is_silent || peer.is_over) return;
  incoming_.clear();
  peer.session.on_octets(octets, now.mono, incoming_);
  for (smpp::SmscAction& action : incoming_) take(peer, action);
  settle();
}

/// What a session says of itself while it reads is put behind what was said before; what it asks is answered at once.
void Carrier::take(Peer& peer, smpp::SmscAction& action) {
  if (peer.is_over || peer.is_silent) return;
  std::visit(Match{
                 [&](smpp::Send& send) {
                   stats_.enquire_links += enquire_link_answers(send.octets);
                   forward(peer, std::move(action));
                 },
                 [&](smpp::BindRequested& request) { on_bind(peer, request); },
                 [&](smpp::Submitted& submitted) { on_submit(peer, submitted); },
                 [&](smpp::DeliverAnswered& answer) { on_delivered(answer); },
                 [&](smpp::DeliverLost& lost) { on_lost(lost); },
                 [&](smpp::Close&) { forward(peer, std::move(action)); },
                 [&](smpp::Unbound&) { forward(peer, std::move(action)); },
                 [&](smpp::Seen&) { forward(peer, std::move(action)); },
             },
             action);
}

void Carrier::forward(Peer& peer, smpp::SmscAction action) {
  peer.outbox.push_back(std::move(action));
  wants_to_write(peer);
}

void Carrier::wants_to_write(Peer& peer) {
  if (std::exchange(peer.is_waiting_to_write, true)) return;
  writers_.push_back(&peer);
}

/// Writes what gathered in this turn, one write for each connection.
void Carrier::settle() {
  while (!writers_.empty()) {
    Peer& peer = *writers_.back();
    writers_.pop_back();
    peer.is_waiting_to_write = false;
    peer.unanswered -= std::min(peer.unanswered, std::exchange(peer.answered_now, 0));
    smpp::SmscActions actions;
    actions.swap(peer.outbox);
    for (smpp::SmscAction& action : actions) perform(peer, action);
    actions.clear();
    if (peer.outbox.empty()) peer.outbox.swap(actions);  // keeps its capacity
  }
}

void Carrier::perform(Peer& peer, smpp::SmscAction& action) {
  std::visit(Match{
                 [&](smpp::Send& send) {
                   if (!peer.is_over && !peer.is_silent) peer.wire.write(send.octets);
                 },
                 [&](smpp::Close& close) {
                   if (peer.is_over) return;
                   log::info("carrier.closed", "peer={} reason={}", peer.id, smpp::close_reason_text(close.reason));
                   peer.has_said_goodbye |= close.reason == smpp::CloseReason::unbound;
                   peer.wire.finish();
                   retire(peer);
                 },
                 [&](smpp::Seen& seen) {
                   log::write(
                       log::Level::info,
                       log::line(seen.sent ? "carrier.sent" : "carrier.received", "peer={} ", peer.id) + seen.line);
                 },
                 [&](smpp::Unbound&) { peer.has_said_goodbye = true; }, [&](smpp::DeliverLost& lost) { on_lost(lost); },
                 [](auto&) {},  // questions come from `take`, never from an outbox
             },
             action);
}

std::uint32_t Carrier::bind_status(const smpp::Bind& bind) {
  if (!settings_.system_id.empty()) {
    if (bind.system_id != settings_.system_id) return smpp::status::rinvsysid;
    if (bind.password != settings_.password) return smpp::status::rinvpaswd;
  }
  const Account& account = account_of(bind.system_id);
  const Seconds held{faults_.number(Fault::already_bound)};
  if (account.lost_at && now_.mono < *account.lost_at + held) return smpp::status::ralybnd;
  const auto alike = static_cast<std::size_t>(
      std::ranges::count_if(account.peers, [&](const Peer* peer) { return peer->session.bind_type() == bind.type; }));
  if (settings_.binds_at_most > 0 && alike >= settings_.binds_at_most) return smpp::status::ralybnd;
  const auto refusal = static_cast<std::uint32_t>(faults_.number(Fault::bind_fail));
  if (faults_.strikes(Fault::bind_fail, random_)) return refusal;
  return smpp::status::ok;
}

void Carrier::on_bind(Peer& peer, const smpp::BindRequested& request) {
  const std::uint32_t status = bind_status(request.bind);
  wants_to_write(peer);
  if (faults_.strikes(Fault::enquire_before_bind, random_)) peer.session.enquire(now_.mono, peer.outbox);
  if (status != smpp::status::ok) {
    ++stats_.binds_refused;
    log::info("carrier.bind_refused", "peer={} system_id={} status={}", peer.id, request.bind.system_id,
              smpp::status_name(status));
    peer.session.refuse_bind(request.sequence, status, peer.outbox);
    return;
  }
  ++stats_.binds_accepted;
  log::info("carrier.bound", "peer={} system_id={} type={}", peer.id, request.bind.system_id,
            bind_type_text(request.bind.type));
  peer.account = &account_of(request.bind.system_id);
  peer.account->peers.push_back(&peer);
  peer.session.accept_bind(request.sequence, now_.mono, peer.outbox);
  if (faults_.strikes(Fault::bind_dropped, random_)) {
    schedule_.at(now_.mono + Millis{faults_.number(Fault::bind_dropped)}, [this, id = peer.id] {
      if (Peer* still_there = find(id)) break_off(*still_there, false);
    });
  }
  welcome(peer);
}

/// What waits for a receiver follows its bind.
void Carrier::welcome(Peer& peer) {
  Account& account = *peer.account;
  if (faults_.strikes(Fault::one_segment, random_)) {
    if (account.ready.empty()) {
      smpp::DeliverSm hello;
      hello.source = {.ton = 1, .npi = 1, .digits = "37499000000"};
      hello.destination = {.ton = 5, .npi = 0, .digits = "XionID"};
      hello.short_message = "behind bind_resp";
      deliver_message(account, std::move(hello));
    }
    pump(account);
    return;
  }
  schedule_.at(now_.mono + pause_after_bind, [this, &account] { pump(account); });
}

/// Writes the answers that wait, so that a connection that closes loses none of them.
void Carrier::write_out(Peer& peer) {
  for (smpp::SmscAction& action : peer.outbox) {
    if (auto* send = std::get_if<smpp::Send>(&action)) peer.wire.write(std::exchange(send->octets, {}));
  }
}

void Carrier::break_off(Peer& peer, bool with_reset) {
  if (with_reset) {
    peer.wire.reset();
  } else {
    write_out(peer);
    peer.wire.finish();
  }
  retire(peer);
}

/// From here on the peer is nobody's receiver, and what it has not acknowledged goes to others.
void Carrier::retire(Peer& peer) {
  if (std::exchange(peer.is_over, true)) return;
  if (Account* account = peer.account) {
    std::erase(account->peers, &peer);
    if (!peer.has_said_goodbye) account->lost_at = now_.mono;
  }
  peer.session.on_close(now_.mono, peer.outbox);
  if (!peer.outbox.empty()) wants_to_write(peer);
}

void Carrier::closed(Peer& peer, Moment now) {
  now_ = now;
  retire(peer);
  settle();
  const auto& counters = peer.session.counters();
  stats_.malformed += counters.malformed_pdus + counters.truncated_pdus;
  stats_.unmatched += counters.unmatched_responses;
  peers_.erase(peer.id);
}

void Carrier::tick(Moment now) {
  now_ = now;
  for (auto& [id, peer] : peers_) {
    if (peer->is_over) continue;
    incoming_.clear();
    peer->session.on_tick(now.mono, incoming_);
    for (smpp::SmscAction& action : incoming_) {
      // Who plays dead says nothing, and has its receipts brought by another all the same.
      const auto* lost = std::get_if<smpp::DeliverLost>(&action);
      if (lost && peer->is_silent) on_lost(*lost);
      take(*peer, action);
    }
  }
  settle();
}

void Carrier::run_due(Moment now) {
  now_ = now;
  schedule_.run(now.mono);
  settle();
}

void Carrier::drop_all(bool with_reset, Moment now) {
  now_ = now;
  for (auto& [id, peer] : peers_) {
    if (!peer->is_over) break_off(*peer, with_reset);
  }
  settle();
}

std::size_t Carrier::send_from_handset(const std::string& from, const std::string& to, const std::string& text,
                                       Moment now) {
  now_ = now;
  const auto encoded = smpp::encode_text(text, settings_.default_alphabet, smpp::Concat::payload, 0, false);
  if (encoded.segments.empty()) return 0;
  smpp::DeliverSm sm;
  sm.source = {.ton = 1, .npi = 1, .digits = plain_number(from)};
  sm.destination = {.ton = 0, .npi = 0, .digits = to};
  sm.data_coding = encoded.data_coding;
  sm.short_message = encoded.segments.front().short_message;
  sm.tlvs = encoded.segments.front().tlvs;
  for (auto& [system_id, account] : accounts_) {
    deliver_message(*account, sm);
    pump(*account);
  }
  settle();
  return accounts_.size();
}

Account& Carrier::account_of(const std::string& system_id) {
  auto& account = accounts_[system_id];
  if (!account) {
    account = std::make_unique<Account>();
    account->system_id = system_id;
  }
  return *account;
}

Peer* Carrier::find(std::uint64_t peer_id) {
  const auto found = peers_.find(peer_id);
  return found == peers_.end() || found->second->is_over ? nullptr : found->second.get();
}

Stats Carrier::stats() const {
  Stats stats = stats_;
  stats.connections = peers_.size();
  for (const auto& [id, peer] : peers_) {
    if (peer->session.state() == smpp::SessionState::bound) ++stats.binds;
    const auto& counters = peer->session.counters();
    stats.malformed += counters.malformed_pdus + counters.truncated_pdus;
    stats.unmatched += counters.unmatched_responses;
  }
  stats.receipts_pending = deliveries_.size() - free_tokens_.size();
  return stats;
}

}  // namespace xion::carrier
