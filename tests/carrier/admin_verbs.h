#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "smpp/text.h"

namespace xion::carrier {

inline constexpr int exit_refused = 1;
inline constexpr int exit_usage = 2;
inline constexpr int exit_unreachable = 3;

inline const std::string default_listen = "127.0.0.1:2775";
inline const std::string default_admin = "127.0.0.1:2776";
inline const std::map<std::string, smpp::Alphabet> alphabets = {{"gsm7", smpp::Alphabet::gsm7},
                                                                {"gsm7packed", smpp::Alphabet::gsm7packed},
                                                                {"latin1", smpp::Alphabet::latin1},
                                                                {"ascii", smpp::Alphabet::ascii}};

struct ServeOptions {
  std::string listen = default_listen;
  std::string admin = default_admin;
  std::string system_id;
  std::string password;
  std::string alphabet = "gsm7";
  std::string script;
  std::string tls_certificate;
  std::string tls_key;
  std::string tls_self_signed;
  std::string tls_client_ca;
  std::vector<std::string> faults;
  std::map<std::string, std::string> behaviour;  ///< rows of the fault table that have an option of their own
  std::optional<std::uint64_t> seed;
  std::size_t binds_at_most = 0;
  std::size_t receipt_window = 100;
  std::int64_t receipt_timeout_ms = 10'000;
  std::int64_t enquire_link_ms = 0;
  bool has_no_receipts = false;
  bool has_no_inbox = false;
  bool is_quiet = false;
  bool traces = false;
};

/// Runs the simulator until SIGTERM or SIGINT; gives the exit code.
int serve(const ServeOptions& options);

/// What the other verbs are given; each uses its part.
struct AskOptions {
  std::string admin = default_admin;
  std::vector<std::string> words;
  std::string number;
  double wait_seconds = 0;
  std::uint64_t after = 0;
  bool as_json = false;
  bool only_code = false;
};

// Each asks a running simulator, prints the answer and gives the exit code.
int ask_inbox(const AskOptions& options);
int ask_stats(const AskOptions& options);
int ask_fault(const AskOptions& options);
/// For the verbs whose answer is nothing but done or refused.
int tell(const AskOptions& options, const std::string& verb);

/// Says what went wrong on stderr; gives `code` back.
int fail(int code, const std::string& sentence);

}  // namespace xion::carrier
