#include "smpp/link.h"

#include <fmt/format.h>

#include <algorithm>

#include "smpp/encode.h"

namespace xion::smpp {
namespace {

/// Given-up requests whose late response is still understood: 50 s of them at 20 timeouts a second.
constexpr std::size_t late_table_capacity = 1024;

}  // namespace

Link::Link(const LinkSettings& settings) : settings_(settings), window_(settings.window), late_(late_table_capacity) {}

void Link::open(MonoTime now) {
  state_ = SessionState::binding;
  framer_.clear();
  sequence_ = Sequence();
  window_.take_all();
  late_.clear();
  outgoing_.clear();
  seen_.clear();
  last_heard_ = now;
  state_deadline_ = now + settings_.bind_timeout;
  enquire_deadline_.reset();
  enquire_sequence_ = 0;
  unbind_sequence_ = 0;
}

void Link::become_bound(MonoTime now) {
  state_ = SessionState::bound;
  state_deadline_.reset();
  last_heard_ = now;
}

void Link::become_closed() {
  state_ = SessionState::closed;
  state_deadline_.reset();
  enquire_deadline_.reset();
  outgoing_.clear();
  framer_.clear();
}

std::expected<std::optional<Pdu>, CloseReason> Link::next(MonoTime now) {
  for (;;) {
    const auto octets = framer_.next();
    if (!octets) return std::unexpected(CloseReason::framing_error);
    if (!*octets) return std::nullopt;
    // Any whole PDU is a sign of life, whatever it says.
    last_heard_ = now;
    enquire_deadline_.reset();
    auto pdu = decode(**octets);
    if (!pdu) {
      refuse_malformed(**octets, pdu.error());
      continue;
    }
    if (pdu->truncated) ++counters_.truncated_pdus;
    note(false, *pdu);
    const auto is_done = handle(*pdu);
    if (!is_done) return std::unexpected(is_done.error());
    if (!*is_done) return std::optional<Pdu>(std::move(*pdu));
  }
}

std::expected<bool, CloseReason> Link::handle(const Pdu& pdu) {
  if (std::holds_alternative<EnquireLink>(pdu.body)) {
    if (settings_.answers_enquire_link) send({.sequence = pdu.sequence, .body = EnquireLinkResp{}});
    return true;
  }
  if (std::holds_alternative<EnquireLinkResp>(pdu.body)) {
    if (pdu.sequence == 0 || pdu.sequence != enquire_sequence_) ++counters_.unmatched_responses;
    enquire_sequence_ = 0;
    return true;
  }
  if (std::holds_alternative<Unbind>(pdu.body)) {
    send({.sequence = pdu.sequence, .body = UnbindResp{}});
    return std::unexpected(CloseReason::peer_unbind);
  }
  if (std::holds_alternative<UnbindResp>(pdu.body)) {
    if (state_ == SessionState::unbinding) return std::unexpected(CloseReason::unbound);
    ++counters_.unmatched_responses;
    return true;
  }
  if (std::holds_alternative<GenericNack>(pdu.body)) return handle_nack(pdu);
  if (std::holds_alternative<Unknown>(pdu.body)) {
    refuse_unknown(pdu);
    return true;
  }
  return false;
}

std::expected<bool, CloseReason> Link::handle_nack(const Pdu& pdu) {
  if (pdu.sequence == 0) {
    ++counters_.nacks_without_sequence;
    return true;
  }
  if (state_ == SessionState::unbinding && pdu.sequence == unbind_sequence_) {
    return std::unexpected(CloseReason::unbound);
  }
  if (pdu.sequence == enquire_sequence_) {
    enquire_sequence_ = 0;  // a peer that does not know the command is alive all the same
    return true;
  }
  return false;
}

void Link::refuse_unknown(const Pdu& pdu) {
  const std::uint32_t id = command_id(pdu);
  // These two have no response in the protocol, so a nack would answer nothing.
  const bool is_notification = id == static_cast<std::uint32_t>(CommandId::alert_notification) ||
                               id == static_cast<std::uint32_t>(CommandId::outbind);
  if (is_notification) {
    ++counters_.ignored_notifications;
  } else if (is_response(id)) {
    ++counters_.unmatched_responses;
  } else {
    ++counters_.unknown_commands;
    send({.status = status::rinvcmdid, .sequence = pdu.sequence, .body = GenericNack{}});
  }
}

void Link::refuse_malformed(std::string_view octets, DecodeError error) {
  ++counters_.malformed_pdus;
  const auto header = decode_header(octets);
  if (!header) return;
  if (settings_.trace) {
    seen_.push_back(
        {.sent = false,
         .line = fmt::format("command_id={} sequence_number={} malformed={}", command_name(header->command_id),
                             header->sequence_number, decode_error_text(error))});
  }
  if (is_response(header->command_id)) return;
  send({.status = status::rinvcmdlen, .sequence = header->sequence_number, .body = GenericNack{}});
}

bool Link::send(const Pdu& pdu) {
  if (!encode_to(outgoing_, pdu)) return false;
  note(true, pdu);
  return true;
}

bool Link::send_request(Token token, Body body, MonoTime now) {
  const Pdu pdu{.sequence = next_sequence(), .body = std::move(body)};
  if (!send(pdu)) return false;
  window_.put({.sequence = pdu.sequence, .token = token, .sent_at = now, .deadline = now + settings_.response_timeout});
  return true;
}

std::optional<std::uint32_t> Link::send_control(Body body) {
  const Pdu pdu{.sequence = next_sequence(), .body = std::move(body)};
  if (!send(pdu)) return std::nullopt;
  return pdu.sequence;
}

void Link::send_enquire_link(MonoTime now) {
  enquire_sequence_ = send_control(EnquireLink{}).value_or(0);
  enquire_deadline_ = now + settings_.enquire_link_timeout;
}

void Link::send_unbind(MonoTime now) {
  unbind_sequence_ = send_control(Unbind{}).value_or(0);
  state_ = SessionState::unbinding;
  state_deadline_ = now + settings_.unbind_timeout;
  enquire_deadline_.reset();
}

std::optional<CloseReason> Link::tick(MonoTime now) {
  if (state_deadline_ && now >= *state_deadline_) {
    return state_ == SessionState::binding ? CloseReason::bind_timeout : CloseReason::unbind_timeout;
  }
  if (state_ != SessionState::bound) return std::nullopt;
  if (enquire_deadline_) {
    if (now >= *enquire_deadline_) return CloseReason::enquire_link_unanswered;
  } else if (settings_.enquire_link_idle > Millis{0} && now >= last_heard_ + settings_.enquire_link_idle) {
    send_enquire_link(now);
  }
  return std::nullopt;
}

std::optional<Window::Entry> Link::take_expired(MonoTime now) { return window_.take_expired(now); }

std::optional<MonoTime> Link::next_deadline() const {
  if (state_ == SessionState::closed) return std::nullopt;
  std::optional<MonoTime> earliest = window_.next_deadline();
  const auto consider = [&](MonoTime at) { earliest = earliest ? std::min(*earliest, at) : at; };
  if (state_deadline_) consider(*state_deadline_);
  if (state_ == SessionState::bound) {
    if (enquire_deadline_) {
      consider(*enquire_deadline_);
    } else if (settings_.enquire_link_idle > Millis{0}) {
      consider(last_heard_ + settings_.enquire_link_idle);
    }
  }
  return earliest;
}

std::uint32_t Link::next_sequence() {
  return sequence_.take([this](std::uint32_t number) {
    return window_.contains(number) || (number == enquire_sequence_ && enquire_deadline_);
  });
}

void Link::note(bool is_sent, const Pdu& pdu) {
  if (settings_.trace) seen_.push_back({.sent = is_sent, .line = describe(pdu)});
}

}  // namespace xion::smpp
