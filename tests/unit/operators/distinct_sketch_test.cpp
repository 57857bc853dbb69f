// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/distinct_sketch.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>

#include "weir/aggregations.hpp"
#include "weir/codec.hpp"
#include "weir/stable_hash.hpp"

namespace weir::inline v0::detail {
namespace {

std::uint64_t hash_of(std::int64_t value) { return stable_hash("value " + std::to_string(value)); }

DistinctSketch sketch_of(std::int64_t first, std::int64_t end) {
  DistinctSketch sketch;
  for (std::int64_t value = first; value < end; ++value) add_hash(sketch, hash_of(value));
  return sketch;
}

bool are_equal(const DistinctSketch& a, const DistinctSketch& b) {
  return a.hashes == b.hashes && a.registers == b.registers;
}

TEST(DistinctSketch, FewValuesAreCountedExactly) {
  DistinctSketch sketch = sketch_of(0, 256);
  EXPECT_EQ(distinct_hashes(sketch), 256);
  add_hash(sketch, hash_of(7));
  EXPECT_EQ(distinct_hashes(sketch), 256);
  EXPECT_EQ(distinct_hashes({}), 0);
}

/// The standard error is 1.6 %: over 100 sketches of each size the mean error must be near 0, and
/// none further away than five times that.
TEST(DistinctSketch, ErrorStaysWithinWhatIsDocumented) {
  for (const std::int64_t count : {300, 2'000, 10'000, 40'000}) {
    double sum = 0;
    double squares = 0;
    for (std::int64_t run = 0; run < 100; ++run) {
      const std::int64_t first = run * 1'000'000;
      const auto estimate = distinct_hashes(sketch_of(first, first + count));
      const double error = static_cast<double>(estimate - count) / static_cast<double>(count);
      EXPECT_LT(std::abs(error), 0.08) << count;
      sum += error;
      squares += error * error;
    }
    EXPECT_LT(std::abs(sum / 100), 0.008) << count;
    EXPECT_LT(std::sqrt(squares / 100), 0.02) << count;
  }
}

TEST(DistinctSketch, MergesInAnyOrderEqualOneSketchOfAllValues) {
  for (const std::int64_t middle : {10, 200, 5'000}) {
    const DistinctSketch all = sketch_of(0, 5'200);
    DistinctSketch first = sketch_of(0, middle);
    merge_sketch(first, sketch_of(middle / 2, 5'200));
    EXPECT_TRUE(are_equal(first, all)) << middle;

    DistinctSketch second = sketch_of(middle / 2, 5'200);
    merge_sketch(second, sketch_of(0, middle));
    EXPECT_TRUE(are_equal(second, all)) << middle;
  }
}

TEST(DistinctSketch, FewAndFewStayExactWhenMerged) {
  DistinctSketch sketch = sketch_of(0, 100);
  merge_sketch(sketch, sketch_of(50, 200));
  EXPECT_EQ(distinct_hashes(sketch), 200);
}

TEST(DistinctSketch, IsStoredAndReadAsItWas) {
  for (const std::int64_t count : {0, 20, 3'000}) {
    const DistinctSketch sketch = sketch_of(0, count);
    const std::string bytes = encode_to_string(sketch);
    EXPECT_TRUE(are_equal(decode_from_string<DistinctSketch>(bytes), sketch)) << count;
    EXPECT_LT(bytes.size(), 4'200u);
  }
}

TEST(ApproximateDistinctCount, CountsValuesNotRecords) {
  const auto bound =
      approximate_distinct_count([](const int& record) { return record % 10; }).of<int>();
  auto state = bound.make();
  for (int record = 0; record < 1'000; ++record) bound.add(state, record);
  EXPECT_EQ(bound.result(state), 10);
}

}  // namespace
}  // namespace weir::inline v0::detail
