#include "core/otp/refusals.h"

#include <algorithm>
#include <vector>

#include "smpp/command.h"

namespace xion {

RefusalVerdict judge_refusals(const Message& message, const DispositionAt& disposition_at) {
  std::vector<std::string_view> refusing;
  std::vector<std::string_view> without_such_number;
  const auto note = [](std::vector<std::string_view>& carriers, std::string_view name) {
    if (std::ranges::find(carriers, name) == carriers.end()) carriers.push_back(name);
  };
  for (const Submission& submission : message.submissions) {
    if (submission.state != MessageState::rejected || submission.command_status == smpp::status::ok) continue;
    const Disposition disposition = disposition_at(submission.carrier, submission.command_status);
    if (disposition != Disposition::refused_number && disposition != Disposition::our_mistake) continue;
    note(refusing, submission.carrier);
    if (submission.command_status == smpp::status::rinvdstadr) note(without_such_number, submission.carrier);
  }
  if (without_such_number.size() >= 2) return RefusalVerdict::invalid_number;
  return refusing.size() >= 2 ? RefusalVerdict::give_up : RefusalVerdict::go_on;
}

}  // namespace xion
