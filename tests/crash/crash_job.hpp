// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace weir::crash {

/// What the job that is killed works on.
struct CrashJobOptions {
  std::string directory;  ///< Checkpoints, state and output lie below it.
  std::uint64_t records = 0;
  double per_second = 0;  ///< 0: as fast as it goes.
  bool on_rocksdb = false;
  std::int64_t dropped = -1;  ///< A record that the job swallows; -1: none.
  std::string pause_step;     ///< Empty: nowhere.
  std::uint64_t pause_count = 0;
};

/// Numbers each record within its key, and writes (record, key, number) to files exactly once.
/// Prints "checkpoint N" for each committed checkpoint, and "ended". Returns main()'s result.
int run_crash_job(const CrashJobOptions& options);

/// How many keys there are, and which one a record has.
inline constexpr std::uint64_t kKeys = 997;
inline std::uint64_t key_of(std::uint64_t record) { return record * 7919 % kKeys; }

}  // namespace weir::crash
