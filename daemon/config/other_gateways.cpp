#include "config/other_gateways.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace xion::config {
namespace {

struct Word {
  std::string_view theirs, here;
};

// Hyphens are written as underscores: see `folded`.
constexpr Word words[] = {
    {"host", "address = \"host:port\""},
    {"hostname", "address = \"host:port\""},
    {"ip", "address = \"host:port\""},
    {"server", "address = \"host:port\""},
    {"port", "address = \"host:port\""},
    {"receive_port", "receiver_address, with bind = \"transmitter+receiver\""},
    {"transceiver_mode", "bind"},
    {"bind_type", "bind"},
    {"instances", "binds"},
    {"connections", "binds"},
    {"use_ssl", "tls"},
    {"ssl", "tls"},
    {"our_host", "local_address"},
    {"smsc_username", "system_id"},
    {"username", "system_id"},
    {"user", "system_id"},
    {"login", "system_id"},
    {"smsc_password", "password_file"},
    {"systype", "system_type"},
    {"addr_range", "address_range"},
    {"bind_addr_ton", "bind_ton"},
    {"bind_addr_npi", "bind_npi"},
    {"my_number", "sender"},
    {"src_addr", "sender"},
    {"from", "sender"},
    {"source_addr_ton", "source_ton"},
    {"source_addr_npi", "source_npi"},
    {"src_ton", "source_ton"},
    {"src_npi", "source_npi"},
    {"dest_addr_ton", "dest_ton"},
    {"dest_addr_npi", "dest_npi"},
    {"dst_ton", "dest_ton"},
    {"dst_npi", "dest_npi"},
    {"enquire_link_interval", "enquire_link_seconds"},
    {"elink_interval", "enquire_link_seconds"},
    {"max_pending_submits", "window"},
    {"window_size", "window"},
    {"throughput", "rate, and account_rate for all binds together"},
    {"submit_throughput", "rate, and account_rate for all binds together"},
    {"tps", "rate, and account_rate for all binds together"},
    {"reconnect_delay", "reconnect_min_seconds and reconnect_max_seconds"},
    {"con_loss_delay", "reconnect_min_seconds and reconnect_max_seconds"},
    {"con_fail_delay", "reconnect_min_seconds and reconnect_max_seconds"},
    {"connection_timeout", "bind_timeout_seconds"},
    {"bind_to", "bind_timeout_seconds"},
    {"trx_to", "enquire_link_timeout_seconds"},
    {"wait_ack", "response_timeout_seconds"},
    {"res_to", "response_timeout_seconds"},
    {"wait_ack_expire", "failover_after_seconds of the route"},
    {"requeue_delay", "failover_after_seconds of the route"},
    {"validityperiod", "validity_format and validity_min_seconds: how long follows from the code"},
    {"validity", "validity_format and validity_min_seconds: how long follows from the code"},
    {"msg_id_type", "receipt_id, which is learnt by itself"},
    {"dlr_mask", "registered_delivery, for every message of the carrier"},
    {"dlr_level", "registered_delivery, for every message of the carrier"},
    {"dlr_msgid", "receipt_id, which is learnt by itself"},
    {"alt_charset", "default_alphabet"},
    {"coding", "default_alphabet"},
    {"custom_tlvs", "tlvs"},
};

/// As this file writes names: `smsc-username` is smsc_username.
std::string folded(std::string_view key) {
  std::string name(key);
  std::ranges::replace(name, '-', '_');
  return name;
}

}  // namespace

std::string called_here(std::string_view key) {
  const std::string name = folded(key);
  const auto* found = std::ranges::find(words, name, &Word::theirs);
  return found == std::end(words) ? std::string() : fmt::format("here it is {}", found->here);
}

}  // namespace xion::config
