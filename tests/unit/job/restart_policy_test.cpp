// SPDX-License-Identifier: Apache-2.0
#include "job/restart_policy.hpp"

#include <gtest/gtest.h>

#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

using namespace std::chrono_literals;

template <class E>
std::exception_ptr error(const std::string& text) {
  return std::make_exception_ptr(E{text});
}

TEST(RestartPolicy, WithoutAttemptsTheFirstFailureEndsTheJob) {
  RestartPolicy policy{{}};
  EXPECT_EQ(policy.on_failure(error<IoError>("disk")), std::nullopt);
}

TEST(RestartPolicy, DelaysDoubleUpToTheirLimit) {
  RestartPolicy policy{{.attempt_count_max = 4, .delay = 1s, .delay_max = 3s}};
  EXPECT_EQ(policy.on_failure(error<IoError>("disk")), Duration{1'000});
  EXPECT_EQ(policy.on_failure(error<IoError>("disk")), Duration{2'000});
  EXPECT_EQ(policy.on_failure(error<IoError>("disk")), Duration{3'000});
  EXPECT_EQ(policy.on_failure(error<IoError>("disk")), Duration{3'000});
  EXPECT_EQ(policy.on_failure(error<IoError>("disk")), std::nullopt);
}

TEST(RestartPolicy, ACommittedCheckpointStartsTheCountAnew) {
  RestartPolicy policy{{.attempt_count_max = 1, .delay = 1s}};
  EXPECT_TRUE(policy.on_failure(error<IoError>("disk")));
  policy.on_progress();
  EXPECT_TRUE(policy.on_failure(error<IoError>("disk")));
  EXPECT_FALSE(policy.on_failure(error<IoError>("disk")));
}

TEST(RestartPolicy, WhatWouldComeAgainEndsTheJobAtOnce) {
  RestartPolicy policy{{.attempt_count_max = 9}};
  EXPECT_FALSE(policy.on_failure(error<ConfigError>("option")));
  EXPECT_FALSE(policy.on_failure(error<IncompatibleState>("state")));
  EXPECT_FALSE(policy.on_failure(error<InternalError>("bug")));
  EXPECT_TRUE(policy.on_failure(error<CorruptState>("file")));
}

}  // namespace
}  // namespace weir::inline v0::detail
