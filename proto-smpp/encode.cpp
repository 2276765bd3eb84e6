// The only file that includes libsmpp34, and it only packs. What the library refuses or would cut short (a TON of 7, a
// status or sequence of any value, an interface_version other than 0x34, passwords over 8 octets, TLVs, the last two
// octets of a short_message) is packed as zero or empty and put in place afterwards; so is what differs from message to
// message. The library takes 40,000 instructions for a submit_sm, most of them for its own log: it packs one of each
// kind, which is kept and filled in.
#include "smpp/encode.h"

#include <array>
#include <cstring>
#include <deque>
#include <utility>

#include "base/assert.h"
#include "smpp/framer.h"
#include "smpp/message_id.h"

extern "C" {
#include <smpp34.h>
#include <smpp34_structs.h>
}
// The headers define this common word.
#undef Reserved

namespace xion::smpp {
namespace {

// Octets of the C-Octet Strings without their NUL. SMPP 3.4 §4.
constexpr std::size_t system_id_limit = 15;
constexpr std::size_t system_type_limit = 12;
constexpr std::size_t address_range_limit = 40;
constexpr std::size_t service_type_limit = 5;
constexpr std::size_t address_limit = 20;
constexpr std::size_t time_limit = 16;
/// The spec says 8; carriers give out longer ones, and mean them.
constexpr std::size_t password_limit = 255;
constexpr std::size_t short_message_limit = 255;
/// Kinds of submit_sm that are kept packed: a carrier mostly has two or three.
constexpr std::size_t kinds_kept = 16;

using Error = std::optional<EncodeError>;

/// What the library packed. The largest is a bind of 16 + 75 octets; the library wants some to spare.
struct Packed {
  std::array<std::uint8_t, 512> octets;
  std::size_t size = 0;
  std::string_view before(std::size_t offset) const { return {reinterpret_cast<const char*>(octets.data()), offset}; }
  std::string_view between(std::size_t offset, std::size_t end) const { return before(end).substr(offset); }
  std::string_view from(std::size_t offset) const {
    return {reinterpret_cast<const char*>(octets.data()) + offset, size - offset};
  }
};

/// Copies a C-Octet String into a field of the library, whose arrays have room for the NUL.
template <std::size_t Size>
Error put(std::uint8_t (&field)[Size], const std::string& text, std::size_t limit) {
  static_assert(Size > 1);
  XION_ASSERT(limit < Size);
  if (text.size() > limit) return EncodeError::string_too_long;
  if (text.find('\0') != std::string::npos) return EncodeError::embedded_nul;
  std::memcpy(field, text.data(), text.size());
  field[text.size()] = 0;
  return std::nullopt;
}

Error check(const std::string& text, std::size_t limit) {
  if (text.size() > limit) return EncodeError::string_too_long;
  if (text.find('\0') != std::string::npos) return EncodeError::embedded_nul;
  return std::nullopt;
}

/// `frame` chooses the layout. The library's text of every field is gone when this returns.
template <typename Fields>
Error pack(std::uint32_t frame, Fields& fields, Packed& packed) {
  fields.command_status = ESME_ROK;
  fields.sequence_number = 1;
  int size = 0;
  const int failed = smpp34_pack(frame, packed.octets.data(), static_cast<int>(packed.octets.size()), &size, &fields);
  explicit_bzero(smpp34_strerror, sizeof smpp34_strerror);
  if (failed != 0) return EncodeError::refused_by_library;
  packed.size = static_cast<std::size_t>(size);
  return std::nullopt;
}

Error first_of(std::initializer_list<Error> errors) {
  for (const Error& error : errors) {
    if (error) return error;
  }
  return std::nullopt;
}

void append_u16(std::string& out, std::size_t value) {
  out.push_back(static_cast<char>(value >> 8 & 0xFF));
  out.push_back(static_cast<char>(value & 0xFF));
}

void write_u32(char* to, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) *to++ = static_cast<char>(value >> shift & 0xFF);
}

Error append_tlvs(std::string& out, const std::vector<Tlv>& tlvs) {
  for (const Tlv& tlv : tlvs) {
    if (tlv.value.size() > 0xFFFF) return EncodeError::tlv_too_long;
    append_u16(out, tlv.tag);
    append_u16(out, tlv.value.size());
    out.append(tlv.value);
  }
  return std::nullopt;
}

/// A submit_sm as the library packed it, without what differs from message to message.
struct SmKind {
  std::string service_type;
  Address source;
  std::array<std::uint8_t, 7> flags{};  ///< In the order of the PDU.
  bool operator==(const SmKind&) const = default;
};
SmKind kind_of(const Sm& sm) {
  return {sm.service_type,
          sm.source,
          {sm.esm_class, sm.protocol_id, sm.priority_flag, sm.registered_delivery, sm.replace_if_present_flag,
           sm.data_coding, sm.sm_default_msg_id}};
}

Error pack_kind(const SmKind& kind, Packed& packed) {
  submit_sm_t fields{};
  fields.command_id = SUBMIT_SM;
  if (auto error = first_of({put(fields.service_type, kind.service_type, service_type_limit),
                             put(fields.source_addr, kind.source.digits, address_limit)})) {
    return error;
  }
  fields.esm_class = kind.flags[0];
  fields.protocol_id = kind.flags[1];
  fields.priority_flag = kind.flags[2];
  fields.registered_delivery = kind.flags[3];
  fields.replace_if_present_flag = kind.flags[4];
  fields.data_coding = kind.flags[5];
  fields.sm_default_msg_id = kind.flags[6];
  // The library's deliver_sm frame has no room for a validity_period, which real carriers send; the layout is the same.
  if (auto error = pack(SUBMIT_SM, fields, packed)) return error;
  const std::size_t source_at = header_octets + kind.service_type.size() + 1;
  packed.octets[source_at] = kind.source.ton;
  packed.octets[source_at + 1] = kind.source.npi;
  return std::nullopt;
}

/// The kinds met lately. One thread packs, as the library wants it.
class Kinds {
 public:
  std::expected<const Packed*, EncodeError> find(const Sm& sm) {
    const SmKind kind = kind_of(sm);
    for (const auto& [known, packed] : known_) {
      if (known == kind) return &packed;
    }
    Packed packed;
    if (auto error = pack_kind(kind, packed)) return std::unexpected(*error);
    if (known_.size() == kinds_kept) known_.pop_front();
    known_.emplace_back(kind, packed);
    return &known_.back().second;
  }

 private:
  std::deque<std::pair<SmKind, Packed>> known_;
};

/// Appends one body behind a header whose command_length, command_id, status and sequence are not right yet.
struct Packer {
  std::string& out;
  std::uint32_t status;

  Error operator()(const Bind& bind) const {
    bind_transceiver_t fields{};
    fields.command_id = BIND_TRANSCEIVER;
    fields.interface_version = SMPP_VERSION;
    Packed packed;
    // The password never enters the library, which would cut it and copy it.
    if (auto error = first_of({put(fields.system_id, bind.system_id, system_id_limit),
                               put(fields.system_type, bind.system_type, system_type_limit),
                               put(fields.address_range, bind.address_range.digits, address_range_limit),
                               check(bind.password.reveal(), password_limit)})) {
      return error;
    }
    if (auto error = pack(BIND_TRANSCEIVER, fields, packed)) return error;
    const std::size_t password_at = header_octets + bind.system_id.size() + 1;
    const std::size_t version_at = password_at + 1 + bind.system_type.size() + 1;
    packed.octets[version_at] = bind.interface_version;
    packed.octets[version_at + 1] = bind.address_range.ton;
    packed.octets[version_at + 2] = bind.address_range.npi;
    out.append(packed.before(password_at));
    out.append(bind.password.reveal());
    out.append(packed.from(password_at));
    return std::nullopt;
  }

  Error operator()(const Sm& sm) const {
    if (auto error = first_of({check(sm.destination.digits, address_limit),
                               check(sm.schedule_delivery_time, time_limit), check(sm.validity_period, time_limit)})) {
      return error;
    }
    if (sm.short_message.size() > short_message_limit) return EncodeError::short_message_too_long;
    static Kinds kinds;
    const auto kind = kinds.find(sm);
    if (!kind) return kind.error();
    const Packed& packed = **kind;
    // Where each of its empty strings ends: dest_addr_ton and _npi stand before the first, three flags before the
    // second.
    const std::size_t ton_at = header_octets + sm.service_type.size() + 1 + 2 + sm.source.digits.size() + 1;
    const std::size_t destination_at = ton_at + 2, schedule_at = destination_at + 4, validity_at = schedule_at + 1;
    out.append(packed.before(ton_at));
    out.push_back(static_cast<char>(sm.destination.ton));
    out.push_back(static_cast<char>(sm.destination.npi));
    out.append(sm.destination.digits).append(packed.between(destination_at, schedule_at));
    out.append(sm.schedule_delivery_time).append(packed.between(schedule_at, validity_at));
    out.append(sm.validity_period).append(packed.between(validity_at, packed.size - 1));
    out.push_back(static_cast<char>(sm.short_message.size()));
    out.append(sm.short_message);
    return append_tlvs(out, sm.tlvs);
  }

  /// The library packs the frame with its two addresses empty; strings, types of number and TLVs are put in place here.
  Error operator()(const DataSm& data) const {
    if (auto error = first_of({check(data.service_type, service_type_limit), check(data.source.digits, address_limit),
                               check(data.destination.digits, address_limit)})) {
      return error;
    }
    static const auto packed = [] {
      data_sm_t fields{};
      fields.command_id = DATA_SM;
      return pack_once(DATA_SM, fields);
    }();
    constexpr std::size_t flags_at = header_octets + 7;  // Behind three empty strings and two pairs of TON and NPI.
    XION_ASSERT(packed.size == flags_at + 3);
    out.append(packed.before(header_octets)).append(data.service_type).push_back('\0');
    for (const Address* address : {&data.source, &data.destination}) {
      out.push_back(static_cast<char>(address->ton));
      out.push_back(static_cast<char>(address->npi));
      out.append(address->digits).push_back('\0');
    }
    for (const std::uint8_t flag : {data.esm_class, data.registered_delivery, data.data_coding})
      out.push_back(static_cast<char>(flag));
    return append_tlvs(out, data.tlvs);
  }

  Error operator()(const BindResp& resp) const {
    if (status != smpp::status::ok && resp.system_id.empty() && resp.tlvs.empty()) return header_alone();
    bind_transceiver_resp_t fields{};
    fields.command_id = BIND_TRANSCEIVER_RESP;
    if (auto error = put(fields.system_id, resp.system_id, system_id_limit)) return error;
    Packed packed;
    if (auto error = pack(BIND_TRANSCEIVER_RESP, fields, packed)) return error;
    out.append(packed.from(0));
    return append_tlvs(out, resp.tlvs);
  }

  Error operator()(const SubmitSmResp& resp) const {
    if (status != smpp::status::ok && resp.message_id.empty() && resp.tlvs.empty()) return header_alone();
    return id_response(resp.message_id, resp.tlvs);
  }
  // Its message_id is unused but mandatory, also beside an error. §4.6.2.
  Error operator()(const DeliverSmResp& resp) const { return id_response(resp.message_id, resp.tlvs); }

  Error operator()(const DataSmResp& resp) const { return id_response(resp.message_id, resp.tlvs); }

  Error operator()(const Unbind&) const { return header_alone(); }
  Error operator()(const UnbindResp&) const { return header_alone(); }
  Error operator()(const EnquireLink&) const { return header_alone(); }
  Error operator()(const EnquireLinkResp&) const { return header_alone(); }
  Error operator()(const GenericNack&) const { return header_alone(); }

  // The library refuses commands that it does not know, so this one is ours altogether.
  Error operator()(const Unknown& unknown) const {
    out.append(header_octets, '\0').append(unknown.body);
    return std::nullopt;
  }

 private:
  Error header_alone() const {
    static const auto packed = [] {
      enquire_link_t fields{};
      fields.command_id = ENQUIRE_LINK;
      return pack_once(ENQUIRE_LINK, fields);
    }();
    out.append(packed.from(0));
    return std::nullopt;
  }

  Error id_response(const std::string& message_id, const std::vector<Tlv>& tlvs) const {
    if (auto error = check(message_id, message_id_limit)) return error;
    static const auto packed = [] {
      submit_sm_resp_t fields{};
      fields.command_id = SUBMIT_SM_RESP;
      return pack_once(SUBMIT_SM_RESP, fields);
    }();
    out.append(packed.before(header_octets)).append(message_id).append(packed.from(header_octets));
    return append_tlvs(out, tlvs);
  }

  template <typename Fields>
  static Packed pack_once(std::uint32_t frame, Fields& fields) {
    Packed packed;
    const auto error = pack(frame, fields, packed);
    XION_ASSERT(!error);
    return packed;
  }
};

}  // namespace

std::string_view encode_error_text(EncodeError error) {
  switch (error) {
    case EncodeError::string_too_long: return "string_too_long";
    case EncodeError::embedded_nul: return "embedded_nul";
    case EncodeError::short_message_too_long: return "short_message_too_long";
    case EncodeError::tlv_too_long: return "tlv_too_long";
    case EncodeError::pdu_too_long: return "pdu_too_long";
    case EncodeError::refused_by_library: return "refused_by_library";
  }
  return "";
}

std::expected<void, EncodeError> encode_to(std::string& out, const Pdu& pdu) {
  const std::size_t start = out.size();
  Error error = std::visit(Packer{out, pdu.status}, pdu.body);
  const std::size_t length = out.size() - start;
  if (!error && length > pdu_limit_octets) error = EncodeError::pdu_too_long;
  if (error) {
    out.resize(start);
    return std::unexpected(*error);
  }
  XION_ASSERT(length >= header_octets);
  write_u32(out.data() + start, static_cast<std::uint32_t>(length));
  write_u32(out.data() + start + 4, command_id(pdu));
  write_u32(out.data() + start + 8, pdu.status);
  write_u32(out.data() + start + 12, pdu.sequence);
  return {};
}

std::expected<std::string, EncodeError> encode(const Pdu& pdu) {
  std::string out;
  if (auto done = encode_to(out, pdu); !done) return std::unexpected(done.error());
  return out;
}

}  // namespace xion::smpp
