// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/channel.hpp"
#include "runtime/task.hpp"
#include "weir/watermarks.hpp"

namespace weir::inline v0::detail {

/// One shard of a keyed stage: its operators, its state, its inputs.
///
/// Invariants:
/// 1. After a barrier from a channel, nothing of that channel is taken until all channels have
///    delivered theirs: what is in the state then is what precedes the barrier everywhere.
/// 2. The barrier is passed only while every operator is ready: no cursor is ever in a snapshot.
class ShardTask final : public Task {
 public:
  ShardTask(const TaskEnvironment& environment, StageId stage, ShardId shard,
            std::unique_ptr<ShardState> state, std::size_t element_count_max);
  ~ShardTask() override;

  /// Adds the receiver of a key_by node and the channels that feed it.
  void add_entry(std::size_t key_by, std::unique_ptr<SliceReceiver> receiver,
                 std::vector<Channel*> channels);
  SliceReceiver& receiver(std::size_t key_by);
  /// Opens receivers and operators at the watermark that the checkpoint had reached; then calls
  /// `load_state`, for which all tables are there; then gives operators back what they kept.
  void open_at(EventTime watermark, const std::map<NodeId, std::string>& blobs,
               const std::function<void()>& load_state);

  bool step() override;
  void request_barrier(CheckpointId) override {}
  bool has_ended() const override { return has_ended_; }
  EventTime watermark() const override { return watermark_; }
  ShardState* shard_state() noexcept override { return state_.get(); }
  ShardId shard() const noexcept { return shard_; }
  /// Elements that wait in the channels; any thread.
  std::size_t waiting() const noexcept;
  /// Bytes of state in memory, as of the last step; any thread.
  std::uint64_t published_state_bytes() const noexcept { return published_bytes_.get(); }
  void publish() noexcept override;

 private:
  struct Input {
    Channel* channel;
    std::size_t entry;
    std::size_t place;  ///< Input number of the entry's valve.
    bool has_barrier = false;
    bool has_ended = false;
  };
  struct Entry {
    std::size_t key_by;
    std::unique_ptr<SliceReceiver> receiver;
    std::unique_ptr<TaskNode> context;
    std::unique_ptr<WatermarkValve> valve;
    std::size_t running = 0;  ///< Inputs that have not ended.
    EventTime passed_watermark = EventTime::min();
    bool passed_idle = false;
    bool passed_end = false;
  };

  bool entries_ready() const;
  bool take(Input& input);
  void handle(Input& input, Element& element);
  void pass_time(Entry& entry);
  bool pass_controls();
  bool is_aligned() const;
  void take_snapshot();

  const ShardId shard_;
  std::unique_ptr<ShardState> state_;
  const std::size_t element_count_max_;
  std::vector<Entry> entries_;
  std::vector<Input> inputs_;
  std::size_t next_input_ = 0;
  std::size_t barrier_count_ = 0;
  CheckpointId aligning_;
  EventTime watermark_ = EventTime::min();
  bool has_ended_ = false;
  Counter published_bytes_;
};

}  // namespace weir::inline v0::detail
