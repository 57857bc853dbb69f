// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "weir/detail/dataflow/batch.hpp"

namespace weir::inline v0 {

/// Takes the records that a flat_map makes of one record. They carry its event time.
///
///     lines.flat_map([](const std::string& line, weir::Emitter<std::string>& emit) {
///       for (std::size_t at = 0; at < line.size(); ++at) emit(line.substr(at, 1));
///     });
///     // "ab" becomes "a", "b"
template <class U>
class Emitter final {
 public:
  explicit Emitter(detail::OwnedBatch<U>& batch) noexcept : batch_{&batch} {}

  void operator()(U value) { batch_->values.push_back(std::move(value)); }
  /// Makes the record in place.
  template <class... Part>
  void emplace(Part&&... parts) {
    batch_->values.emplace_back(std::forward<Part>(parts)...);
  }

 private:
  detail::OwnedBatch<U>* batch_;
};

}  // namespace weir::inline v0
