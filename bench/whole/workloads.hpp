// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "bench/whole/suite.hpp"

/// The workloads, each beside what bounds it.
namespace bench {

void run_windows(Suite& suite);
void run_streams(Suite& suite);
void run_checkpoints(Suite& suite);
void run_rocksdb(Suite& suite);
void run_idle(Suite& suite);

/// Runs one RocksDB workload in this process, which its parent started for it, and prints what was
/// measured. Returns the status to exit with.
int run_rocksdb_child(const std::string& name);

/// Two copies of the calibration loop on two threads, as a multiple of one.
double machine_scaling();

}  // namespace bench
