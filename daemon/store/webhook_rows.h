#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/owners/webhook.h"

namespace xion {

std::string to_row(const WebhookDelivery& delivery);
std::optional<WebhookDelivery> delivery_from_row(std::uint64_t id, std::string_view row);

}  // namespace xion
