#pragma once
#include <map>
#include <string>

#include "sim/chronicle.h"
#include "sim/ledger.h"

namespace xion::sim {

/// Holds the daemon to what failover promises where one carrier of every route is bound and well all the time: an
/// accepted message is never left alone for longer than the failover time and a second, neither before it is written
/// nor while a carrier owes its answer nor after a carrier refused it.
class WaitAudit {
 public:
  WaitAudit(const Agenda& agenda, Chronicle& chronicle, const Ledger& ledger)
      : agenda_(agenda), chronicle_(chronicle), ledger_(ledger) {}

  void on_written(const std::string& phone) { seen_[phone].touched = agenda_.now(); }
  void on_refused(const std::string& phone, const std::string& carrier) {
    seen_[phone].touched = agenda_.now();
    seen_[phone].taken.erase(carrier);
  }
  void on_taken(const std::string& phone, const std::string& carrier) { seen_[phone].taken[carrier] = agenda_.now(); }

  /// Asked every tenth of a second or so.
  void check(Millis longest);

 private:
  struct Seen {
    MonoTime touched{};                     ///< When something was last done for the phone's message.
    std::map<std::string, MonoTime> taken;  ///< By carrier, when it took a part of it and refused none since.
  };
  const Agenda& agenda_;
  Chronicle& chronicle_;
  const Ledger& ledger_;
  std::map<std::string, Seen> seen_;
};

}  // namespace xion::sim
