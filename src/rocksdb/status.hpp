// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace rocksdb {
class Status;
}

namespace weir::inline v0::detail {

/// Throws what a status that is not ok means: CorruptState or IoError, with what was tried.
void check(const ::rocksdb::Status& status, const std::string& what);

}  // namespace weir::inline v0::detail
