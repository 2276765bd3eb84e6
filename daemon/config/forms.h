#pragma once
#include <string_view>

#include "config/rules.h"
#include "core/country.h"

/// What texts must be like. No state, no files.
namespace xion::config {

/// "host:port" or "[v6 address]:port", port 1–65535.
bool is_host_and_port(std::string_view text);
/// The same with "*" for every address and port 0 allowed, or "unix:/path".
bool is_listen_address(std::string_view text);
/// An IPv4 or IPv6 address, without a port.
bool is_ip_literal(std::string_view text);
/// Whether a listen address is every address of this machine.
bool is_on_every_address(std::string_view listen_address);
/// Whether a listen address is out of reach for other machines.
bool is_local(std::string_view listen_address);
/// Whether a host:port leads out of private networks, as far as its text tells: a public address, or a name that is not
/// of a domain for private use. Sources: RFC 6890; RFC 6762 §3, RFC 6761, RFC 8375, and the ICANN's `.internal`.
bool is_public(std::string_view host_and_port);
/// Letters, digits, `_`, `.` and `-`, 1–32, beginning with a letter or digit.
bool is_name(std::string_view text);
/// What a host may be called, and a label of a metric: 1–64 octets. Source: RFC 1123 §2.1.
bool is_node_name(std::string_view text);
/// "+" and 1–15 digits.
bool is_number_prefix(std::string_view text);
/// MCC and MNC: 5 or 6 digits.
bool is_network(std::string_view text);
bool is_all_digits(std::string_view text);
/// Printable ASCII, at most that many octets.
bool is_ascii(std::string_view text, std::size_t limit_octets);

/// What is missing or wrong in an address, with how it is written.
std::string hint_for_host_and_port(std::string_view text);
std::string hint_for_listen_address(std::string_view text);
/// "374" → "+374".
std::string hint_for_number_prefix(std::string_view text);
/// "am" → AM; "XX" is no country's.
std::string hint_for_country(std::string_view text);

inline constexpr Form host_and_port_form{"host:port", is_host_and_port, hint_for_host_and_port};
inline constexpr Form listen_address_form{"address:port or unix:/path", is_listen_address, hint_for_listen_address};
inline constexpr Form name_form{"1–32 letters, digits, _, . or -", is_name};
inline constexpr Form node_name_form{"1–64 letters, digits, dots, - and _", is_node_name};
inline constexpr Form number_prefix_form{"+ and 1–15 digits, such as \"+374\"", is_number_prefix,
                                         hint_for_number_prefix};
inline constexpr Form country_form{"two capital letters of ISO 3166, such as \"AM\"", is_country_code,
                                   hint_for_country};

}  // namespace xion::config
