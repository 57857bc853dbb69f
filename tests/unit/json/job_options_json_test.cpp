// SPDX-License-Identifier: Apache-2.0
#include "weir/job_options_json.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "weir/error.hpp"

namespace weir::inline v0 {
namespace {

std::vector<std::string> faults_of(const std::string& json) {
  try {
    job_options_from_json(json);
  } catch (const ConfigError& error) {
    return error.faults();
  }
  return {};
}

TEST(JobOptionsJson, ReadsNumbersTextFlagsAndNestedObjects) {
  const JobOptions options = job_options_from_json(R"({
    "workers": 4, "guarantee": "exactly_once", "worker": {"pin": true},
    "checkpoints": {"directory": "c", "interval": "1s", "timeout": 2500,
                    "ladder": [{"every": "1h", "keep": "24h"}]}})");
  EXPECT_EQ(options.workers, 4U);
  EXPECT_EQ(options.guarantee, Guarantee::exactly_once);
  EXPECT_TRUE(options.worker.pin);
  EXPECT_EQ(options.checkpoints.directory, "c");
  EXPECT_EQ(options.checkpoints.interval, Duration{1'000});
  EXPECT_EQ(options.checkpoints.timeout, Duration{2'500});
  ASSERT_EQ(options.checkpoints.ladder.size(), 1U);
  EXPECT_EQ(options.checkpoints.ladder[0].keep, Duration{86'400'000});
}

TEST(JobOptionsJson, WhatIsNotSaidStaysAsItWas) {
  JobOptions defaults;
  defaults.shards = 7;
  EXPECT_EQ(job_options_from_json("{}", defaults).shards, 7U);
}

TEST(JobOptionsJson, AnUnknownNameIsAnErrorThatNamesTheNearestKnownOne) {
  EXPECT_EQ(
      faults_of(R"({"wokers": 4})"),
      std::vector<std::string>{"unknown option 'wokers'; the nearest known one is 'workers'"});
  EXPECT_EQ(faults_of(R"({"checkpoints": {"intervall": 4}})"),
            std::vector<std::string>{"unknown option 'checkpoints.intervall'; the nearest known "
                                     "one is 'checkpoints.interval'"});
}

TEST(JobOptionsJson, EveryFaultIsReported) {
  EXPECT_EQ(faults_of(R"({"workers": -1, "guarantee": "twice", "stop_timeout": "soon",
                          "restart": 5})")
                .size(),
            4U);
  EXPECT_EQ(faults_of("{"), std::vector<std::string>{"the options are no JSON"});
}

}  // namespace
}  // namespace weir::inline v0
