#pragma once
#include <string>

#include "app/codes/describe_otp.h"

namespace xion {

/// Appends the line of column names, or a request as a line: what `describe_otp` tells, without its events. RFC 4180,
/// lines end in CR LF. What clients wrote (reference, userId) and a spreadsheet would take for a formula has a `'`
/// before it.
void csv_otp_names(std::string& csv);
void csv_otp(std::string& csv, const OtpView& view, const Describing& describing);

}  // namespace xion
