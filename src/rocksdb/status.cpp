// SPDX-License-Identifier: Apache-2.0
#include "rocksdb/status.hpp"

#include <rocksdb/status.h>

#include "weir/error.hpp"

namespace weir::inline v0::detail {

void check(const ::rocksdb::Status& status, const std::string& what) {
  if (status.ok()) return;
  const std::string text = "cannot " + what + ": " + status.ToString();
  if (status.IsCorruption()) throw CorruptState{text};
  throw IoError{text};
}

}  // namespace weir::inline v0::detail
