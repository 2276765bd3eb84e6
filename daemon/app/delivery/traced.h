#pragma once
#include <cstdint>
#include <string_view>

#include "base/tracing.h"
#include "core/ids.h"
#include "core/otp/otp.h"
#include "core/owners/webhook.h"
#include "ports/http_client.h"

/// The spans of a request after its call was answered: what carriers and receivers do with it. Nothing where tracing is
/// off, or the request is not sampled. Loop thread only.
namespace xion::traced {

/// The request was made, or sent again, by the call of this span.
void made(const tracing::SpanPtr& call, const OtpId& id);
/// Another call was about it, such as a verify: linked to the trace in which it was made.
void met(const tracing::SpanPtr& call, const OtpId& id);

/// What the call that runs now has made durable: from its hand-over to the store until the commit is told of.
tracing::SpanPtr commit_begins();
void commit_ends(tracing::SpanPtr& kept, bool is_durable);

/// A message was handed to a bind.
void submit_begins(const OtpId& id, std::string_view carrier);
/// `status`: of the submit_sm_resp.
void submit_ends(const OtpId& id, std::uint32_t status, std::string_view smsc_message_id);
/// No response came, or none will.
void submit_is_lost(const OtpId& id, std::string_view why);

/// A receipt was stored: from when it came.
void receipt_kept(const OtpId& id, std::string_view carrier, std::string_view smsc_message_id, MessageState state,
                  WallTime came_at);

/// One call of a webhook with one delivery; its span ends with the handle.
tracing::SpanPtr webhook_call(const WebhookDelivery& delivery, std::string_view url);
void webhook_answered(const tracing::SpanPtr& call, const PostOutcome& outcome);

}  // namespace xion::traced
