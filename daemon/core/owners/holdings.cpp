#include "core/owners/holdings.h"

#include <algorithm>
#include <tuple>

namespace xion {
namespace {

void sort_lists(std::vector<ListEntry>& lists) {
  std::ranges::sort(lists, {}, [](const ListEntry& entry) {
    return std::tuple(entry.kind, entry.subject, entry.value, entry.phone);
  });
}

}  // namespace

void sort(Holdings& holdings) {
  constexpr auto by_age = [](const auto& thing) { return std::tie(thing.created_at, thing.id); };
  std::ranges::sort(holdings.apps, {}, [](const AppHoldings& of) -> const std::string& { return of.app.name; });
  for (AppHoldings& of : holdings.apps) {
    std::ranges::sort(of.keys, {}, by_age);
    std::ranges::sort(of.webhooks, {}, by_age);
    std::ranges::sort(of.templates, {}, [](const auto& text) { return std::tie(text.name, text.locale); });
    sort_lists(of.lists);
  }
  sort_lists(holdings.lists);
}

}  // namespace xion
