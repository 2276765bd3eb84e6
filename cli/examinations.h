#pragma once
#include <string>
#include <vector>

#include "wire/value.h"

/// What `xionctl doctor` looks at.
namespace xion::cli {

enum class Health { well, warning, error };

struct Examined {
  std::string check;  ///< "clock", "carrier primary"
  Health health = Health::well;
  std::string found;   ///< A sentence.
  std::string advice;  ///< What to do about it; empty where all is well.
};

/// This machine: the clock, the configuration with all that it names, the disk and its speed, the versions of libraries
/// and programs. Writes one file of 4 KiB beside the store and removes it.
std::vector<Examined> examine_machine(const std::string& config_file);
/// The daemon that runs, as its status tells of it. `changes`: what `config diff` says; null: it couldn't.
std::vector<Examined> examine_daemon(const wire::Value& status, const wire::Value* changes);

}  // namespace xion::cli
