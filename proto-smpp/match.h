#pragma once

namespace xion::smpp {

/// The cases of a std::visit, one lambda for each alternative.
template <typename... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};

}  // namespace xion::smpp
