// SPDX-License-Identifier: Apache-2.0
#include "io/block_feed.hpp"

#include <algorithm>
#include <utility>

#include "base/thread_name.hpp"

namespace weir::inline v0::detail {

struct ReadAhead::Channel {
  std::unique_ptr<BlockReader> reader;
  std::function<void()> wake;
  std::deque<std::string> blocks;
  std::vector<std::string> spare;  // Memory of blocks that were taken.
  std::exception_ptr error;
  bool has_ended = false;
  bool is_reading = false;  // The I/O thread uses it without the mutex.
};

class ReadAhead::Feed final : public BlockFeed {
 public:
  Feed(std::shared_ptr<ReadAhead> owner, Channel& channel)
      : owner_{std::move(owner)}, channel_{channel} {}
  ~Feed() override { owner_->close(channel_); }
  Next next(std::string& block) override { return owner_->take(channel_, block); }

 private:
  const std::shared_ptr<ReadAhead> owner_;  // The last feed ends the thread.
  Channel& channel_;
};

ReadAhead::ReadAhead(std::string thread_name)
    : thread_name_{std::move(thread_name)}, thread_{[this] { run(); }} {}

ReadAhead::~ReadAhead() {
  {
    const std::scoped_lock lock{mutex_};
    is_stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::unique_ptr<BlockFeed> ReadAhead::open(std::unique_ptr<BlockReader> reader,
                                           std::function<void()> wake) {
  auto channel = std::make_unique<Channel>();
  channel->reader = std::move(reader);
  channel->wake = std::move(wake);
  auto feed = std::make_unique<Feed>(shared_from_this(), *channel);
  {
    const std::scoped_lock lock{mutex_};
    channels_.push_back(std::move(channel));
  }
  changed_.notify_all();
  return feed;
}

void ReadAhead::close(Channel& channel) {
  std::unique_lock lock{mutex_};
  channel.reader->interrupt();
  channel.has_ended = true;
  finished_.wait(lock, [&] { return !channel.is_reading; });
  const auto own = std::find_if(channels_.begin(), channels_.end(),
                                [&](const auto& each) { return each.get() == &channel; });
  channels_.erase(own);
}

BlockFeed::Next ReadAhead::take(Channel& channel, std::string& block) {
  {
    const std::scoped_lock lock{mutex_};
    if (channel.blocks.empty()) {
      if (channel.error != nullptr) std::rethrow_exception(channel.error);
      return channel.has_ended ? BlockFeed::Next::ended : BlockFeed::Next::pending;
    }
    block.swap(channel.blocks.front());
    if (channel.spare.size() < kDepth) channel.spare.push_back(std::move(channel.blocks.front()));
    channel.blocks.pop_front();
  }
  changed_.notify_all();
  return BlockFeed::Next::block;
}

ReadAhead::Channel* ReadAhead::next_to_read() {
  for (std::size_t tried = 0; tried < channels_.size(); ++tried) {
    turn_ = (turn_ + 1) % channels_.size();
    Channel& channel = *channels_[turn_];
    if (!channel.has_ended && channel.blocks.size() < kDepth) return &channel;
  }
  return nullptr;
}

void ReadAhead::run() {
  name_this_thread(thread_name_);
  std::unique_lock lock{mutex_};
  while (!is_stopped_) {
    Channel* channel = next_to_read();
    if (channel == nullptr) {
      changed_.wait(lock);
    } else {
      read_one(*channel, lock);
    }
  }
}

void ReadAhead::read_one(Channel& channel, std::unique_lock<std::mutex>& lock) {
  std::string block;
  if (!channel.spare.empty()) {
    block = std::move(channel.spare.back());
    channel.spare.pop_back();
  }
  channel.is_reading = true;
  lock.unlock();
  bool has_block = false;
  std::exception_ptr error;
  try {
    has_block = channel.reader->read(block);
  } catch (...) {
    error = std::current_exception();  // Carried to the worker, which rethrows it.
  }
  lock.lock();
  const bool was_empty = channel.blocks.empty();
  if (has_block) channel.blocks.push_back(std::move(block));
  channel.error = error;
  channel.has_ended = channel.has_ended || !has_block;
  lock.unlock();
  if (was_empty) channel.wake();
  lock.lock();
  channel.is_reading = false;
  finished_.notify_all();
}

}  // namespace weir::inline v0::detail
