// SPDX-License-Identifier: Apache-2.0
#include "job/guarantee.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/testing/log_client.hpp"
#include "weir/testing/log_sink.hpp"
#include "weir/testing/log_source.hpp"
#include "weir/testing/virtual_clock.hpp"
#include "weir/topology.hpp"

namespace weir::inline v0::detail {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string decode(const testing::LogRecord& record) { return *record.value; }
testing::LogRecord encode(const std::string& value) { return {.key = value, .value = value}; }

/// From topic to topic of one log.
struct Copy {
  Copy() {
    topology.source("in", testing::log_source<std::string>(client, "in", decode))
        .to("out", testing::log_sink<std::string>(client, "out", encode));
  }

  testing::Effects effects;
  testing::VirtualClock clock;
  testing::SimLog log{effects, clock};
  std::shared_ptr<testing::LogClient> client = std::make_shared<testing::LogClient>(log);
  Topology topology{"copy"};
};

JobOptions with_checkpoints() {
  JobOptions options;
  options.checkpoints.directory = "checkpoints";
  return options;
}

TEST(Guarantee, SourceAndSinkOfOneLogShareOneAuthority) {
  Copy copy;
  EXPECT_THAT(check_guarantee(copy.topology.graph(), with_checkpoints()), IsEmpty());
}

TEST(Guarantee, TwoAuthoritiesAreRefused) {
  Copy copy;
  const auto other = std::make_shared<testing::LogClient>(copy.log);
  copy.topology.source("more", testing::log_source<std::string>(other, "more", decode));
  EXPECT_THAT(check_guarantee(copy.topology.graph(), with_checkpoints()),
              ElementsAre(HasSubstr("2 authorities")));
}

TEST(Guarantee, AnAuthorityNeedsAPlaceForCheckpoints) {
  Copy copy;
  EXPECT_THAT(check_guarantee(copy.topology.graph(), JobOptions{}),
              ElementsAre(HasSubstr("checkpoints.directory")));
}

}  // namespace
}  // namespace weir::inline v0::detail
