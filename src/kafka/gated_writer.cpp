// SPDX-License-Identifier: Apache-2.0
#include "kafka/gated_writer.hpp"

#include <utility>

namespace weir::inline v0::detail {
namespace {

/// How long the storage thread waits for the cluster to say how many partitions a topic has.
constexpr Duration kTopicTimeout{30'000};

}  // namespace

GatedWriter::GatedWriter(Output& output, const TopicSinkSpec& spec, std::size_t bytes_max,
                         const SinkContext& context)
    : output_{output},
      spec_{spec},
      bytes_max_{bytes_max},
      context_{context},
      queue_{new_queue()},
      wake_{output.on_room(context.wake)} {}

std::shared_ptr<SendQueue> GatedWriter::new_queue() {
  auto queue = std::make_shared<SendQueue>(spec_.partition_of_key, *context_.clock);
  if (!spec_.topic.empty()) queue->topic(output_.topic(spec_.topic));
  return queue;
}

std::uint32_t GatedWriter::topic(const std::string& name) {
  const auto [number, is_new] = numbers_.try_emplace(name, 0);
  if (is_new) number->second = queue_->topic(output_.topic(name));
  return number->second;
}

bool GatedWriter::may_send() const {
  if (left_ != nullptr && !left_->is_done.load(std::memory_order_acquire)) return false;
  return output_.is_open(barriers_);
}

bool GatedWriter::ready() {
  if (!queue_->is_empty()) send();
  return queue_->byte_count() < bytes_max_;
}

void GatedWriter::send() {
  if (!may_send()) return;
  left_.reset();
  if (queue_->send(output_.producer())) return;
  if (OutputTopic* unknown = queue_->unknown_topic()) ask_for(*unknown);
}

/// A worker does not wait: the storage thread asks the cluster.
void GatedWriter::ask_for(OutputTopic& topic) {
  if (std::exchange(asked_for_, &topic) == &topic) return;
  context_.on_storage_thread([output = &output_, topic = &topic] {
    output->make_known(*topic, kTopicTimeout);
    output->wake_all();
  });
}

void GatedWriter::barrier(CheckpointId) {
  send();
  if (!queue_->is_empty()) {
    left_ = std::exchange(queue_, new_queue());
    numbers_.clear();
    output_.leave(left_);
  }
  ++barriers_;
}

/// Without checkpoints there will be no barrier: what is left has to go out now.
void GatedWriter::end() {
  send();
  if (context_.has_checkpoints) return;
  if (!queue_->is_empty()) output_.leave(std::exchange(queue_, new_queue()));
  context_.on_storage_thread([output = &output_] {
    constexpr int kTries = 300;
    for (int tries = 0; !output->send_left(kTopicTimeout) && tries < kTries; ++tries) {
      output->producer().flush(Duration{100});
    }
    output->producer().flush(kTopicTimeout);
  });
}

}  // namespace weir::inline v0::detail
