// SPDX-License-Identifier: Apache-2.0
#include "runtime/assembly.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "graph/partitions.hpp"
#include "weir/detail/assert.hpp"
#include "weir/detail/state/shard_state.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {

Assembly::Assembly(const TaskEnvironment& environment, AssemblyOptions options,
                   const RestoredTasks& restored)
    : environment_{environment}, options_{std::move(options)} {
  for (std::uint32_t index = 0; index < options_.workers; ++index) {
    workers_.push_back(std::make_unique<Worker>(index, *environment_.clock, options_.events));
  }
  list_splits();
  list_shards();
  place_tasks();
  make_channels();
  open_sinks();
  for (const PlanStage& stage : environment_.plan->stages) {
    for (std::size_t index = 0; index < task_count(stage.id); ++index) {
      if (stage.is_keyed()) {
        build_shard(stage, index);
      } else {
        build_split(stage, index);
      }
    }
  }
  open_tasks(restored);
  set_alignment();
  stand_by();
}

Assembly::~Assembly() = default;

void Assembly::list_splits() {
  for (const PlanStage& stage : environment_.plan->stages) {
    std::vector<SplitId> splits;
    if (stage.source) {
      const Node& node = environment_.graph->nodes[*stage.source];
      splits = node.source->splits(source_context(*stage.source, 0));
    }
    splits_of_.push_back(std::move(splits));
  }
}

/// All shards of a stage that has an exchange before it; else those of the partitions that this
/// process reads.
void Assembly::list_shards() {
  const std::vector<PlanStage>& stages = environment_.plan->stages;
  shards_of_.resize(stages.size());
  for (const PlanStage& stage : stages) {
    if (!stage.is_keyed()) continue;
    std::vector<std::uint32_t>& shards = shards_of_[stage.id.value];
    if (stage.is_bound()) {
      shards = bound_shards(stage);
    } else {
      shards.resize(stage.shards);
      std::iota(shards.begin(), shards.end(), 0U);
    }
  }
}

/// Of the splits of a source that this process reads; in the order of the splits.
std::vector<std::uint32_t> Assembly::partitions_of(StageId stage) const {
  const Node& node = environment_.graph->nodes[*environment_.plan->stages[stage.value].source];
  std::vector<std::uint32_t> partitions;
  if (!node.source->partitioned_topic()) return partitions;
  for (const SplitId& split : splits_of_[stage.value]) {
    partitions.push_back(node.source->partition_of(split));
  }
  return partitions;
}

/// Throws when the sources that meet in the stage are not read in the same partitions.
std::vector<std::uint32_t> Assembly::bound_shards(const PlanStage& stage) const {
  std::optional<std::vector<std::uint32_t>> shards;
  for (const PlanStage& from : environment_.plan->stages) {
    const std::vector<std::size_t> sources = sources_above(*environment_.plan, stage.id);
    const bool is_above = from.source && std::count(sources.begin(), sources.end(), *from.source);
    if (!is_above) continue;
    std::vector<std::uint32_t> partitions = partitions_of(from.id);
    std::sort(partitions.begin(), partitions.end());
    if (!partitions.empty() && partitions.back() >= stage.shards) {
      throw IoError{"source '" + from.name + "' reads partition " +
                    std::to_string(partitions.back()) + " of " + std::to_string(stage.shards) +
                    ": its topic has just grown"};
    }
    if (shards && *shards != partitions) {
      throw ConfigError{"the sources that meet in '" + stage.name +
                        "' by partition are not read in the same partitions by this process: "
                        "assign partition p of each to one process"};
    }
    shards = std::move(partitions);
  }
  return std::move(*shards);
}

std::size_t Assembly::task_count(StageId stage) const {
  const bool is_keyed = environment_.plan->stages[stage.value].is_keyed();
  return is_keyed ? shards_of_[stage.value].size() : splits_of_[stage.value].size();
}

/// Splits go round the workers; shards in contiguous ranges, so that ranges of key groups do too.
/// Partitions go round by number, in every stage: a split and the shard bound to it meet.
void Assembly::place_tasks() {
  for (const PlanStage& stage : environment_.plan->stages) {
    const std::size_t count = task_count(stage.id);
    std::vector<std::uint32_t> partitions;
    if (!stage.is_keyed()) partitions = partitions_of(stage.id);
    const auto round_place = [&](std::size_t task) {
      if (partitions.empty()) return task;
      return static_cast<std::size_t>(
          std::count_if(partitions.begin(), partitions.end(),
                        [own = partitions[task]](std::uint32_t other) { return other < own; }));
    };
    std::vector<std::uint32_t> placed(count);
    for (std::size_t task = 0; task < count; ++task) {
      const bool is_range = stage.is_keyed() && !stage.is_bound();
      placed[task] = static_cast<std::uint32_t>(is_range ? task * options_.workers / count
                                                         : round_place(task) % options_.workers);
    }
    worker_of_.push_back(std::move(placed));
  }
}

/// Workers with tasks of the stage; the first one stands in for a stage without any.
std::vector<std::uint32_t> Assembly::workers_of(StageId stage) const {
  const std::vector<std::uint32_t>& placed = worker_of_[stage.value];
  if (placed.empty()) return {0};
  const std::set<std::uint32_t> distinct(placed.begin(), placed.end());
  return {distinct.begin(), distinct.end()};
}

void Assembly::make_channels() {
  for (std::size_t edge = 0; edge < environment_.plan->edges.size(); ++edge) {
    const StageId to = environment_.plan->edges[edge].to;
    if (environment_.plan->stages[to.value].is_bound()) {
      make_bound_outputs(edge);
    } else {
      make_outputs(edge);
    }
  }
}

Channel* Assembly::make_channel(std::uint32_t from, std::uint32_t to) {
  channels_.push_back(
      std::make_unique<Channel>(options_.channel, workers_[from]->waker(), workers_[to]->waker()));
  return channels_.back().get();
}

/// A way out for each task, to the shard of its partition and no other: it has its own time.
void Assembly::make_bound_outputs(std::size_t edge) {
  const PlanEdge& plan = environment_.plan->edges[edge];
  const PlanStage& from = environment_.plan->stages[plan.from.value];
  const std::vector<std::uint32_t> partitions =
      from.is_keyed() ? shards_of_[plan.from.value] : partitions_of(plan.from);
  const std::vector<std::uint32_t>& shards = shards_of_[plan.to.value];
  for (std::size_t task = 0; task < partitions.size(); ++task) {
    const auto shard = static_cast<std::size_t>(
        std::find(shards.begin(), shards.end(), partitions[task]) - shards.begin());
    const std::uint32_t worker = worker_of_[plan.from.value][task];
    std::vector<Channel*> channels(shards.size(), nullptr);
    channels[shard] = make_channel(worker, worker_of_[plan.to.value][shard]);
    auto output = std::make_unique<EdgeOutput>(std::vector<Channel*>{channels[shard]},
                                               workers_[worker]->waker(), 1);
    pending_.push_back({edge, worker, task, output.get(), std::move(channels)});
    workers_[worker]->add_output(std::move(output), plan.from);
  }
}

void Assembly::make_outputs(std::size_t edge) {
  const PlanEdge& plan = environment_.plan->edges[edge];
  const std::vector<std::uint32_t>& placed = worker_of_[plan.from.value];
  for (const std::uint32_t worker : workers_of(plan.from)) {
    std::vector<Channel*> channels;
    for (const std::uint32_t consumer : worker_of_[plan.to.value]) {
      channels.push_back(make_channel(worker, consumer));
    }
    const auto tasks = static_cast<std::size_t>(std::count(placed.begin(), placed.end(), worker));
    auto output = std::make_unique<EdgeOutput>(channels, workers_[worker]->waker(), tasks);
    pending_.push_back({edge, worker, std::nullopt, output.get(), std::move(channels)});
    workers_[worker]->add_output(std::move(output), plan.from);
  }
}

SinkContext Assembly::sink_context(std::size_t node, const std::string& task,
                                   std::uint32_t worker) const {
  SinkContext context;
  context.node = environment_.graph->nodes[node].name;
  context.task = task;
  context.clock = environment_.clock;
  context.files = environment_.files;
  context.guarantee = environment_.guarantee;
  context.has_checkpoints = environment_.keeps_deltas;
  context.wake = [waker = &workers_[worker]->waker()] { waker->wake(); };
  context.on_storage_thread = environment_.on_storage_thread;
  context.fail = environment_.fail;
  return context;
}

SourceContext Assembly::source_context(std::size_t node, std::uint32_t worker) const {
  SourceContext context;
  context.node = environment_.graph->nodes[node].name;
  context.job = environment_.graph->job_name;
  context.instance = environment_.instance;
  context.clock = environment_.clock;
  context.files = environment_.files;
  context.inline_io = environment_.is_ordered;
  context.wake = [waker = &workers_[worker]->waker()] { waker->wake(); };
  return context;
}

void Assembly::open_sinks() {
  const Graph& graph = *environment_.graph;
  for (std::size_t node = 0; node < graph.nodes.size(); ++node) {
    if (graph.nodes[node].kind != NodeKind::sink || !graph.nodes[node].sink) continue;
    std::size_t writers = 0;
    for (const PlanStage& stage : environment_.plan->stages) {
      const auto& nodes = stage.nodes;
      const bool is_here = std::find(nodes.begin(), nodes.end(), node) != nodes.end();
      if (is_here) writers += task_count(stage.id);
    }
    graph.nodes[node].sink->open(sink_context(node, "", 0), writers);
  }
}

Assembly::Place Assembly::place_of(StageId stage, std::size_t index) const {
  const std::uint32_t worker = worker_of_[stage.value][index];
  const WorkerStage* local = workers_[worker]->find_stage(stage);
  return {worker, index, local == nullptr ? 0 : local->tasks().size()};
}

void Assembly::build_split(const PlanStage& stage, std::size_t index) {
  const Place place = place_of(stage.id, index);
  const std::vector<SplitId>& splits = splits_of_[stage.id.value];
  SplitPlace split_place{static_cast<std::uint32_t>(index),
                         static_cast<std::uint32_t>(splits.size())};
  if (stage.partitions > 0) {
    const Node& source = environment_.graph->nodes[*stage.source];
    split_place = {source.source->partition_of(splits[index]), stage.partitions};
  }
  auto task = std::make_unique<SplitTask>(environment_, stage.id, splits[index], split_place,
                                          options_.batch_records);
  SplitTask& built = *task;
  add_nodes(built, place);
  tasks_.push_back(&built);
  splits_.push_back(&built);
  workers_[place.worker]->add_task(std::move(task));
}

void Assembly::build_shard(const PlanStage& stage, std::size_t index) {
  const Place place = place_of(stage.id, index);
  const ShardId shard{shards_of_[stage.id.value][index]};
  auto task = std::make_unique<ShardTask>(
      environment_, stage.id, shard, options_.make_state(stage, shard), options_.shard_elements);
  ShardTask& built = *task;
  for (const std::size_t key_by : stage.entries) {
    std::vector<Channel*> channels;
    for (const PendingEdge& pending : pending_) {
      if (environment_.plan->edges[pending.edge].key_by != key_by) continue;
      if (pending.channels[index] != nullptr) channels.push_back(pending.channels[index]);
    }
    built.add_entry(key_by, environment_.graph->nodes[key_by].make_receiver(), std::move(channels));
  }
  add_nodes(built, place);
  link_nodes(built, nullptr, &built);
  tasks_.push_back(&built);
  workers_[place.worker]->add_task(std::move(task));
}

void Assembly::add_nodes(Task& task, const Place& place) {
  for (const std::size_t node : task.plan_stage().nodes) {
    ExchangeOutput* exchange = nullptr;
    for (const PendingEdge& pending : pending_) {
      const PlanEdge& edge = environment_.plan->edges[pending.edge];
      if (edge.key_by != node || edge.from != task.stage()) continue;
      if (pending.task) {
        if (*pending.task == place.index) exchange = &pending.output->task(0);
      } else if (pending.worker == place.worker) {
        exchange = &pending.output->task(place.local);
      }
    }
    task.add_node(node, exchange, sink_context(node, task.name(), place.worker));
  }
}

void Assembly::link_nodes(Task& task, SplitTask* split, ShardTask* shard) {
  for (const auto& consumer : task.nodes()) {
    for (const InputEdge& input : environment_.graph->nodes[consumer->node()].inputs) {
      const Node& producer = environment_.graph->nodes[input.node];
      const auto link = [&] { return link_to(consumer->code(), input.port); };
      if (producer.kind == NodeKind::key_by) {
        const auto& entries = task.plan_stage().entries;
        const bool is_entry =
            std::find(entries.begin(), entries.end(), input.node) != entries.end();
        if (is_entry && shard != nullptr) shard->receiver(input.node).connect(0, link());
      } else if (producer.kind == NodeKind::source) {
        if (split != nullptr && task.plan_stage().source == input.node) {
          split->pump().connect(input.outlet, link());
        }
      } else if (TaskNode* node = task.find_node(input.node)) {
        node->code().connect(input.outlet, link());
      }
    }
  }
}

void Assembly::open_pump(SplitTask& task, std::uint32_t worker,
                         const std::optional<Position>& position) {
  const std::size_t node = *task.plan_stage().source;
  labels_.push_back(std::make_unique<std::string>(task.split().value));
  PumpOptions options;
  options.split_label = labels_.back().get();
  options.metrics = task.source_metrics();
  options.on_error = environment_.graph->nodes[node].on_error;
  options.clock = environment_.clock;
  task.set_pump(environment_.graph->nodes[node].source->open(
      task.split(), position, source_context(node, worker), std::move(options)));
}

void Assembly::open_tasks(const RestoredTasks& restored) {
  static const RestoredTask kFresh;
  for (const auto& worker : workers_) {
    for (const auto& task : worker->tasks()) {
      const PlanStage& stage = task->plan_stage();
      if (auto* split = dynamic_cast<SplitTask*>(task.get())) {
        const auto kept = restored.find({stage.name, split->split().value});
        const RestoredTask& from = kept == restored.end() ? kFresh : kept->second;
        open_pump(*split, worker->index(), from.position);
        link_nodes(*split, split, nullptr);
        split->set_split_watermark(from.watermark);
        split->open(from.blobs);
      } else if (auto* shard = dynamic_cast<ShardTask*>(task.get())) {
        const auto kept = restored.find({stage.name, std::to_string(shard->shard().value)});
        const RestoredTask& from = kept == restored.end() ? kFresh : kept->second;
        shard->open_at(from.watermark, from.blobs,
                       [&] { options_.load_state(stage, shard->shard(), *shard->shard_state()); });
      }
    }
  }
}

/// Splits of a source whose event_time node names a max_drift are aligned.
void Assembly::set_alignment() {
  for (const PlanStage& stage : environment_.plan->stages) {
    if (stage.is_keyed()) continue;
    std::optional<Duration> max_drift;
    for (const std::size_t node : stage.nodes) {
      const std::optional<Duration>& wanted = environment_.graph->nodes[node].max_drift;
      if (wanted && (!max_drift || *wanted < *max_drift)) max_drift = wanted;
    }
    if (!max_drift) continue;
    alignments_.push_back(std::make_unique<Alignment>(*max_drift));
    for (std::size_t task = 0, next = 0; task < splits_.size(); ++task) {
      if (splits_[task]->stage() != stage.id) continue;
      alignments_.back()->add(*splits_[task], worker_of_[stage.id.value][next++]);
    }
    for (const auto& worker : workers_) worker->align(alignments_.back().get());
  }
}

/// A process without splits of an unbounded source waits for some.
void Assembly::stand_by() {
  for (const PlanStage& stage : environment_.plan->stages) {
    if (!stage.source || task_count(stage.id) > 0) continue;
    if (!environment_.graph->nodes[*stage.source].source->is_bounded()) workers_[0]->stand_by();
  }
}

}  // namespace weir::inline v0::detail
