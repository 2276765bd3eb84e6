#pragma once
#include <cstdint>

#include "carrier/fault.h"
#include "carrier/random.h"
#include "carrier/script.h"

namespace xion::carrier {

/// How the answer to a submit_sm is written.
enum class AnswerForm : std::uint8_t {
  plain,         ///< as the spec has it: an id, or a bare header where refused
  with_body,     ///< an error with an id and a TLV
  with_tlv,      ///< accepted, and a TLV behind the id
  without_id,    ///< accepted, and no id
  with_blanks,   ///< accepted, and blanks behind the id
  with_long_id,  ///< accepted, and an id that no field has room for
  nack,
  nack_zero,  ///< generic_nack that names no sequence number
  none,       ///< no answer at all
};

struct Verdict {
  std::uint32_t status = 0;
  AnswerForm form = AnswerForm::plain;
  Millis delay{0};
  bool is_receipt_first = false;
  IdStyle id_style = IdStyle::same;
  bool is_accepted() const { return status == 0; }
};

/// What is known of a submit when it is judged.
struct Circumstances {
  bool is_over_window = false;
  bool is_over_rate = false;
  std::uint64_t submits = 0;         ///< of the whole carrier, this one included
  const Outcome* outcome = nullptr;  ///< the script's, if it has one for this phone
};

/// Decides the fate of one submit_sm. What the ESME did wrong comes first, then the script, then the faults.
Verdict judge(const Circumstances& circumstances, Faults& faults, Random& random);

}  // namespace xion::carrier
