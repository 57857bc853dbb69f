// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/dataflow/junction.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/operator_harness.hpp"

namespace weir {
namespace {

using detail::Junction;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Probe;

TEST(Junction, CombinesTheWatermarksOfItsPorts) {
  Probe<int> probe;
  Junction junction{probe};
  detail::Operator* const left = junction.port(0);
  detail::Operator* const right = junction.port(1);
  left->on_watermark(EventTime{10});
  EXPECT_THAT(probe.log, IsEmpty());
  right->on_watermark(EventTime{5});
  right->on_idle(true);
  left->on_idle(true);
  EXPECT_THAT(probe.log, ElementsAre("watermark 5", "watermark 10", "idle"));
}

TEST(Junction, OnlyPortsThatAreFedCount) {
  Probe<int> probe;
  Junction junction{probe};
  junction.port(3)->on_watermark(EventTime{10});
  EXPECT_THAT(probe.log, ElementsAre("watermark 10"));
}

TEST(Junction, EndsWhenAllPortsHaveEnded) {
  Probe<int> probe;
  Junction junction{probe};
  detail::Operator* const left = junction.port(0);
  detail::Operator* const right = junction.port(1);
  left->on_watermark(EventTime::max());
  left->on_end();
  EXPECT_THAT(probe.log, IsEmpty());
  right->on_watermark(EventTime::max());
  right->on_end();
  EXPECT_THAT(probe.log, ElementsAre("watermark max", "end"));
}

TEST(Junction, FindsItsPortsAgainAfterARestart) {
  Probe<int> probe;
  Junction junction{probe};
  (void)junction.port(2);
  junction.port(0)->on_watermark(EventTime{10});
  junction.port(2)->on_watermark(EventTime{20});
  ByteWriter out;
  junction.save(out);

  Probe<int> later;
  Junction restored{later};
  (void)restored.port(0);
  (void)restored.port(2);
  ByteReader in{out.view()};
  restored.load(in);
  EXPECT_EQ(restored.watermark(), EventTime{10});
  restored.port(0)->on_watermark(EventTime{30});
  EXPECT_THAT(later.log, ElementsAre("watermark 20"));
}

}  // namespace
}  // namespace weir
