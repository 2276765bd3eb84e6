#include "app/codes/search_otps.h"
#include "core/otp/otp_rules.h"
#include "core/otp/world.h"
#include "domain/txn.h"

#include <algorithm>
#include <utility>

#include "app/codes/test_stories.h"
#include "core/otp/search_names.h"
#include "smpp/command.h"

namespace xion {
namespace {

/// The name to look for first: what fewest requests have, as a rule.
std::string rarest_name(const OtpSearch& search) {
  if (!search.user_id.empty()) return user_name(search.user_id);
  if (!search.metadata.empty()) return metadata_name(search.metadata.front().first, search.metadata.front().second);
  if (search.purpose.empty()) return {};
  return purpose_name(search.is_test ? test_purpose(search.purpose) : search.purpose);
}

/// The code of a reason: what stands behind a colon says more of one case.
std::string_view code_of(std::string_view reason) { return reason.substr(0, reason.find(':')); }

bool has_reason_code(const Otp& otp, std::string_view code) {
  return code_of(otp.reason) == code || std::ranges::any_of(otp.policy_events, [code](const PolicyEvent& event) {
           return event.is_refusal && code_of(describe(event)) == code;
         });
}

class PageFinder {
 public:
  PageFinder(Txn& txn, const OtpSearch& search, Vault& vault, WallTime now)
      : txn_(txn), search_(search), vault_(vault), now_(now) {
    filter_ = {.app = search.app,
               .is_test = search.is_test,
               .phone = {},
               .reference = search.reference,
               .name = rarest_name(search),
               .status = search.status,
               .delivery = search.delivery,
               .country = search.country};
    if (search.phone) filter_.phone = vault.phone_fingerprint(*search.phone);
    if (search.from) oldest_ = first_otp_id_at(*search.from);
  }

  OtpPage find() {
    if (search_.phone_of && !take_phone_of(*search_.phone_of)) return std::move(page_);
    std::optional<OtpId> before = search_.before;
    if (search_.to) {
      const OtpId end = first_otp_id_at(*search_.to);
      before = before ? std::min(*before, end) : end;
    }
    // A page that everything found is on reads little more than itself.
    for (std::size_t step = search_.limit + 1, seen = 0; seen < search_scan_limit;
         step = std::min<std::size_t>(step * 2, 512)) {
      const std::size_t wanted = std::min(step, search_scan_limit - seen);
      auto read = txn_.find(filter_, before, wanted);
      const bool is_cut = read.otps.size() < wanted;  // It has looked at enough, though it found less.
      seen += read.otps.size();
      for (Otp& otp : read.otps) {
        if (otp.id < oldest_) return std::move(page_);
        if (page_.found.size() == search_.limit) {
          page_.next = before;  // There is one more, whether it matches or not.
          return std::move(page_);
        }
        before = otp.id;
        if (matches(otp)) add(std::move(otp));
      }
      if (!read.rest || *read.rest <= oldest_) return std::move(page_);
      before = read.rest;
      if (is_cut) break;
    }
    page_.next = before;
    return std::move(page_);
  }

 private:
  /// False: there is no such request, or it is none of theirs.
  bool take_phone_of(const OtpId& id) {
    const auto otp = txn_.otp(id);
    if (!otp || otp->app != search_.app || otp->test != search_.is_test) return false;
    if (filter_.phone && *filter_.phone != otp->phone) return false;
    filter_.phone = otp->phone;
    return true;
  }

  bool went_by(const Otp& otp) const {
    if (search_.carrier.empty() && search_.error.empty()) return true;
    if (otp.messages.empty() || otp.messages.back().submissions.empty()) return false;
    const Submission& last = otp.messages.back().submissions.back();
    if (!search_.carrier.empty() && last.carrier != search_.carrier) return false;
    return search_.error.empty() || last.receipt_error == search_.error ||
           (last.command_status != 0 && smpp::status_name(last.command_status) == search_.error);
  }

  bool ends_right(const Otp& otp) const {
    if (search_.phone_ends.empty()) return true;
    const auto phone = vault_.open(otp.id, otp.phone_sealed);
    return phone && phone->reveal().ends_with(search_.phone_ends);
  }

  bool matches(Otp& otp) const {
    if (otp.app != search_.app || otp.test != search_.is_test || (filter_.phone && otp.phone != *filter_.phone))
      return false;
    if (!search_.country.empty() && otp.country != search_.country) return false;
    if (!search_.reference.empty() && otp.reference != search_.reference) return false;
    if (!search_.user_id.empty() && otp.user_id != search_.user_id) return false;
    if (!search_.purpose.empty() && shown_purpose(otp.purpose) != search_.purpose) return false;
    for (const auto& pair : search_.metadata)
      if (std::ranges::find(otp.metadata, pair) == otp.metadata.end()) return false;
    if (!search_.delivery.empty() && delivery_status(otp) != search_.delivery) return false;
    if (!search_.route.empty() && otp.route_taken != search_.route) return false;
    if (!search_.reason.empty() && !has_reason_code(otp, search_.reason)) return false;
    if (!went_by(otp) || !ends_right(otp)) return false;
    if (!search_.status) return true;
    otp_rules::expire(otp, now_);
    return otp.status == *search_.status;
  }

  void add(Otp otp) {
    auto phone = vault_.open(otp.id, otp.phone_sealed);
    page_.found.push_back({std::move(otp), phone.value_or(Secret())});
  }

  Txn& txn_;
  const OtpSearch& search_;
  Vault& vault_;
  WallTime now_;
  OtpFilter filter_;
  OtpId oldest_{};
  OtpPage page_;
};

}  // namespace

void search_otps(Services& services, OtpSearch search, std::move_only_function<void(OtpPage, bool)> done) {
  run_reading(
      services.store,
      [search = std::move(search), &vault = services.store_vault, now = services.loop.wall_now()](Txn& txn) {
        return PageFinder(txn, search, vault, now).find();
      },
      [done = std::move(done)](Commit commit, OtpPage& page) mutable {
        done(std::move(page), commit == Commit::durable);
      });
}

}  // namespace xion
