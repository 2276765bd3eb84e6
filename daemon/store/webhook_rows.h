#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/webhook.h"

namespace xion {

std::string to_row(const Webhook& webhook);
std::optional<Webhook> webhook_from_row(std::string_view id, std::string_view row);

std::string to_row(const WebhookDelivery& delivery);
std::optional<WebhookDelivery> delivery_from_row(std::uint64_t id, std::string_view row);

}  // namespace xion
