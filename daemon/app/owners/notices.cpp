#include "app/owners/notices.h"

#include <fmt/format.h>

#include "base/log.h"

namespace xion {
namespace {

constexpr Seconds quiet_for{600};
/// Above it the memory of what was told starts afresh: somebody hears something twice.
constexpr std::size_t subjects_remembered = 10'000;

}  // namespace

bool Notices::tell(const Notice& notice) {
  if (!notice.subject.empty()) {
    if (told_.size() >= subjects_remembered) told_.clear();
    const auto [told, is_new] =
        told_.try_emplace(fmt::format("{} {} {}", notice.type, notice.app, notice.subject), notice.at);
    if (!is_new && notice.at < told->second + quiet_for) return false;
    told->second = notice.at;
  }
  log::warning(notice.type, "app={} data={}", notice.app, notice.data);
  for (const Listener& listener : listeners_) listener(notice);
  return true;
}

}  // namespace xion
