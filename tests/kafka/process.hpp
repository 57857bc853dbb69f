// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace kafka_test {

/// What a command left behind.
struct Outcome {
  int status = -1;  // -1: a signal ended it.
  std::string output;
  std::string errors;
};

/// Runs a command to its end. `descriptor_3` is handed on as its file descriptor 3, unless it is
/// negative. Throws std::runtime_error, and kills the command, once `limit` has passed.
Outcome run_command(const std::vector<std::string>& command, std::chrono::seconds limit,
                    int descriptor_3 = -1);

}  // namespace kafka_test
