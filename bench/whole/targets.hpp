// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "bench/whole/suite.hpp"

namespace bench {

/// What came of one target.
struct Verdict {
  enum class Kind { met, missed, not_checked };
  Kind kind = Kind::met;
  std::string text;
};

/// Checks the figures that were measured against the targets; the others are not mentioned.
/// `machine_scaling`: what two threads reach here, as a multiple of one.
std::vector<Verdict> check(const Suite& suite, double machine_scaling);

}  // namespace bench
