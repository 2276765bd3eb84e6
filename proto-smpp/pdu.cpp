#include "smpp/pdu.h"

#include "smpp/match.h"

namespace xion::smpp {
namespace {

CommandId bind_command(BindType type) {
  switch (type) {
    case BindType::receiver: return CommandId::bind_receiver;
    case BindType::transmitter: return CommandId::bind_transmitter;
    case BindType::transceiver: return CommandId::bind_transceiver;
  }
  return CommandId::bind_transceiver;
}

std::uint32_t number(CommandId id) { return static_cast<std::uint32_t>(id); }

}  // namespace

std::uint32_t command_id(const Body& body) {
  return std::visit(Match{
                        [](const Bind& bind) { return number(bind_command(bind.type)); },
                        [](const BindResp& bind) { return number(bind_command(bind.type)) | response_bit; },
                        [](const SubmitSm&) { return number(CommandId::submit_sm); },
                        [](const SubmitSmResp&) { return number(CommandId::submit_sm_resp); },
                        [](const DeliverSm&) { return number(CommandId::deliver_sm); },
                        [](const DeliverSmResp&) { return number(CommandId::deliver_sm_resp); },
                        [](const DataSm&) { return number(CommandId::data_sm); },
                        [](const DataSmResp&) { return number(CommandId::data_sm_resp); },
                        [](const Unbind&) { return number(CommandId::unbind); },
                        [](const UnbindResp&) { return number(CommandId::unbind_resp); },
                        [](const EnquireLink&) { return number(CommandId::enquire_link); },
                        [](const EnquireLinkResp&) { return number(CommandId::enquire_link_resp); },
                        [](const GenericNack&) { return number(CommandId::generic_nack); },
                        [](const Unknown& unknown) { return unknown.command_id; },
                    },
                    body);
}

}  // namespace xion::smpp
