#pragma once
#include <string>
#include <string_view>

namespace xion::config {

/// For a key of [[carrier]] that is not ours: what Kannel's `group = smsc`, Jasmin's `smppccm` and most client
/// libraries call so, as a hint that says how it is called here. Empty: nobody calls anything so. The manual has the
/// whole table (xionid.toml(5), COMING FROM KANNEL OR JASMIN).
std::string called_here(std::string_view key);

}  // namespace xion::config
