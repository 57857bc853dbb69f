// SPDX-License-Identifier: Apache-2.0
#include "weir/io/memory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "tests/unit/io/reading.hpp"
#include "weir/error.hpp"

namespace weir::io_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;

std::vector<std::int64_t> numbers(std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(last - first));
  std::iota(all.begin(), all.end(), first);
  return all;
}

TEST(RangeSource, GivesTheNumbersInOrderWithoutTheLast) {
  const auto source = io::range(-3, 2);

  EXPECT_THAT(read_all(*source, inline_context()), ElementsAre(-3, -2, -1, 0, 1));
  EXPECT_TRUE(source->is_bounded());
  EXPECT_TRUE(source->is_replayable());
}

TEST(RangeSource, IsEmptyWhenTheLastIsNotAboveTheFirst) {
  EXPECT_THAT(read_all(*io::range(5, 5), inline_context()), IsEmpty());
  EXPECT_THAT(read_all(*io::range(5, -5), inline_context()), IsEmpty());
}

TEST(RangeSource, ReachesBothEndsOfTheIntegers) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();

  EXPECT_THAT(read_all(*io::range(kMax - 2, kMax), inline_context()),
              ElementsAre(kMax - 2, kMax - 1));
  EXPECT_THAT(read_all(*io::range(kMin, kMin + 2), inline_context()), ElementsAre(kMin, kMin + 1));
}

TEST(RangeSource, SplitsShareTheNumbersWithoutGapOrOverlap) {
  for (std::uint32_t splits = 1; splits <= 13; ++splits) {
    const auto source = io::range(0, 11, {.splits = splits});

    EXPECT_THAT(source->splits(inline_context()), SizeIs(splits));
    EXPECT_EQ(read_all(*source, inline_context()), numbers(0, 11)) << splits << " splits";
  }
}

TEST(RangeSource, ContinuesAtAPosition) {
  const auto source = io::range(100, 120, {.splits = 2});
  const SplitId split = source->splits(inline_context())[1];
  const auto first = source->open(split, std::nullopt, inline_context());
  poll_once(*first, 4);

  const auto second = source->open(split, first->position(), inline_context());

  EXPECT_EQ(second->record_number(), 14U);
  EXPECT_EQ(second->lag(), 6U);
  EXPECT_EQ(read_all(*second), numbers(114, 120));
}

TEST(RangeSource, PositionAtTheEndHasNothingLeft) {
  const auto source = io::range(0, 3);
  const SplitId split = source->splits(inline_context())[0];
  const auto first = source->open(split, std::nullopt, inline_context());
  read_all(*first);

  const auto second = source->open(split, first->position(), inline_context());

  EXPECT_EQ(poll_once(*second).poll, Poll::ended);
}

TEST(RangeSource, RefusesACheckpointOfOtherRecords) {
  const auto longer = io::range(0, 100);
  const SplitId split = longer->splits(inline_context())[0];
  const auto reader = longer->open(split, std::nullopt, inline_context());
  poll_once(*reader, 50);

  EXPECT_THAT([&] { io::range(0, 10)->open(split, reader->position(), inline_context()); },
              ThrowsMessage<IncompatibleState>(HasSubstr("the checkpoint continues at 50")));
  EXPECT_THAT(
      [&] { io::range(0, 100, {.splits = 3})->open(split, std::nullopt, inline_context()); },
      ThrowsMessage<IncompatibleState>(HasSubstr("no split '1 of 1' but 3 others")));
}

TEST(RangeSource, NamesOptionsThatCannotBe) {
  EXPECT_THAT(io::range(0, 1, {.splits = 0})->faults(), ElementsAre(HasSubstr("splits is 0")));
  EXPECT_THAT(io::range(0, 1)->faults(), IsEmpty());
}

TEST(ValuesSource, LendsItsRecordsInsteadOfCopyingThem) {
  const auto source = io::values<std::string>({"a", "b", "c"});
  const auto reader =
      source->open(source->splits(inline_context())[0], std::nullopt, inline_context());

  const auto first = poll_once(*reader, 2);
  const auto second = poll_once(*reader, 2);

  EXPECT_THAT(first.values, ElementsAre("a", "b"));
  EXPECT_THAT(second.values, ElementsAre("c"));
  EXPECT_EQ(first.lent + 2, second.lent);
  EXPECT_GT(first.bytes, 0U);
}

TEST(LendSource, GivesTheCallersOwnRecords) {
  const std::vector<int> records{1, 2, 3, 4, 5};
  const auto source = io::lend<int>(records, {.splits = 2});
  const auto reader =
      source->open(source->splits(inline_context())[1], std::nullopt, inline_context());

  const auto polled = poll_once(*reader);

  EXPECT_EQ(polled.lent, records.data() + 3);
  EXPECT_THAT(polled.values, ElementsAre(4, 5));
}

TEST(TimedValuesSource, BringsEventTimes) {
  const auto source = io::timed_values<std::string>({{"a", EventTime{7}}, {"b", EventTime{3}}});
  const auto reader =
      source->open(source->splits(inline_context())[0], std::nullopt, inline_context());

  EXPECT_TRUE(source->has_event_time());
  EXPECT_THAT(poll_once(*reader).times, ElementsAre(EventTime{7}, EventTime{3}));
}

TEST(GenerateSource, ComputesRecordsOfTheirNumbers) {
  const auto source = io::generate<std::string>(
      5, [](std::uint64_t i) { return "r" + std::to_string(i); }, {.splits = 2});

  EXPECT_THAT(read_all(*source, inline_context()), ElementsAre("r0", "r1", "r2", "r3", "r4"));
}

TEST(GenerateSource, KeepsToItsRate) {
  HandClock clock;
  const auto source =
      io::generate<std::uint64_t>(1'000, [](std::uint64_t i) { return i; }, {.per_second = 100});
  const auto reader = source->open(source->splits(inline_context())[0], std::nullopt,
                                   inline_context(nullptr, &clock));

  EXPECT_EQ(poll_once(*reader).poll, Poll::pending);
  clock.advance(Duration{50});
  EXPECT_THAT(poll_once(*reader).values, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(poll_once(*reader).poll, Poll::pending);
  clock.advance(Duration{10});
  EXPECT_THAT(poll_once(*reader).values, ElementsAre(5));
}

TEST(GenerateSource, WakesTheWorkerWhileItIsPaced) {
  std::promise<void> woken;
  std::atomic<bool> is_told = false;
  SystemClock clock;
  SourceContext context = inline_context(nullptr, &clock);
  context.inline_io = false;
  context.wake = [&] {
    if (!is_told.exchange(true)) woken.set_value();
  };
  const auto source =
      io::generate<std::uint64_t>(1'000, [](std::uint64_t i) { return i; }, {.per_second = 1});
  const auto reader = source->open(source->splits(context)[0], std::nullopt, context);

  EXPECT_EQ(woken.get_future().wait_for(std::chrono::seconds{10}), std::future_status::ready);
}

TEST(GenerateSource, NamesARateThatCannotBe) {
  const auto source =
      io::generate<std::uint64_t>(1, [](std::uint64_t i) { return i; }, {.per_second = -1});

  EXPECT_THAT(source->faults(), ElementsAre(HasSubstr("per_second is -1")));
}

}  // namespace
}  // namespace weir::io_test
