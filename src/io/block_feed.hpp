// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "io/block_reader.hpp"

namespace weir::inline v0::detail {

/// Blocks for one who must not wait.
class BlockFeed {
 public:
  enum class Next { block, pending, ended };

  virtual ~BlockFeed() = default;
  /// Swaps the next block in; the memory of the old one is used again. Throws: IoError.
  virtual Next next(std::string& block) = 0;
};

/// Reads where it is asked to.
class InlineFeed final : public BlockFeed {
 public:
  explicit InlineFeed(std::unique_ptr<BlockReader> reader) : reader_{std::move(reader)} {}
  Next next(std::string& block) override {
    return reader_->read(block) ? Next::block : Next::ended;
  }

 private:
  const std::unique_ptr<BlockReader> reader_;
};

/// The I/O thread of one source: reads blocks of all open files in turn, up to `kDepth` ahead of
/// each worker. Thread safety: open() and the feeds from any thread. The destructor joins.
class ReadAhead final : public std::enable_shared_from_this<ReadAhead> {
 public:
  static constexpr std::size_t kDepth = 2;

  explicit ReadAhead(std::string thread_name);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// Calls `wake` when a block or the end has come for a feed that had none. The feed keeps this
  /// alive; when it is gone, neither `reader` nor `wake` is used any more.
  std::unique_ptr<BlockFeed> open(std::unique_ptr<BlockReader> reader, std::function<void()> wake);

 private:
  struct Channel;
  class Feed;

  void run();
  void read_one(Channel& channel, std::unique_lock<std::mutex>& lock);
  Channel* next_to_read();
  BlockFeed::Next take(Channel& channel, std::string& block);
  void close(Channel& channel);

  const std::string thread_name_;
  std::mutex mutex_;  // Guards all below; held for a swap of buffers, never during a read.
  std::condition_variable changed_;   // For the I/O thread.
  std::condition_variable finished_;  // A read has ended: for close().
  std::vector<std::unique_ptr<Channel>> channels_;
  std::size_t turn_ = 0;
  bool is_stopped_ = false;
  std::thread thread_;  // Last: it uses everything above.
};

}  // namespace weir::inline v0::detail
