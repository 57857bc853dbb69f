// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/union.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <tuple>

#include "testing/operator_harness.hpp"
#include "weir/detail/operators/branch.hpp"

namespace weir {
namespace {

using detail::link_to;
using detail::UnionOperator;
using ::testing::ElementsAre;
using testing::FakeContext;
using testing::OperatorHarness;
using testing::Probe;
using testing::Refusal;
using testing::Stepper;

TEST(UnionOperator, PassesOnTheSmallestWatermark) {
  FakeContext context;
  UnionOperator<int> code;
  Probe<int> out;
  code.connect(0, out.link());
  detail::Operator* const left = code.input(0);
  detail::Operator* const right = code.input(1);
  code.open(context);
  left->on_watermark(EventTime{10});
  right->on_watermark(EventTime{4});
  right->on_idle(true);
  EXPECT_THAT(out.log, ElementsAre("watermark 4", "watermark 10"));
}

// A split and a union make a diamond: filling the output through one branch must not lose or
// reorder what comes through the other.
TEST(UnionOperator, TakesBothWaysOfADiamondIntoAFullOutput) {
  const auto is_even = [](int n) { return n % 2 == 0; };
  using Branch = detail::BranchOperator<int, decltype(is_even)>;
  FakeContext context;
  Branch branch{std::tuple<decltype(is_even)>{is_even}};
  UnionOperator<int> code;
  Probe<int> out{Refusal::every_other};
  branch.connect(0, link_to(code, 0));
  branch.connect(1, link_to(code, 1));
  code.connect(0, out.link());
  Stepper stepper;
  stepper.add(branch);
  stepper.add(code);
  stepper.add(out);
  code.open(context);
  branch.open(context);

  int records[] = {1, 2, 3, 4};
  branch.on_batch({nullptr, records, nullptr, nullptr, 4});
  EXPECT_FALSE(branch.ready());
  stepper.settle();
  branch.on_watermark(EventTime{9});
  stepper.settle();
  EXPECT_THAT(out.values, ElementsAre(2, 4, 1, 3));
  EXPECT_THAT(out.log, ElementsAre("2 records", "2 records", "watermark 9"));
}

TEST(UnionOperator, AnnouncesItsWatermarkAfterARestore) {
  FakeContext context;
  UnionOperator<int> code;
  code.input(0)->on_watermark(EventTime{10});
  ByteWriter out;
  code.on_barrier(CheckpointId{1}, out);

  UnionOperator<int> restored;
  Probe<int> probe;
  restored.connect(0, probe.link());
  (void)restored.input(0);
  restored.open(context);
  ByteReader in{out.view()};
  restored.load(in);
  EXPECT_FALSE(restored.ready());
  EXPECT_TRUE(restored.advance());
  EXPECT_THAT(probe.log, ElementsAre("watermark 10"));
}

}  // namespace
}  // namespace weir
