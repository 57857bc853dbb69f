// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir::crash {

/// What the job from Kafka to Kafka that is killed works on.
struct KafkaJobOptions {
  std::string brokers;
  std::string directory;        ///< Checkpoints lie below it.
  std::string instance = "0";   ///< This process among those that share the job.
  bool is_shared = false;       ///< Several processes read a part of the input each.
  std::int64_t dropped = -1;    ///< A record that the job swallows; -1: none.
  std::string pause_step = {};  ///< Of watched_client() or pausing_files(); empty: nowhere.
  std::uint64_t pause_count = 0;
  std::uint64_t error_seed = 0;  ///< Of injected errors; 0: none.

  /// As words of a command line, and back.
  std::vector<std::string> to_words() const;
  static KafkaJobOptions from_words(const std::vector<std::string>& words);
};

inline constexpr const char* kKafkaJob = "crash";  ///< Its topology, and so its consumer group.
inline constexpr const char* kInput = "crash-records";
inline constexpr const char* kOutput = "crash-numbers";
/// What brokers allow at least, so that the runs are short.
inline constexpr int kSessionTimeoutMs = 6'000;
inline constexpr int kTransactionTimeoutMs = 10'000;

/// Numbers each record of the input within its key, and writes "record key number" to the output
/// exactly once, until it gets a SIGTERM. Prints "checkpoint N" for each committed checkpoint,
/// "status ..." when it waits for something else than before, "silent MS" while it has stood still
/// without a word for long, and "ended". Returns main()'s result.
int run_kafka_job(const KafkaJobOptions& options);

}  // namespace weir::crash
