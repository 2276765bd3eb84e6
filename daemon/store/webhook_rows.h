#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/owners/webhook.h"
#include "store/webhook_index.h"

namespace xion {

std::string to_row(const WebhookDelivery& delivery);
std::optional<WebhookDelivery> delivery_from_row(std::uint64_t id, std::string_view row);
/// What the index needs, without reading the rest; valid as long as `row`.
std::optional<WebhookIndex::Place> delivery_place_from_row(std::string_view row);

}  // namespace xion
