#include "cli/conversation.h"

#include <fmt/format.h>

#include <tuple>

#include "smpp/decode.h"
#include "smpp/encode.h"

namespace xion::cli {

std::expected<smpp::Pdu, std::string> Conversation::next() {
  for (;;) {
    const auto framed = framer_.next();
    if (!framed) return std::unexpected(fmt::format("no SMPP: {}", smpp::frame_error_text(framed.error())));
    if (*framed) {
      auto pdu = smpp::decode(**framed);
      if (!pdu) return std::unexpected(fmt::format("no SMPP: {}", smpp::decode_error_text(pdu.error())));
      return std::move(*pdu);
    }
    const auto octets = line_.read();
    if (!octets) return std::unexpected(octets.error());
    framer_.append(*octets);
  }
}

void Conversation::answer(std::uint32_t sequence, std::uint32_t status, smpp::Body body) {
  const auto octets = smpp::encode({.status = status, .sequence = sequence, .body = std::move(body)});
  if (octets) std::ignore = line_.write(*octets);  // A line that is gone shows at the next question.
}

bool Conversation::serve(const smpp::Pdu& pdu, const std::function<bool(const smpp::DeliverSm&)>& is_awaited,
                         std::optional<smpp::DeliverSm>& awaited) {
  const auto take = [&](smpp::DeliverSm sm, smpp::Body response) {
    const bool is_ours = is_awaited && is_awaited(sm);
    answer(pdu.sequence, is_ours ? smpp::status::ok : smpp::status::rmsgqful, std::move(response));
    if (is_ours)
      awaited = std::move(sm);
    else
      ++given_back_;
  };
  if (const auto* deliver = std::get_if<smpp::DeliverSm>(&pdu.body)) return take(*deliver, smpp::DeliverSmResp{}), true;
  if (const auto* data = std::get_if<smpp::DataSm>(&pdu.body))
    return take(smpp::DeliverSm{*data}, smpp::DataSmResp{}), true;
  if (std::holds_alternative<smpp::EnquireLink>(pdu.body))
    return answer(pdu.sequence, smpp::status::ok, smpp::EnquireLinkResp{}), true;
  if (std::holds_alternative<smpp::Unbind>(pdu.body))
    return answer(pdu.sequence, smpp::status::ok, smpp::UnbindResp{}), true;
  return !smpp::is_response(smpp::command_id(pdu));
}

std::expected<Conversation::Answer, std::string> Conversation::ask(smpp::Body body) {
  const auto octets = smpp::encode({.sequence = ++sequence_, .body = std::move(body)});
  if (!octets) return std::unexpected(std::string(smpp::encode_error_text(octets.error())));
  const auto begin = std::chrono::steady_clock::now();
  if (const auto written = line_.write(*octets); !written) return std::unexpected(written.error());
  for (;;) {
    auto pdu = next();
    if (!pdu) return std::unexpected(pdu.error());
    std::optional<smpp::DeliverSm> nothing;
    if (serve(*pdu, {}, nothing) || pdu->sequence != sequence_) continue;
    return Answer{std::move(*pdu), std::chrono::round<Millis>(std::chrono::steady_clock::now() - begin)};
  }
}

std::optional<smpp::DeliverSm> Conversation::await(const std::function<bool(const smpp::DeliverSm&)>& is_awaited) {
  std::optional<smpp::DeliverSm> awaited;
  while (!awaited) {
    const auto pdu = next();
    if (!pdu) break;
    serve(*pdu, is_awaited, awaited);
  }
  return awaited;
}

}  // namespace xion::cli
