#include "carrier/verdict.h"

#include <iterator>

#include "smpp/command.h"

namespace xion::carrier {
namespace {

namespace status = smpp::status;

struct Refusal {
  Fault fault;
  std::uint32_t status;
  AnswerForm form;
};
constexpr Refusal refusals[] = {
    {Fault::throttle, status::rthrottled, AnswerForm::plain},
    {Fault::queue_full, status::rmsgqful, AnswerForm::plain},
    {Fault::header_only_error, status::rsyserr, AnswerForm::plain},
    {Fault::error_body, status::rsyserr, AnswerForm::with_body},
    {Fault::nack, status::rsyserr, AnswerForm::nack},
    {Fault::nack_zero, status::rsyserr, AnswerForm::nack_zero},
};

struct Oddity {
  Fault fault;
  AnswerForm form;
};
constexpr Oddity oddities[] = {
    {Fault::missing_id, AnswerForm::without_id}, {Fault::response_tlv, AnswerForm::with_tlv},
    {Fault::drop_response, AnswerForm::none},    {Fault::id_blanks, AnswerForm::with_blanks},
    {Fault::id_long, AnswerForm::with_long_id},
};

/// Inside a burst two in three are told to slow down and one is refused, as carriers under load do.
std::uint32_t burst_status(std::uint64_t submits) {
  switch (submits % 3) {
    case 0: return status::rthrottled;
    case 1: return status::rmsgqful;
    case 2: return status::rsubmitfail;
  }
  return status::rthrottled;
}

std::uint32_t mixed_status(Random& random) {
  constexpr std::uint32_t vendors_own = 0x55F;
  constexpr std::uint32_t mixed[] = {status::rsyserr,    status::rsubmitfail,  status::rx_t_appn, status::rinvdstadr,
                                     status::rinvsrcadr, status::rinvesmclass, vendors_own};
  return mixed[random.below(std::size(mixed))];
}

Millis latency_of(const Faults& faults, Random& random) {
  const auto jitter = static_cast<std::uint64_t>(faults.number(Fault::latency_jitter_ms));
  return Millis{faults.number(Fault::latency_ms) + static_cast<std::int64_t>(random.below(jitter + 1))};
}

bool is_in_burst(const Faults& faults, std::uint64_t submits) {
  const auto length = static_cast<std::uint64_t>(faults.number(Fault::status_burst));
  return length > 0 && submits % (10 * length) < length;
}

Verdict accepted(Millis latency, Faults& faults, Random& random) {
  Verdict verdict{.id_style = faults.id_style()};
  for (const Oddity& oddity : oddities) {
    if (verdict.form == AnswerForm::plain && faults.strikes(oddity.fault, random)) verdict.form = oddity.form;
  }
  verdict.delay = latency;
  const auto late = Millis{faults.number(Fault::late_response)};
  if (faults.strikes(Fault::late_response, random)) verdict.delay += late;
  verdict.is_receipt_first = faults.strikes(Fault::receipt_before_response, random);
  return verdict;
}

}  // namespace

Verdict judge(const Circumstances& circumstances, Faults& faults, Random& random) {
  const Millis latency = latency_of(faults, random);
  const auto refused = [&](std::uint32_t code, AnswerForm form = AnswerForm::plain) {
    return Verdict{.status = code, .form = form, .delay = latency, .id_style = faults.id_style()};
  };
  if (circumstances.is_over_window) return refused(status::rmsgqful);
  if (circumstances.is_over_rate) return refused(status::rthrottled);
  if (circumstances.outcome && circumstances.outcome->status != 0) return refused(circumstances.outcome->status);
  if (is_in_burst(faults, circumstances.submits)) return refused(burst_status(circumstances.submits));
  const auto code = static_cast<std::uint32_t>(faults.number(Fault::status));
  if (faults.strikes(Fault::status, random)) return refused(code);
  constexpr std::uint32_t first_odd = 0x5000'0000;
  if (faults.strikes(Fault::odd_status, random))
    return refused(first_odd + static_cast<std::uint32_t>(circumstances.submits));
  if (faults.strikes(Fault::mixed_status, random)) return refused(mixed_status(random));
  for (const Refusal& refusal : refusals) {
    if (faults.strikes(refusal.fault, random)) return refused(refusal.status, refusal.form);
  }
  return accepted(latency, faults, random);
}

}  // namespace xion::carrier
