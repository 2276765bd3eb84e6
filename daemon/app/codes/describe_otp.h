#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "app/codes/read_otp.h"
#include "base/json_writer.h"
#include "core/settings.h"

namespace xion {

/// What a description needs beside the record.
struct Describing {
  std::span<const RouteSettings> routes;  ///< Of the configuration now.
  std::string_view app_name;
  bool shows_phone = false;  ///< Otherwise it is masked.
  WallTime now{};
  bool in_millis = false;  ///< Times to the millisecond, for operators; the API tells whole seconds.
};

/// `delivery.route`: the route that it was sent by, or would be.
std::string shown_route(const Otp& otp, const Secret& phone, const Describing& describing);
/// The newest message that a carrier has seen, which is what delivery is told by; null: none has.
const Message* told_message(const Otp& otp);

/// Writes a request as members of an open object: the same for `GET /v1/otp/{requestId}` and `xionctl otp`, so that a
/// customer and the operator see one truth. A pending request past its expiry is shown as expired, whether it was swept
/// yet or not.
void describe_otp(JsonWriter& json, const OtpView& view, const Describing& describing);
/// The sender that a carrier's messages show; empty: not known.
using SenderOf = std::function<std::string(std::string_view carrier)>;
/// Writes `"events": […]`, oldest first, as they stand now. `sender`: for operators, who are told of it, too.
void describe_events(JsonWriter& json, Otp otp, const Describing& describing, const SenderOf& sender = {});

}  // namespace xion
