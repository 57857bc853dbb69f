// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/alignment.hpp"
#include "runtime/channel.hpp"
#include "runtime/worker.hpp"

namespace weir::inline v0::detail {

/// What a checkpoint kept of one task.
struct RestoredTask {
  std::optional<Position> position;  ///< Of a split.
  EventTime watermark = EventTime::min();
  std::map<NodeId, std::string> blobs;
};

/// What a checkpoint kept of all tasks: by the stage's name, then the task's (split or shard).
using RestoredTasks = std::map<std::pair<std::string, std::string>, RestoredTask>;

/// What an assembly needs, beside graph and plan.
struct AssemblyOptions {
  std::uint32_t workers = 1;
  ChannelLimits channel;
  std::uint32_t batch_records = 1024;
  /// Elements that one step of a shard takes at most.
  std::size_t shard_elements = 64;
  WorkerEvents events;
  std::function<std::unique_ptr<ShardState>(const PlanStage&, ShardId)> make_state;
  /// Loads the state of a shard whose operators have been opened.
  std::function<void(const PlanStage&, ShardId, ShardState&)> load_state;
};

/// All tasks of a job, on workers, joined by channels. Built whole, taken apart whole.
class Assembly final {
 public:
  /// Opens sources, sinks and operators at what `restored` says. Throws what they throw.
  Assembly(const TaskEnvironment& environment, AssemblyOptions options,
           const RestoredTasks& restored);
  Assembly(const Assembly&) = delete;
  Assembly& operator=(const Assembly&) = delete;
  ~Assembly();

  const std::vector<std::unique_ptr<Worker>>& workers() const noexcept { return workers_; }
  /// All tasks, for metrics and for counting parts.
  const std::vector<Task*>& tasks() const noexcept { return tasks_; }
  const std::vector<SplitTask*>& splits() const noexcept { return splits_; }

 private:
  /// One end of an edge: of all local tasks together, or of one task that feeds one shard.
  struct PendingEdge {
    std::size_t edge;
    std::uint32_t worker;
    std::optional<std::size_t> task;  ///< Its index, where the edge is bound to partitions.
    EdgeOutput* output;
    std::vector<Channel*> channels;  ///< By shard; null: it does not lead there.
  };
  /// Where a task is: by worker, among all of its stage, among those of its stage and worker.
  struct Place {
    std::uint32_t worker;
    std::size_t index;
    std::size_t local;
  };

  void list_splits();
  void list_shards();
  std::vector<std::uint32_t> partitions_of(StageId stage) const;
  std::vector<std::uint32_t> bound_shards(const PlanStage& stage) const;
  void place_tasks();
  void make_channels();
  void make_outputs(std::size_t edge);
  void make_bound_outputs(std::size_t edge);
  Channel* make_channel(std::uint32_t from, std::uint32_t to);
  Place place_of(StageId stage, std::size_t index) const;
  std::vector<std::uint32_t> workers_of(StageId stage) const;
  std::size_t task_count(StageId stage) const;
  void open_sinks();
  void build_split(const PlanStage& stage, std::size_t index);
  void build_shard(const PlanStage& stage, std::size_t index);
  void add_nodes(Task& task, const Place& place);
  void link_nodes(Task& task, SplitTask* split, ShardTask* shard);
  SinkContext sink_context(std::size_t node, const std::string& task, std::uint32_t worker) const;
  SourceContext source_context(std::size_t node, std::uint32_t worker) const;
  void open_pump(SplitTask& task, std::uint32_t worker, const std::optional<Position>& position);
  void open_tasks(const RestoredTasks& restored);
  void set_alignment();
  void stand_by();

  const TaskEnvironment& environment_;
  const AssemblyOptions options_;
  std::vector<std::vector<SplitId>> splits_of_;        // By stage; empty for keyed ones.
  std::vector<std::vector<std::uint32_t>> shards_of_;  // By stage, in order; empty for sources.
  std::vector<std::vector<std::uint32_t>> worker_of_;  // By stage, then task.
  std::vector<std::unique_ptr<Channel>> channels_;
  std::vector<PendingEdge> pending_;
  std::vector<std::unique_ptr<Alignment>> alignments_;
  std::vector<std::unique_ptr<std::string>> labels_;
  std::vector<Task*> tasks_;
  std::vector<SplitTask*> splits_;
  std::vector<std::unique_ptr<Worker>> workers_;  // Last: their tasks refer to all of the above.
};

}  // namespace weir::inline v0::detail
