#include "preflight/data_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "crypto/wrapped_key_ring.h"
#include "lmdb/lmdb_kv.h"
#include "ports/open_file.h"
#include "store/log_engine.h"
#include "store/near/near_kv.h"

namespace xion {

std::string why_data_refuses(const std::string& data_dir, const MasterKey& key) {
  const std::string file = data_dir + "/data.mdb";
  if (::access(file.c_str(), R_OK) != 0) return {};
  const OpenFile lock(::open((data_dir + "/xiond.lock").c_str(), O_RDONLY | O_CLOEXEC));
  if (lock.is_open() && ::flock(lock.get(), LOCK_SH | LOCK_NB) != 0) return {};
  try {
    LmdbKv kept = LmdbKv::of_file(file);
    NearKv kv(kept);
    kv.begin();
    const Digest check_value = check_value_of(key);
    std::string why_not = why_not_usable(kv, &check_value);
    kv.abort();
    return why_not;
  } catch (const StoreFailure& failure) {
    return failure.what();
  }
}

}  // namespace xion
