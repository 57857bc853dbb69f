// SPDX-License-Identifier: Apache-2.0
#include "weir/io/callback.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace weir::io_test {
namespace {

using testing::ElementsAre;

template <class T>
Records<T> records_of(const std::vector<T>& values, const std::vector<EventTime>& times = {}) {
  Records<T> records;
  records.values = values.data();
  records.times = times.empty() ? nullptr : times.data();
  records.count = static_cast<std::uint32_t>(values.size());
  return records;
}

TEST(CallbackSink, CallsTheFunctionForEachRecordInOrder) {
  std::vector<int> seen;
  const auto sink = io::callback<int>([&seen](const int& value) { seen.push_back(value); });
  const auto writer = sink->writer({});

  const std::vector<int> values{3, 1, 2};
  writer->write(records_of(values));

  EXPECT_THAT(seen, ElementsAre(3, 1, 2));
  EXPECT_EQ(sink->strongest_guarantee(), Guarantee::at_least_once);
}

TEST(CallbackSink, GivesTheEventTimeToAFunctionThatTakesIt) {
  std::vector<std::int64_t> seen;
  const auto sink = io::callback<std::string>(
      [&seen](const std::string&, EventTime time) { seen.push_back(time.ms()); });

  const std::vector<std::string> values{"a", "b"};
  const std::vector<EventTime> times{EventTime{5}, EventTime{6}};
  sink->writer({})->write(records_of(values, times));

  EXPECT_THAT(seen, ElementsAre(5, 6));
}

TEST(CallbackSink, SkipsRecordsThatAreNotSelected) {
  std::vector<int> seen;
  const auto sink = io::callback<int>([&seen](const int& value) { seen.push_back(value); });
  const std::vector<int> values{10, 11, 12};
  const std::vector<std::uint32_t> selection{0, 2};
  Records<int> records = records_of(values);
  records.selection = selection.data();
  records.count = 2;

  sink->writer({})->write(records);

  EXPECT_THAT(seen, ElementsAre(10, 12));
}

TEST(CallbackSink, NeverOverlapsCallsOfDifferentWorkers) {
  std::atomic<int> inside = 0;
  bool did_overlap = false;
  int calls = 0;
  const auto sink = io::callback<int>([&](const int&) {
    did_overlap = did_overlap || inside.fetch_add(1) != 0;
    ++calls;
    inside.fetch_sub(1);
  });
  const std::vector<int> values(1'000, 1);
  const auto work = [&] {
    const auto writer = sink->writer({});
    for (int i = 0; i < 10; ++i) writer->write(records_of(values));
  };

  std::thread other{work};
  work();
  other.join();

  EXPECT_FALSE(did_overlap);
  EXPECT_EQ(calls, 20'000);
}

TEST(CallbackSink, LetsTheFunctionsExceptionThrough) {
  const auto sink = io::callback<int>([](const int&) { throw std::runtime_error{"no paper"}; });
  const auto writer = sink->writer({});
  const std::vector<int> values{1};

  EXPECT_THROW(writer->write(records_of(values)), std::runtime_error);
}

TEST(CollectSink, GathersRecordsOfAllWriters) {
  const auto seen = std::make_shared<io::Collected<int>>();
  const auto sink = io::collect(seen);
  const std::vector<int> values{1, 2};
  const std::vector<EventTime> times{EventTime{5}, EventTime{6}};

  sink->writer({})->write(records_of(values, times));
  sink->writer({})->write(records_of(values));

  EXPECT_THAT(seen->values(), ElementsAre(1, 2, 1, 2));
  EXPECT_EQ(seen->records()[1], (Record<int>{2, EventTime{6}}));
  EXPECT_EQ(seen->records()[2].time, EventTime::min());
  EXPECT_EQ(seen->size(), 4U);
}

}  // namespace
}  // namespace weir::io_test
