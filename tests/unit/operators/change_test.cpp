// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/change.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Row = Keyed<std::string, int>;
using IntChange = Change<std::string, int>;

constexpr std::nullopt_t kNone = std::nullopt;

std::vector<IntChange> above_one(const IntChange& change) {
  const auto accepts = [](const Row& row) { return row.value > 1; };
  detail::OwnedBatch<IntChange> batch;
  Emitter<IntChange> emit{batch};
  detail::FilterSides<std::string, int, decltype(accepts)>{accepts}(change, emit);
  return batch.values;
}

TEST(ChangeFilter, KeepsAChangeWhoseSidesBothPass) {
  EXPECT_THAT(above_one({"a", 2, 3}), ElementsAre(IntChange{"a", 2, 3}));
}

TEST(ChangeFilter, WhatPassesForTheFirstTimeAppears) {
  EXPECT_THAT(above_one({"a", 1, 2}), ElementsAre(IntChange{"a", kNone, 2}));
  EXPECT_THAT(above_one({"a", kNone, 2}), ElementsAre(IntChange{"a", kNone, 2}));
}

TEST(ChangeFilter, WhatPassesNoLongerVanishes) {
  EXPECT_THAT(above_one({"a", 2, 1}), ElementsAre(IntChange{"a", 2, kNone}));
  EXPECT_THAT(above_one({"a", 2, kNone}), ElementsAre(IntChange{"a", 2, kNone}));
}

TEST(ChangeFilter, WhatWasNeverSeenSaysNothing) {
  EXPECT_THAT(above_one({"a", 0, 1}), IsEmpty());
  EXPECT_THAT(above_one({"a", 1, kNone}), IsEmpty());
}

TEST(ChangeMap, MapsBothSidesUnderTheSameKey) {
  const auto text = [](const Row& row) { return row.key + std::to_string(row.value); };
  const detail::MapSides<std::string, int, decltype(text)> map{text};
  using TextChange = Change<std::string, std::string>;
  EXPECT_EQ(map({"a", 1, 2}), (TextChange{"a", "a1", "a2"}));
  EXPECT_EQ(map({"a", kNone, 2}), (TextChange{"a", kNone, "a2"}));
  EXPECT_EQ(map({"a", 1, kNone}), (TextChange{"a", "a1", kNone}));
}

TEST(ChangeObserver, SeesTheNewValueAsARow) {
  std::vector<Row> seen;
  const auto observer =
      detail::as_observer<IntChange>([&seen](const Row& row) { seen.push_back(row); });
  observer({"a", 1, 2});
  observer({"b", 1, kNone});
  EXPECT_THAT(seen, ElementsAre(Row{"a", 2}));
}

TEST(ChangeObserver, OfTheWholeChangeSeesEveryOne) {
  int seen = 0;
  const auto observer = detail::as_observer<IntChange>([&seen](const IntChange&) { ++seen; });
  observer({"b", 1, kNone});
  EXPECT_EQ(seen, 1);
}

}  // namespace
}  // namespace weir
