// SPDX-License-Identifier: Apache-2.0
#include "runtime/edge_output.hpp"

#include <algorithm>
#include <utility>

namespace weir::inline v0::detail {

/// What one task sees of the edge.
class EdgeOutput::TaskDoor final : public ExchangeOutput {
 public:
  TaskDoor(EdgeOutput& edge, std::size_t task) : edge_{edge}, task_{task} {}

  std::uint32_t shard_count() const override {
    return static_cast<std::uint32_t>(edge_.channels_.size());
  }
  bool ready() const override { return edge_.ready(); }
  void push(ShardId shard, Slice slice) override { edge_.push(shard, std::move(slice)); }
  void watermark(EventTime watermark) override { edge_.watermark(task_, watermark); }
  void idle(bool is_idle) override { edge_.idle(task_, is_idle); }
  void end() override { edge_.end(task_); }

 private:
  EdgeOutput& edge_;
  const std::size_t task_;
};

EdgeOutput::EdgeOutput(std::vector<Channel*> channels, Waker& own, std::size_t tasks)
    : channels_{std::move(channels)},
      own_{own},
      valve_{tasks},
      sent_watermarks_(channels_.size(), EventTime::min()),
      running_tasks_{tasks} {
  for (std::size_t task = 0; task < tasks; ++task) {
    doors_.push_back(std::make_unique<TaskDoor>(*this, task));
  }
}

EdgeOutput::~EdgeOutput() = default;

ExchangeOutput& EdgeOutput::task(std::size_t index) { return *doors_[index]; }

bool EdgeOutput::ready() {
  while (!tight_.empty()) {
    if (!channels_[tight_.back()]->has_room()) return false;
    tight_.pop_back();
  }
  return true;
}

void EdgeOutput::push(ShardId shard, Slice slice) {
  Channel& channel = *channels_[shard.value];
  EventTime& sent = sent_watermarks_[shard.value];
  const bool has_news = sent < valve_.watermark();
  if (has_news) sent = valve_.watermark();
  channel.push(std::move(slice), has_news ? sent : EventTime::min());
  if (!channel.has_room()) tight_.push_back(shard.value);
  will_wake(channel.consumer());
}

void EdgeOutput::watermark(std::size_t task, EventTime watermark) {
  (void)valve_.on_watermark(task, watermark);
  forward_idleness();
}

void EdgeOutput::idle(std::size_t task, bool is_idle) {
  (void)valve_.on_idle(task, is_idle);
  forward_idleness();
}

void EdgeOutput::end(std::size_t task) {
  (void)task;
  if (--running_tasks_ > 0) return;
  send_watermark();
  send_to_all(Element::control(Element::Kind::end));
}

void EdgeOutput::end_without_tasks() {
  send_to_all(Element::time(EventTime::max()));
  send_to_all(Element::control(Element::Kind::end));
}

void EdgeOutput::barrier(CheckpointId checkpoint) {
  send_watermark();
  send_to_all(Element::control(Element::Kind::barrier, checkpoint));
}

void EdgeOutput::forward_idleness() {
  if (valve_.is_idle() == sent_idle_) return;
  send_watermark();
  sent_idle_ = valve_.is_idle();
  send_to_all(Element::control(sent_idle_ ? Element::Kind::idle : Element::Kind::active));
}

void EdgeOutput::send_watermark() {
  if (valve_.watermark() <= sent_watermark_) return;
  sent_watermark_ = valve_.watermark();
  for (std::uint32_t shard = 0; shard < channels_.size(); ++shard) {
    if (sent_watermarks_[shard] == sent_watermark_) continue;
    sent_watermarks_[shard] = sent_watermark_;
    send(shard, Element::time(sent_watermark_));
  }
}

void EdgeOutput::send(std::uint32_t shard, Element control) {
  Channel& channel = *channels_[shard];
  channel.send(std::move(control));
  if (!channel.has_room()) tight_.push_back(shard);
  will_wake(channel.consumer());
}

void EdgeOutput::send_to_all(const Element& control) {
  for (std::uint32_t shard = 0; shard < channels_.size(); ++shard) send(shard, control);
}

void EdgeOutput::will_wake(Waker& consumer) {
  if (&consumer == &own_) return;
  if (std::find(to_wake_.begin(), to_wake_.end(), &consumer) == to_wake_.end()) {
    to_wake_.push_back(&consumer);
  }
}

bool EdgeOutput::flush() {
  send_watermark();
  bool is_waiting = false;
  for (Channel* channel : channels_) is_waiting |= !channel->flush();
  return is_waiting;
}

void EdgeOutput::wake_consumers() {
  for (Waker* waker : to_wake_) waker->wake();
  to_wake_.clear();
}

}  // namespace weir::inline v0::detail
