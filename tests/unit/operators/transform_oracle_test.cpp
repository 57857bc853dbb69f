// SPDX-License-Identifier: Apache-2.0
// Goal: a chain of stateless operators equals a plain loop, whatever the sizes of batches, however
// often its output is full, wherever it is snapshotted and restored, and whichever records throw.
// Method: random records through event_time, filter, flat_map, map, a split and a union, over
// seeds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

#include "testing/operator_harness.hpp"
#include "weir/detail/operators/branch.hpp"
#include "weir/detail/operators/event_time.hpp"
#include "weir/detail/operators/filter.hpp"
#include "weir/detail/operators/flat_map.hpp"
#include "weir/detail/operators/map.hpp"
#include "weir/detail/operators/union.hpp"
#include "weir/random.hpp"
#include "weir/testing/seeds.hpp"

namespace weir {
namespace {

using testing::FakeContext;
using testing::for_each_seed;
using testing::Probe;
using testing::Refusal;
using testing::replay;
using testing::Stepper;

constexpr int kDisorder = 50;

struct Point {
  int id = 0;
  int at = 0;
};

EventTime time_of(const Point& point) { return EventTime{point.at}; }
bool is_wanted(const Point& point) { return point.id % 3 != 0; }
void copies_of(const Point& point, Emitter<Point>& emit) {
  for (int copy = 0; copy < point.id % 4; ++copy) {
    emit({point.id * 10 + copy, point.at});
    if (point.id % 17 == 0) throw std::runtime_error{"17 is unlucky"};
  }
}
int number_of(const Point& point) {
  if (point.id % 13 == 0) throw std::runtime_error{"13 is unlucky"};
  return point.id;
}
bool is_even(int number) { return number % 2 == 0; }

using Result = std::vector<std::pair<int, EventTime>>;

Result by_loop(const std::vector<Point>& points) {
  Result result;
  for (const Point& point : points) {
    if (point.id % 3 == 0 || (point.id % 17 == 0 && point.id % 4 > 0)) continue;
    for (int copy = 0; copy < point.id % 4; ++copy) {
      const int number = point.id * 10 + copy;
      if (number % 13 != 0) result.emplace_back(number, EventTime{point.at});
    }
  }
  return result;
}

/// The chain, linked.
struct Chain {
  explicit Chain(Refusal refusal) : out{refusal} {
    context.policy = OnError::skip();
    time.connect(0, link_to(filter, 0));
    filter.connect(0, link_to(flat_map, 0));
    flat_map.connect(0, link_to(map, 0));
    map.connect(0, link_to(branch, 0));
    branch.connect(0, link_to(unite, 0));
    branch.connect(1, link_to(unite, 1));
    unite.connect(0, out.link());
    detail::Operator* const all[] = {&time, &filter, &flat_map, &map, &branch, &unite, &out};
    for (detail::Operator* code : all) {
      code->open(context);
      stepper.add(*code);
      operators.push_back(code);
    }
  }
  void push(const std::vector<Point>& points) {
    stepper.settle();
    time.on_batch(
        {nullptr, points.data(), nullptr, nullptr, static_cast<std::uint32_t>(points.size())});
    stepper.settle();
  }
  std::vector<std::string> save() {
    std::vector<std::string> parts;
    for (detail::Operator* code : operators) {
      ByteWriter part;
      code->on_barrier(CheckpointId{1}, part);
      parts.push_back(part.take());
    }
    return parts;
  }
  void load(const std::vector<std::string>& parts) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      ByteReader part{parts[i]};
      if (!part.empty()) operators[i]->load(part);
    }
    stepper.settle();
  }

  FakeContext context;
  detail::EventTimeOperator<Point, decltype(&time_of)> time{
      &time_of, EventTimeOptions<Point>{.max_disorder = Duration{kDisorder}}};
  detail::FilterOperator<Point, decltype(&is_wanted)> filter{&is_wanted};
  detail::FlatMapOperator<Point, Point, decltype(&copies_of)> flat_map{&copies_of};
  detail::MapOperator<Point, int, decltype(&number_of)> map{&number_of};
  detail::BranchOperator<int, decltype(&is_even)> branch{std::tuple{&is_even}};
  detail::UnionOperator<int> unite;
  Probe<int> out;
  Stepper stepper;
  std::vector<detail::Operator*> operators;
};

std::vector<Point> random_points(Random& random) {
  std::vector<Point> points(random.below(3'000));
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto at = static_cast<int>(i) * 10 - static_cast<int>(random.below(kDisorder));
    points[i] = {static_cast<int>(random.below(1'000)), at};
  }
  return points;
}

void append(Result& result, const Probe<int>& probe) {
  for (std::size_t i = 0; i < probe.values.size(); ++i) {
    result.emplace_back(probe.values[i], probe.times[i]);
  }
}

TEST(StatelessChain, EqualsAPlainLoop) {
  for_each_seed(60, [](std::uint64_t seed) {
    SCOPED_TRACE(replay(seed));
    Random random{seed};
    const std::vector<Point> points = random_points(random);
    const std::size_t size_max = std::size_t{1} << random.below(12);
    const double restarts = random.chance(0.5) ? 0.2 : 0;
    const Refusal refusal = random.chance(0.5) ? Refusal::every_other : Refusal::never;

    Result result;
    auto chain = std::make_unique<Chain>(refusal);
    EventTime watermark = EventTime::min();
    for (std::size_t from = 0; from < points.size();) {
      const std::size_t size = std::min(1 + random.below(size_max), points.size() - from);
      const auto begin = points.begin() + static_cast<std::ptrdiff_t>(from);
      chain->push({begin, begin + static_cast<std::ptrdiff_t>(size)});
      from += size;
      EXPECT_GE(chain->context.split_watermark, watermark);
      watermark = chain->context.split_watermark;
      if (!random.chance(restarts)) continue;
      const std::vector<std::string> parts = chain->save();
      append(result, chain->out);
      chain = std::make_unique<Chain>(refusal);
      chain->load(parts);
    }
    append(result, chain->out);

    // The two branches pass each other within a batch.
    Result expected = by_loop(points);
    std::sort(expected.begin(), expected.end());
    std::sort(result.begin(), result.end());
    EXPECT_EQ(result, expected);
    if (!points.empty()) {
      const auto latest = std::max_element(
          points.begin(), points.end(), [](const Point& a, const Point& b) { return a.at < b.at; });
      EXPECT_EQ(watermark, time_of(*latest) - Duration{kDisorder + 1});
    }
  });
}

}  // namespace
}  // namespace weir
