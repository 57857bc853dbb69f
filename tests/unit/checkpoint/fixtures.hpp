// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/content.hpp"
#include "weir/checkpoint_storage.hpp"
#include "weir/testing/sim_disk.hpp"

namespace weir::inline v0::detail {

/// A storage on a simulated disk that may crash.
struct Machine {
  explicit Machine(std::uint64_t seed = 1, std::optional<std::uint64_t> crash_at = std::nullopt)
      : effects{{.seed = seed, .crash_at = crash_at}},
        disk{std::make_shared<testing::SimDisk>(
            effects, testing::SimDisk::Options{.seed = seed, .capacity_bytes = std::nullopt})},
        storage{local_storage("data", disk)} {}

  /// Power fails, and a new process opens the storage.
  void restart() {
    disk->crash();
    storage = local_storage("data", disk);
  }

  testing::Effects effects;
  std::shared_ptr<testing::SimDisk> disk;
  std::shared_ptr<CheckpointStorage> storage;
};

inline ChunkProducer stream_of(std::vector<std::string> chunks) {
  return [chunks = std::move(chunks)](const ChunkSink& sink) {
    for (const std::string& chunk : chunks) sink(chunk);
  };
}

inline std::string read_all(ChunkReader& reader) {
  std::string text;
  while (true) {
    const std::string piece = reader.read(1000);
    if (piece.empty()) return text;
    text += piece;
  }
}

/// A checkpoint that uses every field of the format.
inline CheckpointContent full_content() {
  CheckpointContent content;
  content.identity = {.job = "words",
                      .instance = "0",
                      .name = {"00000000000000aa", CheckpointId{7}},
                      .parent = CheckpointName{"00000000000000aa", CheckpointId{6}},
                      .sequence = 41,
                      .taken_at = EventTime{1'700'000'000'000},
                      .savepoint = "before-upgrade",
                      .is_finished = false};
  content.topology.stages = {
      {"lines", {}},
      {"by-word", {Partitioning::Kind::range, 65'536, 2, ""}},
      {"clicks", {Partitioning::Kind::external, 0, 4, "clicks"}},
  };
  content.topology.nodes = {
      {NodeId{11}, "lines", "source", {}},
      {NodeId{12}, "counts", "aggregate", {{"counts", "u64"}, {"timers", "i64"}}},
  };
  content.splits = {
      {{"lines", SplitId{"a.txt"}}, Position{"120"}, EventTime{5}, {{NodeId{3}, "generator"}}},
      {{"lines", SplitId{"b.txt"}}, Position{std::string("\0\1", 2)}, EventTime::max(), {}},
  };
  const CheckpointName cut{"00000000000000aa", CheckpointId{4}};
  ShardRecord first{"by-word", ShardId{0}, EventTime{-3}, {{NodeId{12}, "blob"}}, {}, {}};
  first.base = BaseRef{cut, 38, {{"words/0/00000000000000aa-4.base/by-word-0/1.sst", 10, 99}}, {}};
  first.deltas = {{{"00000000000000aa", CheckpointId{6}},
                   40,
                   {"words/0/00000000000000aa-6.ckpt", 200, 30, 77}}};
  ShardRecord second{"by-word", ShardId{1}, EventTime::min(), {}, {}, {}};
  second.base = BaseRef{cut, 38, {}, {{"savepoints/before-upgrade/0.savepoint", 24, 50, 5}}};
  content.shards = {first, second};
  content.participants = {{"files", "part of files", CheckpointId{5}}, {"other", "", {}}};
  return content;
}

}  // namespace weir::inline v0::detail
