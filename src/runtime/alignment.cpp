// SPDX-License-Identifier: Apache-2.0
#include "runtime/alignment.hpp"

#include <algorithm>

namespace weir::inline v0::detail {

EventTime Alignment::slowest() const {
  EventTime slowest = EventTime::max();
  for (const Member& member : members_) {
    if (member.task->has_input()) slowest = std::min(slowest, member.task->split_watermark());
  }
  return slowest;
}

void Alignment::decide(std::uint32_t worker) {
  const EventTime limit = slowest() + max_drift_;
  for (const Member& member : members_) {
    if (member.worker == worker) member.task->hold(member.task->split_watermark() > limit);
  }
}

}  // namespace weir::inline v0::detail
