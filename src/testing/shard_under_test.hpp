// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "state/state_stream.hpp"
#include "weir/checkpoint_storage.hpp"
#include "weir/detail/state/shard_state.hpp"

namespace weir::inline v0::testing {

/// The state of one shard in memory, ordered as under the test driver, and its checkpoints.
class ShardUnderTest final {
 public:
  /// Everything that a restore needs: the deltas since the first start.
  using Stored = std::vector<std::string>;

  detail::ShardState& state() noexcept { return state_; }
  void set_time(EventTime watermark, EventTime now) { state_.set_time(watermark, now); }

  Stored snapshot(CheckpointId checkpoint) {
    std::string stored;
    const std::shared_ptr<const std::string> raw = state_.collect_delta(checkpoint);
    detail::write_delta(*raw, [&](std::string_view chunk) { stored += chunk; });
    deltas_.push_back(std::move(stored));
    state_.committed(checkpoint);
    return deltas_;
  }
  void restore(const Stored& stored) {
    deltas_ = stored;
    detail::RestoreSource source;
    for (const std::string& delta : deltas_) {
      source.deltas.push_back([&delta] { return detail::chunk_reader(delta); });
    }
    NoStorage storage;
    state_.restore(source, storage);
  }

 private:
  /// No base is ever read.
  class NoStorage final : public CheckpointStorage {
   public:
    bool put_if_absent(const std::string&, const ChunkProducer&) override { return false; }
    bool put_file_if_absent(const std::string&, const std::string&) override { return false; }
    std::unique_ptr<ChunkReader> get(const std::string&) override { return nullptr; }
    bool get_file(const std::string&, const std::string&) override { return false; }
    std::vector<std::string> list(const std::string&) override { return {}; }
    void remove(const std::string&) override {}
    std::shared_ptr<void> lock(const std::string&) override { return nullptr; }
  };

  static detail::ShardStateOptions options() {
    detail::ShardStateOptions options;
    options.is_ordered = true;
    return options;
  }

  detail::ShardState state_{options()};
  Stored deltas_;
};

}  // namespace weir::inline v0::testing
