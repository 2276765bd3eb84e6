#include "carrier/inbox.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

namespace xion::carrier {
namespace {

struct Concatenation {
  std::uint16_t reference;
  std::uint8_t total;
  std::uint8_t sequence;
};

/// The concatenation element of a user data header, 8-bit (0x00) or 16-bit (0x08). Source: 3GPP TS 23.040 §9.2.3.24.
std::optional<Concatenation> concatenation_of(std::string_view header) {
  const auto octet = [&](std::size_t at) { return static_cast<std::uint8_t>(header[at]); };
  for (std::size_t at = 1; at + 2 <= header.size();) {
    const std::uint8_t element = octet(at);
    const std::uint8_t length = octet(at + 1);
    if (at + 2 + length > header.size()) return std::nullopt;
    if (element == 0x00 && length == 3) return Concatenation{octet(at + 2), octet(at + 3), octet(at + 4)};
    if (element == 0x08 && length == 4) {
      return Concatenation{static_cast<std::uint16_t>(octet(at + 2) << 8 | octet(at + 3)), octet(at + 4),
                           octet(at + 5)};
    }
    at += 2u + length;
  }
  return std::nullopt;
}

std::size_t header_octets_of(std::string_view octets) {
  if (octets.empty()) return 0;
  return std::min<std::size_t>(std::size_t{static_cast<std::uint8_t>(octets[0])} + 1, octets.size());
}

/// Septets packed behind a header begin at the next septet boundary. Source: 3GPP TS 23.040 §9.2.3.24.
std::string unpacked_after_header(std::string_view octets, std::size_t header) {
  const std::size_t skipped_bits = (header * 8 + 6) / 7 * 7;
  std::string septets;
  for (std::size_t bit = skipped_bits; bit + 7 <= octets.size() * 8; bit += 7) {
    const std::size_t at = bit / 8;
    const unsigned low = static_cast<std::uint8_t>(octets[at]);
    const unsigned high = at + 1 < octets.size() ? static_cast<std::uint8_t>(octets[at + 1]) : 0;
    septets.push_back(static_cast<char>(((low | high << 8) >> bit % 8) & 0x7F));
  }
  return septets;
}

}  // namespace

void Inbox::put(const std::string& plain_number, const smpp::Sm& sm, WallTime at) {
  Part part{.number = plain_number,
            .from = sm.source.digits,
            .to = sm.destination.digits,
            .octets = sm.short_message,
            .at = at,
            .data_coding = sm.data_coding,
            .has_udh = (sm.esm_class & smpp::esm_class_udhi) != 0};
  if (part.octets.empty()) {
    if (const auto* payload = smpp::find_tlv(sm.tlvs, smpp::tag::message_payload)) part.octets = payload->value;
  }
  const auto number_of = [&](std::uint16_t tag) -> std::optional<std::uint64_t> {
    const auto* tlv = smpp::find_tlv(sm.tlvs, tag);
    return tlv ? smpp::number_of(*tlv) : std::nullopt;
  };
  if (part.has_udh) {
    const auto header = std::string_view(part.octets).substr(0, header_octets_of(part.octets));
    if (const auto found = concatenation_of(header)) {
      part.reference = found->reference;
      part.total = found->total;
      part.sequence = found->sequence;
    }
  } else if (const auto reference = number_of(smpp::tag::sar_msg_ref_num)) {
    part.reference = static_cast<std::uint16_t>(*reference);
    part.total = static_cast<std::uint8_t>(number_of(smpp::tag::sar_total_segments).value_or(1));
    part.sequence = static_cast<std::uint8_t>(number_of(smpp::tag::sar_segment_seqnum).value_or(1));
  }
  parts_.push_back(std::move(part));
  Chain& chain = by_number_[plain_number];
  (chain.last == 0 ? chain.first : this->part(chain.last).next) = last_id();
  chain.last = last_id();
  if (parts_.size() > limit_parts) forget_oldest();
}

void Inbox::forget_oldest() {
  const auto found = by_number_.find(parts_.front().number);
  found->second.first = parts_.front().next;
  if (found->second.first == 0) by_number_.erase(found);
  parts_.pop_front();
  ++first_id_;
}

std::string Inbox::codes() const {
  std::string lines;
  for (const Part& part : parts_) {
    const std::string text = text_of(part);
    const auto code = code_in(text);
    if (part.total == 1 && !code.empty()) lines.append("+").append(part.number).append(" ").append(code).append("\n");
  }
  return lines;
}

std::string Inbox::text_of(const Part& part) const {
  if (!part.has_udh) return smpp::decode_text(part.octets, part.data_coding, default_alphabet_);
  const std::size_t header = header_octets_of(part.octets);
  if (default_alphabet_ == smpp::Alphabet::gsm7packed && part.data_coding == smpp::coding::carrier_default) {
    return smpp::decode_text(unpacked_after_header(part.octets, header), part.data_coding, smpp::Alphabet::gsm7);
  }
  return smpp::decode_text(std::string_view(part.octets).substr(header), part.data_coding, default_alphabet_);
}

std::vector<Shown> Inbox::read(std::string_view plain_number, std::uint64_t after) const {
  const auto found = by_number_.find(std::string(plain_number));
  if (found == by_number_.end()) return {};

  struct Joined {
    Shown shown;
    std::map<std::uint8_t, std::string> texts;
  };
  std::vector<Joined> messages;
  std::map<std::tuple<std::string, std::uint16_t, std::uint8_t>, std::size_t> open;  // parts still wanted
  for (std::uint64_t id = found->second.first; id != 0; id = part(id).next) {
    const Part& p = part(id);
    const auto key = std::tuple(p.from, p.reference, p.total);
    auto joined = p.total > 1 ? open.find(key) : open.end();
    if (joined == open.end() || messages[joined->second].texts.contains(p.sequence)) {
      messages.push_back({Shown{.from = p.from, .to = p.to, .parts_wanted = std::max<std::size_t>(p.total, 1)}, {}});
      joined = p.total > 1 ? open.insert_or_assign(key, messages.size() - 1).first : open.end();
    }
    Joined& message = joined == open.end() ? messages.back() : messages[joined->second];
    message.texts[p.sequence] = text_of(p);
    message.shown.id = id;
    message.shown.at = p.at;
    message.shown.parts = message.texts.size();
    if (message.shown.is_whole() && joined != open.end()) open.erase(joined);
  }

  std::vector<Shown> shown;
  for (Joined& message : messages) {
    if (message.shown.id <= after) continue;
    for (const auto& [sequence, text] : message.texts) message.shown.text += text;
    shown.push_back(std::move(message.shown));
  }
  std::ranges::stable_sort(shown, {}, &Shown::id);
  return shown;
}

std::string_view code_in(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto begin = std::min(text.find_first_of("0123456789", at), text.size());
    const auto end = std::min(text.find_first_not_of("0123456789", begin), text.size());
    if (end - begin >= 4 && end - begin <= 10) return text.substr(begin, end - begin);
    at = end;
  }
  return {};
}

}  // namespace xion::carrier
