// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "weir/detail/dataflow/batch.hpp"
#include "weir/ids.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// What travels through a channel: records, and control in order with them.
struct Element {
  enum class Kind : std::uint8_t { slice, watermark, idle, active, end, barrier };

  Kind kind = Kind::slice;
  Slice slice;
  EventTime watermark;
  CheckpointId checkpoint;

  static Element records(Slice records) {
    Element element;
    element.slice = std::move(records);
    return element;
  }
  static Element time(EventTime watermark) {
    Element element;
    element.kind = Kind::watermark;
    element.watermark = watermark;
    return element;
  }
  static Element control(Kind kind, CheckpointId checkpoint = {}) {
    Element element;
    element.kind = kind;
    element.checkpoint = checkpoint;
    return element;
  }
};

}  // namespace weir::inline v0::detail
