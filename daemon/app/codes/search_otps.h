#pragma once
#include "app/codes/read_otp.h"

namespace xion {

/// What `GET /v1/otp` asks for; what is not given matches all.
struct OtpSearch {
  AppId app = 0;
  bool is_test = false;              ///< Requests of test keys, or those of live ones.
  std::optional<std::string> phone;  ///< E.164
  std::optional<OtpStatus> status;   ///< As it is shown: a pending request past its expiry is expired.
  std::string delivery;              ///< As `delivery_status` says it; empty: any.
  std::string country, reference, user_id, purpose;
  std::vector<std::pair<std::string, std::string>> metadata;  ///< All of these pairs.
  std::string route;                                          ///< That it was sent by at first.
  std::string carrier;                                        ///< That the newest message was handed to last.
  std::string error;       ///< What that carrier said, as `delivery.error`, or the status of its response by name.
  std::string reason;      ///< Of the request, or of a send of it that was refused: a code of the error catalogue.
  std::string phone_ends;  ///< Last digits of the number.
  std::optional<OtpId> phone_of;  ///< The number of this request, which must be of the same app and world.
  std::optional<WallTime> from;   ///< Made then or later …
  std::optional<WallTime> to;     ///< … and before that.
  std::optional<OtpId> before;    ///< The cursor: older than this one.
  std::size_t limit = 20;
};

struct OtpPage {
  std::vector<OtpView> found;  ///< Newest first.
  std::optional<OtpId> next;   ///< The next page is older than it; nothing: that was all.
};

/// So many requests that seemed to match are looked at for one page, at most: then a page ends early, even empty, and
/// `next` goes on.
inline constexpr std::size_t search_scan_limit = 2'000;

/// `done(page, false)`: the store failed.
void search_otps(Services& services, OtpSearch search, std::move_only_function<void(OtpPage, bool)> done);

}  // namespace xion
