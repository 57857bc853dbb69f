// SPDX-License-Identifier: Apache-2.0
#include "runtime/shard_task.hpp"

#include <algorithm>
#include <utility>

#include "weir/detail/assert.hpp"
#include "weir/detail/state/shard_state.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {

ShardTask::ShardTask(const TaskEnvironment& environment, StageId stage, ShardId shard,
                     std::unique_ptr<ShardState> state, std::size_t element_count_max)
    : Task{environment,
           stage,
           environment.plan->stages[stage.value].name + "/" + std::to_string(shard.value),
           {environment.plan->stages[stage.value].name, shard.value,
            environment.plan->stages[stage.value].shards}},
      shard_{shard},
      state_{std::move(state)},
      element_count_max_{element_count_max} {}

/// Operators refer to tables: they go before the state.
ShardTask::~ShardTask() {
  nodes_.clear();
  entries_.clear();
}

void ShardTask::add_entry(std::size_t key_by, std::unique_ptr<SliceReceiver> receiver,
                          std::vector<Channel*> channels) {
  Entry entry;
  entry.key_by = key_by;
  entry.receiver = std::move(receiver);
  entry.context = std::make_unique<TaskNode>(*this, key_by, nullptr, SinkContext{});
  entry.valve = std::make_unique<WatermarkValve>(channels.size());
  entry.running = channels.size();
  for (std::size_t place = 0; place < channels.size(); ++place) {
    inputs_.push_back({channels[place], entries_.size(), place});
  }
  entries_.push_back(std::move(entry));
}

SliceReceiver& ShardTask::receiver(std::size_t key_by) {
  for (Entry& entry : entries_) {
    if (entry.key_by == key_by) return *entry.receiver;
  }
  throw InternalError{"no entry for key_by node " + std::to_string(key_by)};
}

void ShardTask::open_at(EventTime watermark, const std::map<NodeId, std::string>& blobs,
                        const std::function<void()>& load_state) {
  watermark_ = watermark;
  state_->set_time(watermark, environment_.clock->now());
  for (Entry& entry : entries_) {
    entry.passed_watermark = watermark;
    entry.receiver->open(*entry.context);
  }
  open(blobs, load_state);
}

bool ShardTask::entries_ready() const {
  return std::all_of(entries_.begin(), entries_.end(),
                     [](const Entry& entry) { return entry.receiver->ready(); });
}

bool ShardTask::step() {
  if (passed()) return false;
  if (!entries_ready()) return advance();
  if (pass_controls()) return true;
  if (is_aligned()) {
    take_snapshot();
    return true;
  }
  std::size_t budget = element_count_max_;
  bool has_progress = false;
  for (std::size_t looked = 0; looked < inputs_.size() && budget > 0; ++looked) {
    Input& input = inputs_[next_input_];
    next_input_ = (next_input_ + 1) % inputs_.size();
    while (budget > 0 && take(input)) {
      --budget;
      has_progress = true;
      if (!entries_ready() || pass_controls()) return true;
    }
  }
  return has_progress;
}

bool ShardTask::take(Input& input) {
  if (input.has_barrier) return false;
  Element* element = input.channel->front();
  if (element == nullptr) return false;
  if (element->kind == Element::Kind::slice && element->watermark > EventTime::min()) {
    // It precedes the records, which are taken when it has passed.
    const EventTime watermark = std::exchange(element->watermark, EventTime::min());
    (void)entries_[input.entry].valve->on_watermark(input.place, watermark);
    return true;
  }
  handle(input, *element);
  input.channel->pop();
  return true;
}

void ShardTask::handle(Input& input, Element& element) {
  Entry& entry = entries_[input.entry];
  switch (element.kind) {
    case Element::Kind::slice:
      state_->set_clock(environment_.clock->now());
      entry.receiver->on_slice(element.slice);
      return;
    case Element::Kind::watermark:
      (void)entry.valve->on_watermark(input.place, element.watermark);
      return;
    case Element::Kind::idle:
    case Element::Kind::active:
      (void)entry.valve->on_idle(input.place, element.kind == Element::Kind::idle);
      return;
    case Element::Kind::end:
      input.has_ended = true;
      --entry.running;
      return;
    case Element::Kind::barrier:
      input.has_barrier = true;
      ++barrier_count_;
      aligning_ = element.checkpoint;
      return;
  }
}

/// Passes at most one control element on; then operators have to be ready again.
bool ShardTask::pass_controls() {
  for (Entry& entry : entries_) {
    if (entry.valve->watermark() > entry.passed_watermark) {
      pass_time(entry);
      return true;
    }
    if (entry.valve->is_idle() != entry.passed_idle) {
      entry.passed_idle = entry.valve->is_idle();
      entry.receiver->on_idle(entry.passed_idle);
      return true;
    }
    if (entry.running == 0 && !entry.passed_end) {
      entry.passed_end = true;
      entry.receiver->on_end();
      return true;
    }
  }
  const bool all_ended = std::all_of(entries_.begin(), entries_.end(),
                                     [](const Entry& entry) { return entry.passed_end; });
  return all_ended && !std::exchange(has_ended_, true);
}

void ShardTask::pass_time(Entry& entry) {
  entry.passed_watermark = entry.valve->watermark();
  EventTime combined = EventTime::max();
  for (const Entry& each : entries_) combined = std::min(combined, each.passed_watermark);
  watermark_ = std::max(watermark_, combined);
  state_->set_time(watermark_, environment_.clock->now());
  entry.receiver->on_watermark(entry.passed_watermark);
}

bool ShardTask::is_aligned() const { return !inputs_.empty() && barrier_count_ == inputs_.size(); }

void ShardTask::take_snapshot() {
  TaskPart part;
  part.task = std::to_string(shard_.value);
  part.shard = shard_;
  part.watermark = watermark_;
  pass_barrier(aligning_, std::move(part));
  barrier_count_ = 0;
  for (Input& input : inputs_) input.has_barrier = false;
}

void ShardTask::publish() noexcept {
  Task::publish();
  published_bytes_.set(state_->memory().total());
}

std::size_t ShardTask::waiting() const noexcept {
  std::size_t count = 0;
  for (const Input& input : inputs_) count += input.channel->size();
  return count;
}

}  // namespace weir::inline v0::detail
