// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <cstdint>
#include <memory>
#include <sstream>
#include <string>

namespace weir {
namespace {

using testing::HasSubstr;

class HandClock final : public Clock {
 public:
  EventTime now() const override { return EventTime{ns / 1'000'000}; }
  std::int64_t monotonic_ns() const override { return ns; }

  std::int64_t ns = 0;
};

/// A logger of a host that keeps its lines, one "level text" each.
struct Host {
  std::ostringstream lines;
  Logger logger = std::make_shared<spdlog::logger>(
      "host", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines));
  HandClock clock;

  Host() {
    logger->set_pattern("%l %v");
    logger->set_level(spdlog::level::trace);
  }
};

TEST(Log, WritesToTheLoggerOfTheHost) {
  Host host;
  const Log log{host.logger, host.clock};

  log.debug("d");
  log.info("i");
  log.warn("w");
  log.error("e");

  EXPECT_EQ(host.lines.str(), "debug d\ninfo i\nwarning w\nerror e\n");
}

TEST(Log, PutsItsContextBeforeEachLine) {
  Host host;
  const Log log{host.logger, host.clock};

  log.with("job 'alerts'").with("shard 3").warn("slow");

  EXPECT_EQ(host.lines.str(), "warning job 'alerts', shard 3: slow\n");
}

TEST(Log, TakesBracesForWhatTheyAre) {
  Host host;
  const Log log{host.logger, host.clock};

  log.warn("{} {name} {0}");

  EXPECT_EQ(host.lines.str(), "warning {} {name} {0}\n");
}

TEST(Log, WritesFiveLinesOfATopicAndThenOneInTenSeconds) {
  Host host;
  const Log log{host.logger, host.clock};
  for (int i = 1; i <= 8; ++i) log.warn("late", std::to_string(i) + " late");
  host.clock.ns += 9'999'999'999;
  log.warn("late", "9 late");
  host.clock.ns += 1;
  log.warn("late", "10 late");
  log.warn("late", "11 late");

  EXPECT_EQ(host.lines.str(),
            "warning 1 late\nwarning 2 late\nwarning 3 late\nwarning 4 late\nwarning 5 late\n"
            "warning 10 late (4 more such lines were left out)\n");
}

TEST(Log, CountsEachTopicAndContextOnItsOwn) {
  Host host;
  const Log log{host.logger, host.clock};
  const Log other = log.with("other");
  for (int i = 0; i < 10; ++i) log.warn("noise");

  log.warn("news");
  other.warn("noise");

  EXPECT_THAT(host.lines.str(), HasSubstr("warning news\nwarning other: noise\n"));
}

TEST(Log, KeepsABoundedNumberOfTopics) {
  Host host;
  const Log log{host.logger, host.clock};
  for (int i = 0; i < 5'000; ++i) {
    host.clock.ns += 1;
    log.warn(std::to_string(i));
  }
  EXPECT_THAT(host.lines.str(), HasSubstr("warning 4999\n"));
}

TEST(Log, LeavesOutWhatTheLoggersLevelLeavesOut) {
  Host host;
  host.logger->set_level(spdlog::level::err);
  const Log log{host.logger, host.clock};

  log.warn("w");

  EXPECT_FALSE(log.is_enabled(LogLevel::warn));
  EXPECT_TRUE(log.is_enabled(LogLevel::error));
  EXPECT_EQ(host.lines.str(), "");
}

TEST(Log, WithoutALoggerWritesWarningsToStderrAndNothingElse) {
  const HandClock clock;
  testing::internal::CaptureStderr();

  const Log log{nullptr, clock};
  log.info("quiet");
  log.warn("loud");

  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, HasSubstr("loud"));
  EXPECT_THAT(text, testing::Not(HasSubstr("quiet")));
}

TEST(Log, LeavesTheRegistryOfTheHostAlone) {
  const HandClock clock;
  const auto before = spdlog::default_logger();

  const Log log{nullptr, clock};

  EXPECT_EQ(spdlog::get("weir"), nullptr);
  EXPECT_EQ(spdlog::default_logger(), before);
}

}  // namespace
}  // namespace weir
