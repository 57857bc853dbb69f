// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "bench/whole/job.hpp"
#include "bench/whole/workloads.hpp"
#include "weir/keyed_stream.hpp"

namespace bench {
namespace {

/// A source that never has anything.
class Silent final : public weir::Source<std::uint64_t> {
 public:
  bool is_bounded() const override { return false; }
  std::vector<weir::SplitId> splits(const weir::SourceContext&) override { return {{"0"}}; }
  std::unique_ptr<weir::SplitReader<std::uint64_t>> open(const weir::SplitId&,
                                                         const std::optional<weir::Position>&,
                                                         const weir::SourceContext&) override {
    return std::make_unique<Reader>();
  }

 private:
  class Reader final : public weir::SplitReader<std::uint64_t> {
   public:
    weir::Poll poll(weir::RecordBatch<std::uint64_t>&, std::size_t) override {
      return weir::Poll::nothing;
    }
    weir::Position position() const override { return {}; }
    std::uint64_t record_number() const override { return 0; }
  };
};

}  // namespace

void run_idle(Suite& suite) {
  if (!suite.wants("idle")) return;
  weir::Topology topology{"bench"};
  topology
      .source("silent", std::shared_ptr<weir::Source<std::uint64_t>>{std::make_shared<Silent>()})
      .key_by(std::identity{})
      .count()
      .changes()
      .for_each([](const weir::Keyed<std::uint64_t, std::int64_t>&) {});
  weir::Job job{std::move(topology), with_workers(2)};
  job.start();
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  const Stopwatch watch;
  std::this_thread::sleep_for(std::chrono::seconds{2});
  const Cost cost = watch.elapsed();
  job.cancel();
  suite.add({.name = "idle",
             .parameters = {{"workers", "2"}},
             .extra = {{"cpu_share", cost.cpu_seconds / cost.seconds}}});
}

}  // namespace bench
