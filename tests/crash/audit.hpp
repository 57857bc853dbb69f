// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace weir::crash {

/// What the published output of the crash job says.
struct Audit {
  std::uint64_t lost = 0;         ///< Records that are in no file.
  std::uint64_t doubled = 0;      ///< Records beyond the first of their number.
  std::uint64_t misnumbered = 0;  ///< Keys whose numbers are not 1, 2, 3, ... each once.
  std::uint64_t foreign = 0;      ///< Lines that the job cannot have written.
};

/// Reads all files below `directory` that are not hidden.
Audit audit_output(const std::string& directory, std::uint64_t records);

}  // namespace weir::crash
