// SPDX-License-Identifier: Apache-2.0
#include "kafka/output.hpp"

#include <algorithm>
#include <utility>

namespace weir::inline v0::detail {

void Output::open(Settings settings) {
  close();
  is_transactional_ = !settings.transactional_id.empty();
  kafka::ProducerSettings wanted;
  wanted.brokers = options_.brokers;
  wanted.transactional_id = std::move(settings.transactional_id);
  wanted.transaction_timeout = settings.transaction_timeout;
  wanted.config = options_.config;
  for (const auto& [name, value] : options_.producer_config) wanted.config[name] = value;
  wanted.on_room = [this] { wake_all(); };
  wanted.on_delivery_error = std::move(settings.on_failure);
  wanted.on_error = std::move(settings.on_error);
  wanted.on_statistics = std::move(settings.on_statistics);
  producer_ = client_->make_producer(std::move(wanted));
}

void Output::init(Duration at_most) {
  if (is_transactional_) producer_->init_transactions(at_most);
}

void Output::close() {
  producer_.reset();
  begun_.store(0, std::memory_order_release);
  const std::lock_guard lock{mutex_};
  left_.clear();
  // Partitions may have been added since.
  for (OutputTopic& topic : topics_) topic.partitions.store(0, std::memory_order_release);
}

OutputTopic& Output::topic(const std::string& name) {
  const std::lock_guard lock{mutex_};
  for (OutputTopic& topic : topics_) {
    if (topic.name == name) return topic;
  }
  OutputTopic& added = topics_.emplace_back();
  added.name = name;
  return added;
}

void Output::make_known(OutputTopic& topic, Duration at_most) {
  if (topic.partitions.load(std::memory_order_acquire) != 0) return;
  topic.partitions.store(producer_->add_topic(topic.name, at_most), std::memory_order_release);
}

void Output::begin() {
  if (is_transactional_) producer_->begin_transaction();
  begun_.fetch_add(1, std::memory_order_acq_rel);
  wake_all();
}

void Output::leave(std::shared_ptr<SendQueue> queue) {
  const std::lock_guard lock{mutex_};
  left_.push_back(std::move(queue));
}

bool Output::send_left(Duration at_most) {
  std::vector<std::shared_ptr<SendQueue>> left;
  {
    const std::lock_guard lock{mutex_};
    left.swap(left_);
  }
  std::erase_if(left, [&](const std::shared_ptr<SendQueue>& queue) {
    if (OutputTopic* unknown = queue->unknown_topic()) make_known(*unknown, at_most);
    if (!queue->send(*producer_)) return false;
    queue->is_done.store(true, std::memory_order_release);
    return true;
  });
  if (left.empty()) return true;
  const std::lock_guard lock{mutex_};
  left_.insert(left_.begin(), left.begin(), left.end());
  return false;
}

/// The handle that a writer keeps: its waker is known as long as that.
class Output::WakeHandle final {
 public:
  WakeHandle(Output& output, std::function<void()> wake) : output_{output} {
    const std::lock_guard lock{output_.mutex_};
    output_.wakes_.emplace(this, std::move(wake));
  }
  WakeHandle(const WakeHandle&) = delete;
  WakeHandle& operator=(const WakeHandle&) = delete;
  ~WakeHandle() {
    const std::lock_guard lock{output_.mutex_};
    output_.wakes_.erase(this);
  }

 private:
  Output& output_;
};

std::shared_ptr<void> Output::on_room(std::function<void()> wake) {
  return std::make_shared<WakeHandle>(*this, std::move(wake));
}

/// Under the lock: a waker may not be called when its handle is gone.
void Output::wake_all() {
  const std::lock_guard lock{mutex_};
  for (const auto& [place, wake] : wakes_) wake();
}

}  // namespace weir::inline v0::detail
