#include "app/owners/notices.h"

#include <fmt/format.h>

#include "base/log.h"

namespace xion {
namespace {

constexpr Seconds quiet_for{600};
/// Above it the memory of what was told starts afresh: somebody hears something twice.
constexpr std::size_t subjects_remembered = 10'000;

}  // namespace

void Notices::tell(const Notice& notice) {
  if (notice.subject.empty()) return tell_listeners(notice);
  if (told_.size() >= subjects_remembered) told_.clear();
  std::string name = fmt::format("{} {} {}", notice.type, notice.app, notice.subject);
  const auto [told, is_new] = told_.try_emplace(name, notice.at);
  if (!is_new && notice.at < told->second + quiet_for) return;
  told->second = notice.at;
  cluster_.once(std::move(name), quiet_for, [this, notice] { tell_listeners(notice); });
}

void Notices::tell_listeners(const Notice& notice) {
  log::warning(notice.type, "app={} data={}", notice.app, notice.data);
  for (const Listener& listener : listeners_) listener(notice);
}

}  // namespace xion
