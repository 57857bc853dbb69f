// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/channel.hpp"
#include "weir/detail/dataflow/context.hpp"
#include "weir/watermarks.hpp"

namespace weir::inline v0::detail {

/// The producing end of one edge for all tasks of one worker. Forwards one watermark (the minimum
/// over the tasks), one state of idleness, one end and one barrier for all of them.
///
/// A watermark goes to a shard with the next records for it, before the next control, or at the
/// latest in flush(): of several with nothing between them a shard sees the last. So a watermark
/// per record does not cost an element per record and shard.
class EdgeOutput final {
 public:
  /// `channels`: one per shard of the consuming stage. `own`: the worker's waker, never woken here.
  EdgeOutput(std::vector<Channel*> channels, Waker& own, std::size_t tasks);

  ~EdgeOutput();

  /// The door of one task. Lives as long as this.
  ExchangeOutput& task(std::size_t index);

  /// There are no tasks and none will come: end of time, end of input.
  void end_without_tasks();
  /// Every local task has passed the barrier.
  void barrier(CheckpointId checkpoint);
  /// Sends what time it is to those that do not know, and moves waiting control on. Returns whether
  /// some still waits.
  bool flush();
  /// Wakes the consumers that got something since the last call.
  void wake_consumers();
  bool ready();

 private:
  class TaskDoor;

  void push(ShardId shard, Slice slice);
  void watermark(std::size_t task, EventTime watermark);
  void idle(std::size_t task, bool is_idle);
  void end(std::size_t task);
  void send(std::uint32_t shard, Element control);
  void send_to_all(const Element& control);
  void forward_idleness();
  void send_watermark();
  void will_wake(Waker& consumer);

  std::vector<Channel*> channels_;
  Waker& own_;
  std::vector<std::unique_ptr<TaskDoor>> doors_;
  std::vector<std::uint32_t> tight_;  // Channels that had no room when last looked at.
  std::vector<Waker*> to_wake_;
  WatermarkValve valve_;
  std::vector<EventTime> sent_watermarks_;       // By channel.
  EventTime sent_watermark_ = EventTime::min();  // To all channels.
  bool sent_idle_ = false;
  std::size_t running_tasks_;
};

}  // namespace weir::inline v0::detail
