// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "integration/job_harness.hpp"
#include "weir/process.hpp"

#if defined(WEIR_TEST_ROCKSDB)
#include "weir/rocksdb.hpp"
#endif

namespace weir::inline v0 {
namespace {

using namespace std::chrono_literals;

struct Payment {
  std::string account;
  std::string id;
  EventTime at;
};

/// The first payment of each id within 24 hours.
class FirstOnly final : public KeyedProcess<std::string, Payment, std::string> {
 public:
  void on_record(const Payment& payment) override {
    if (seen_.contains(payment.id)) return;
    seen_.put(payment.id, payment.at);
    wake_at(payment.at + 24h, payment.id);
    emit(payment.id);
  }
  void on_timer(const Timer& timer) override { seen_.erase(timer.name); }

 private:
  Map<std::string, EventTime> seen_ = map<std::string, EventTime>("seen");
};

/// One payment a second on every other day, the same ids each day; but for the first, which tells
/// everybody that the day before is over.
std::shared_ptr<Source<Payment>> payments(std::int64_t per_day, std::int64_t days) {
  const auto make = [per_day](std::uint64_t index) {
    const std::int64_t day = static_cast<std::int64_t>(index) / per_day;
    const std::int64_t of_day = static_cast<std::int64_t>(index) % per_day;
    const EventTime at{day * 2 * 86'400'000 + of_day * 1'000};
    if (of_day == 0) return Payment{"account-0", "first of day " + std::to_string(day), at};
    return Payment{"account-" + std::to_string(of_day % 50), "payment-" + std::to_string(of_day),
                   at};
  };
  return io::generate<Payment>(static_cast<std::uint64_t>(per_day * days), make);
}

/// How many were kept, and the bytes of state in memory at the end.
struct Outcome {
  std::int64_t kept = 0;
  double state_bytes = 0;
};

Outcome run_deduplication(std::int64_t per_day, std::int64_t days, JobOptions options) {
  Outcome outcome;
  Topology topology{"deduplicate"};
  topology.source("payments", payments(per_day, days))
      .event_time(&Payment::at, {.per_record = true})
      .key_by(&Payment::account)
      .process<FirstOnly>()
      .for_each("count", [&outcome](const std::string&) { ++outcome.kept; });
  Job job{std::move(topology), std::move(options)};
  job.run();
  outcome.state_bytes = job.metrics().sum("streaming_state_size_bytes");
  return outcome;
}

TEST(Deduplicate, AnIdIsAcceptedAgainADayLater) {
  EXPECT_EQ(run_deduplication(2'000, 1, {.workers = 2}).kept, 2'000);
  EXPECT_EQ(run_deduplication(2'000, 3, {.workers = 2}).kept, 6'000);
}

/// A second start takes over what the last checkpoint holds: nothing, when every id has expired.
void expect_nothing_is_left(const JobOptions& options) {
  EXPECT_EQ(run_deduplication(2'000, 2, options).kept, 4'000);
  const Outcome again = run_deduplication(2'000, 2, options);
  EXPECT_EQ(again.kept, 0);
  EXPECT_LT(again.state_bytes, 500'000);
}

TEST(Deduplicate, NoStateIsLeftWhenAllIdsHaveExpired) {
  const ScratchDirectory scratch;
  expect_nothing_is_left(with_checkpoints(scratch / "c"));
}

#if defined(WEIR_TEST_ROCKSDB)
TEST(Deduplicate, NoStateIsLeftInRocksDbEither) {
  const ScratchDirectory scratch;
  JobOptions options = with_checkpoints(scratch / "c");
  options.state = rocksdb::state({.directory = scratch / "s"});
  expect_nothing_is_left(options);
}
#endif

}  // namespace
}  // namespace weir::inline v0
