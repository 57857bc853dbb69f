// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bench {

/// What a piece of work took.
struct Cost {
  double seconds = 0;      ///< By the wall.
  double cpu_seconds = 0;  ///< Of all threads of the process.
};

/// Measures from its construction on.
class Stopwatch final {
 public:
  Stopwatch();
  Cost elapsed() const;

 private:
  Cost start_;
};

/// One pass over the records of a workload.
struct Run {
  std::uint64_t records = 0;
  Cost cost;
  /// Computed from the results: bound and engine must come to the same one.
  std::uint64_t answer = 0;
};

/// Runs `work`, which returns the answer, over `records` records.
template <class Work>
Run timed(std::uint64_t records, const Work& work) {
  const Stopwatch watch;
  const std::uint64_t answer = work();
  return {records, watch.elapsed(), answer};
}

/// What the rest of the machine does: the share of its cores that others used while this process
/// slept for a moment.
double busy_share();

/// The highest resident size that this process had, in MiB.
double peak_mib();

/// Keeps the compiler from dropping what computes `value`.
template <class T>
inline void keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

}  // namespace bench
