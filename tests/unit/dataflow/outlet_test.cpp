// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/dataflow/outlet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/operator_harness.hpp"
#include "weir/detail/dataflow/pending_time.hpp"

namespace weir {
namespace {

using detail::Outlet;
using detail::PendingTime;
using ::testing::ElementsAre;
using testing::Probe;
using testing::Refusal;

TEST(Outlet, CollectsRecordsUntilFlush) {
  Outlet<int> outlet;
  Probe<int> probe;
  outlet.connect(probe.link());
  outlet.emit(1, EventTime{10});
  outlet.emit(2, EventTime{20});
  EXPECT_TRUE(probe.values.empty());
  EXPECT_TRUE(outlet.flush());
  EXPECT_THAT(probe.values, ElementsAre(1, 2));
  EXPECT_THAT(probe.times, ElementsAre(EventTime{10}, EventTime{20}));
}

TEST(Outlet, KeepsWhatConsumersCannotTake) {
  Outlet<int> outlet;
  Probe<int> probe{Refusal::every_other};
  outlet.connect(probe.link());
  outlet.emit(1, {});
  EXPECT_TRUE(outlet.flush());
  outlet.emit(2, {});
  EXPECT_FALSE(outlet.flush());
  probe.advance();
  EXPECT_TRUE(outlet.flush());
  EXPECT_THAT(probe.values, ElementsAre(1, 2));
}

TEST(Outlet, GivesEveryConsumerEveryRecord) {
  Outlet<int> outlet;
  Probe<int> first;
  Probe<int> second;
  outlet.connect(first.link());
  outlet.connect(second.link());
  outlet.emit(7, {});
  EXPECT_TRUE(outlet.flush());
  EXPECT_THAT(first.values, ElementsAre(7));
  EXPECT_THAT(second.values, ElementsAre(7));
}

TEST(PendingTime, DeliversInOrderOneAtATime) {
  Outlet<int> outlet;
  Probe<int> probe{Refusal::every_other};
  outlet.connect(probe.link());
  PendingTime pending;
  pending.idle(true);
  pending.watermark(EventTime{5});
  pending.watermark(EventTime{3});
  pending.end();
  while (!pending.deliver(outlet)) probe.advance();
  EXPECT_THAT(probe.log, ElementsAre("watermark 5", "idle", "end"));
}

}  // namespace
}  // namespace weir
