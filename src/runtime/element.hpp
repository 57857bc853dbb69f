// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "weir/detail/dataflow/batch.hpp"
#include "weir/ids.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// What travels through a channel: records, and control in order with them. A watermark may ride
/// on a slice: it precedes the slice's records.
struct Element {
  enum class Kind : std::uint8_t { slice, watermark, idle, active, end, barrier };

  Kind kind = Kind::slice;
  Slice slice;
  EventTime watermark = EventTime::min();
  CheckpointId checkpoint;

  static Element records(Slice records, EventTime watermark = EventTime::min()) {
    Element element;
    element.slice = std::move(records);
    element.watermark = watermark;
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
