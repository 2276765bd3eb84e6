#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/limits/limits.h"
#include "core/settings.h"
#include "sim/agenda.h"
#include "sim/chronicle.h"

namespace xion::sim {

/// The auditor of what carriers count: submits a second, of each bind and of the account, and how soon a bind comes
/// back.
class PaceAudit {
 public:
  PaceAudit(const Agenda& agenda, Chronicle& chronicle) : agenda_(agenda), chronicle_(chronicle) {}

  /// Another process, which knows nothing of the one before.
  void on_life();
  void on_connect(std::uint64_t connection, const CarrierSettings& carrier, Agenda::Owner owner);
  /// Each node counts for itself, by a clock of its own. What all of them share of an account's rate nobody says yet.
  void expect_many() { is_of_many_ = true; }
  void on_gone(std::uint64_t connection);
  void on_submit(std::uint64_t connection);

 private:
  struct Account {
    std::optional<TokenBucket> bucket;
    std::size_t open = 0;          ///< Connections there are, or are being made.
    std::vector<MonoTime> closed;  ///< Binds that were up before, by when they ended, the oldest first.
  };
  struct Bind {
    const CarrierSettings* carrier = nullptr;
    Agenda::Owner owner = 0;
    std::optional<TokenBucket> bucket;
  };
  void check(std::optional<TokenBucket>& bucket, double rate, const CarrierSettings& carrier, const char* whose);

  const Agenda& agenda_;
  Chronicle& chronicle_;
  bool is_of_many_ = false;
  std::map<std::pair<const CarrierSettings*, Agenda::Owner>, Account> accounts_;  ///< Of each life.
  std::map<std::uint64_t, Bind> binds_;
};

}  // namespace xion::sim
