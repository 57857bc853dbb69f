// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/distinct_sketch.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <utility>

namespace weir::inline v0::detail {
namespace {

constexpr int kIndexBits = 12;
constexpr std::size_t kRegisters = std::size_t{1} << kIndexBits;
constexpr int kRankMax = 64 - kIndexBits + 1;  // No one in the bits behind the index.

void note(std::vector<std::uint8_t>& registers, std::uint64_t hash) {
  const std::size_t index = hash >> (64 - kIndexBits);
  const int zeros = std::countl_zero(hash << kIndexBits);
  const auto rank = static_cast<std::uint8_t>(std::min(zeros + 1, kRankMax));
  registers[index] = std::max(registers[index], rank);
}

void make_registers(DistinctSketch& sketch) {
  sketch.registers.assign(kRegisters, 0);
  for (const std::uint64_t hash : std::exchange(sketch.hashes, {})) note(sketch.registers, hash);
}

// The estimator is that of Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog
// sketches" (2017), section 4: one formula without a bias for any number of values.

double sigma(double x) {
  double power = 1;
  double sum = x;
  for (double before = -1; sum != before;) {
    x *= x;
    before = std::exchange(sum, sum + x * power);
    power *= 2;
  }
  return sum;
}

double tau(double x) {
  if (x == 0 || x == 1) return 0;
  double power = 1;
  double sum = 1 - x;
  for (double before = -1; sum != before;) {
    x = std::sqrt(x);
    power /= 2;
    before = std::exchange(sum, sum - (1 - x) * (1 - x) * power);
  }
  return sum / 3;
}

double estimate(const std::vector<std::uint8_t>& registers) {
  std::array<double, kRankMax + 1> counts{};
  for (const std::uint8_t rank : registers) ++counts[std::min<std::size_t>(rank, kRankMax)];
  constexpr double kCount = kRegisters;
  double sum = kCount * tau(1 - counts[kRankMax] / kCount);
  for (std::size_t rank = kRankMax - 1; rank >= 1; --rank) sum = (sum + counts[rank]) / 2;
  sum += kCount * sigma(counts[0] / kCount);
  return kCount * kCount / (2 * std::log(2.0)) / sum;
}

}  // namespace

void add_hash(DistinctSketch& sketch, std::uint64_t hash) {
  if (!sketch.registers.empty()) return note(sketch.registers, hash);
  const auto place = std::lower_bound(sketch.hashes.begin(), sketch.hashes.end(), hash);
  if (place != sketch.hashes.end() && *place == hash) return;
  sketch.hashes.insert(place, hash);
  if (sketch.hashes.size() > kExactlyDistinct) make_registers(sketch);
}

void merge_sketch(DistinctSketch& sketch, const DistinctSketch& other) {
  if (other.registers.empty()) {
    for (const std::uint64_t hash : other.hashes) add_hash(sketch, hash);
    return;
  }
  if (sketch.registers.empty()) make_registers(sketch);
  const std::size_t count = std::min(sketch.registers.size(), other.registers.size());
  for (std::size_t i = 0; i < count; ++i) {
    sketch.registers[i] = std::max(sketch.registers[i], other.registers[i]);
  }
}

std::int64_t distinct_hashes(const DistinctSketch& sketch) {
  if (sketch.registers.empty()) return static_cast<std::int64_t>(sketch.hashes.size());
  return std::llround(estimate(sketch.registers));
}

}  // namespace weir::inline v0::detail
