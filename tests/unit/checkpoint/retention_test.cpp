// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "checkpoint/retention.hpp"

namespace weir::inline v0::detail {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

/// Checkpoints 1, 2, 3... taken at the given minutes.
std::vector<StoredCheckpoint> taken_at(const std::vector<int>& minutes) {
  std::vector<StoredCheckpoint> entries;
  for (const int minute : minutes) {
    StoredCheckpoint entry;
    entry.identity.sequence = entries.size() + 1;
    entry.identity.taken_at = EventTime{} + Duration{minute * 60'000};
    entry.file = std::to_string(entry.identity.sequence);
    entries.push_back(entry);
  }
  return entries;
}

std::vector<std::string> kept(const std::vector<StoredCheckpoint>& entries,
                              const RetentionRules& rules) {
  std::vector<std::string> names;
  const EventTime now = entries.empty() ? EventTime{} : entries.back().identity.taken_at;
  for (const StoredCheckpoint* each : kept_checkpoints(entries, rules, now)) {
    names.push_back(each->file);
  }
  return names;
}

TEST(Retention, KeepsTheLastOnes) {
  EXPECT_THAT(kept(taken_at({0, 1, 2, 3}), {.count = 2, .ladder = {}}), ElementsAre("3", "4"));
}

TEST(Retention, KeepsAllWhenThereAreFewer) {
  EXPECT_THAT(kept(taken_at({0}), {.count = 2, .ladder = {}}), ElementsAre("1"));
  EXPECT_THAT(kept({}, {.count = 2, .ladder = {}}), IsEmpty());
}

TEST(Retention, KeepsOneAtLeast) {
  EXPECT_THAT(kept(taken_at({0, 1}), {.count = 0, .ladder = {}}), ElementsAre("2"));
}

TEST(Retention, LadderKeepsTheLastOfEachSpan) {
  EXPECT_THAT(kept(taken_at({0, 30, 59, 60, 90, 119, 125}),
                   {.count = 1, .ladder = {{.every = 1h, .keep = 24h}}}),
              ElementsAre("3", "6", "7"));
}

TEST(Retention, LadderEndsWhereItIsTold) {
  EXPECT_THAT(
      kept(taken_at({0, 60, 120, 180}), {.count = 1, .ladder = {{.every = 1h, .keep = 2h}}}),
      ElementsAre("2", "3", "4"));
}

TEST(Retention, LadderMayHaveSeveralSteps) {
  EXPECT_THAT(
      kept(taken_at({0, 10, 60, 70, 130}),
           {.count = 1, .ladder = {{.every = 1h, .keep = 3h}, {.every = 10min, .keep = 70min}}}),
      ElementsAre("2", "3", "4", "5"));
}

// Given a checkpoint that was let go, no later moment may want it back: its files are gone.
TEST(Retention, NeverWantsBackWhatItLetGo) {
  const RetentionRules rules{.count = 2,
                             .ladder = {{.every = 1h, .keep = 5h}, {.every = 3h, .keep = 24h}}};
  std::vector<int> minutes;
  std::set<std::string> let_go;
  for (int minute = 0; minute < 3000; minute += 7) {
    minutes.push_back(minute);
    const auto entries = taken_at(minutes);
    const auto names = kept(entries, rules);
    const std::set<std::string> now{names.begin(), names.end()};
    for (const StoredCheckpoint& entry : entries) {
      EXPECT_FALSE(now.contains(entry.file) && let_go.contains(entry.file)) << entry.file;
      if (!now.contains(entry.file)) let_go.insert(entry.file);
    }
  }
}

TEST(Retention, ReachIsEveryFileOfTheKeptOnes) {
  std::vector<StoredCheckpoint> entries = taken_at({0, 1, 2});
  entries[0].reach = {"old base"};
  entries[2].reach = {"base", "1"};
  EXPECT_THAT(reachable_files(kept_checkpoints(entries, {.count = 1, .ladder = {}}, EventTime{})),
              ElementsAre("1", "3", "base"));
}

}  // namespace
}  // namespace weir::inline v0::detail
