#pragma once
#include <optional>
#include <string>

#include "app/codes/send_otp.h"

namespace xion {

/// What is wrong with the values that a send has for its text.
struct TextFault {
  std::string field;       ///< Of the API's body.
  std::string detail;      ///< A sentence.
  std::string suggestion;  ///< The name that was meant; empty: nobody knows.
};

/// Every value has a place in the text and every place a value; what the code is bound to is shown; the code can't
/// stand in a value, nor a link where the text does not say that one may. Nothing: so it is.
std::optional<TextFault> fault_in_values(const SendRequest& request);

}  // namespace xion
