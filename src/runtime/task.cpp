// SPDX-License-Identifier: Apache-2.0
#include "runtime/task.hpp"

#include <algorithm>
#include <utility>

#include "graph/node_id.hpp"
#include "weir/detail/assert.hpp"
#include "weir/detail/state/shard_state.hpp"
#include "weir/detail/state/state_access.hpp"

namespace weir::inline v0::detail {

TaskNode::TaskNode(Task& task, std::size_t node, ExchangeOutput* exchange, SinkContext sink)
    : task_{task},
      node_{node},
      id_{detail::node_id(task.environment().graph->nodes[node].name)},
      exchange_{exchange},
      sink_{std::move(sink)} {}

TaskNode::~TaskNode() = default;

const std::string& TaskNode::node_name() const {
  return task_.environment().graph->nodes[node_].name;
}

const std::string& TaskNode::task_name() const { return task_.name(); }
const TaskPlace& TaskNode::task_place() const { return task_.place(); }

StateAccess& TaskNode::state() {
  WEIR_ASSERT(state_ != nullptr, "node '", node_name(), "' has no state in a source stage");
  return *state_;
}

bool TaskNode::is_ordered() const { return task_.environment().is_ordered; }
EventTime TaskNode::now() const { return task_.environment().clock->now(); }
EventTime TaskNode::watermark() const { return task_.watermark(); }

ExchangeOutput& TaskNode::exchange() {
  WEIR_ASSERT(exchange_ != nullptr, "node '", node_name(), "' ends no stage");
  return *exchange_;
}

void TaskNode::report_split_watermark(EventTime watermark) { task_.set_split_watermark(watermark); }

OnError TaskNode::on_error() const { return task_.environment().graph->nodes[node_].on_error; }

void TaskNode::observe_latency(std::int64_t read_at_ns) {
  if (read_at_ns == 0) return;
  const std::int64_t now_ns = task_.environment().clock->monotonic_ns();
  task_.latency().observe(static_cast<double>(now_ns - read_at_ns) / 1e6);
}

Task::Task(const TaskEnvironment& environment, StageId stage, std::string name, TaskPlace place)
    : environment_{environment}, stage_{stage}, name_{std::move(name)}, place_{std::move(place)} {}

Task::~Task() = default;

TaskNode& Task::add_node(std::size_t node, ExchangeOutput* exchange, SinkContext sink) {
  auto added = std::make_unique<TaskNode>(*this, node, exchange, std::move(sink));
  added->operator_ = environment_.graph->nodes[node].make();
  if (ShardState* shard = shard_state()) {
    added->state_ = std::make_unique<StateAccess>(*shard, added->id_);
  }
  nodes_.push_back(std::move(added));
  return *nodes_.back();
}

TaskNode* Task::find_node(std::size_t node) const {
  for (const auto& candidate : nodes_) {
    if (candidate->node() == node) return candidate.get();
  }
  return nullptr;
}

void Task::open(const std::map<NodeId, std::string>& blobs,
                const std::function<void()>& load_state) {
  for (const auto& node : nodes_) node->operator_->open(*node);
  load_state();
  for (const auto& node : nodes_) {
    const auto kept = blobs.find(node->id_);
    if (kept == blobs.end()) continue;
    ByteReader reader{kept->second};
    node->operator_->load(reader);
  }
}

bool Task::tick(EventTime now) {
  bool has_progress = false;
  for (const auto& node : nodes_) {
    Operator& code = *node->operator_;
    const std::optional<EventTime> wanted = code.next_wake();
    if (!wanted || *wanted > now || !code.ready()) continue;
    code.on_clock(now);
    has_progress = true;
  }
  return has_progress;
}

std::optional<EventTime> Task::next_wake() const {
  std::optional<EventTime> earliest;
  for (const auto& node : nodes_) {
    const std::optional<EventTime> wanted = node->operator_->next_wake();
    if (wanted && (!earliest || *wanted < *earliest)) earliest = wanted;
  }
  return earliest;
}

std::string Task::describe_nodes() const {
  std::string text = nodes_.size() == 1 ? "node " : "nodes ";
  for (const auto& node : nodes_) text += (node == nodes_.front() ? "" : ", ") + node->node_name();
  return text;
}

bool Task::advance() {
  bool has_progress = false;
  for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) {
    has_progress |= (*node)->operator_->advance();
  }
  return has_progress;
}

bool Task::all_ready() const {
  return std::all_of(nodes_.begin(), nodes_.end(),
                     [](const auto& node) { return node->operator_->ready(); });
}

void Task::pass_barrier(CheckpointId checkpoint, TaskPart part) {
  const std::int64_t start_ns = environment_.clock->monotonic_ns();
  part.stage = stage_;
  for (const auto& node : nodes_) {
    ByteWriter blob;
    node->operator_->on_barrier(checkpoint, blob);
    if (blob.size() > 0) part.blobs.emplace(node->id_, blob.take());
  }
  if (ShardState* state = shard_state(); state != nullptr && environment_.keeps_deltas) {
    part.delta = state->collect_delta(checkpoint);
  }
  part_ = std::move(part);
  passed_ = checkpoint;
  pause_.observe(static_cast<double>(environment_.clock->monotonic_ns() - start_ns) / 1e6);
}

}  // namespace weir::inline v0::detail
