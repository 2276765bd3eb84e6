#pragma once
#include <string>

#include "crypto/master_key.h"

namespace xion {

/// Why a data file can't be opened with a master key, in a sentence; empty where it can, where there is none yet, and
/// where a daemon has it open, whose key then is another matter.
std::string why_data_refuses(const std::string& data_dir, const MasterKey& key);

}  // namespace xion
