// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "bench/whole/workloads.hpp"

namespace bench {

void run_rocksdb(Suite&) {}

int run_rocksdb_child(const std::string&) { throw std::runtime_error{"this build has no RocksDB"}; }

}  // namespace bench
