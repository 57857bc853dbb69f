// SPDX-License-Identifier: Apache-2.0

// weir as a guest: a service with threads of its own pushes events into a job, reads its metrics,
// and stops it when the service goes down.

#include <atomic>
#include <cstdint>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "support.hpp"

struct Request {
  std::string route;
  std::int64_t micros = 0;
};

namespace {

/// What the service does all day. Each request thread is a producer.
void serve(weir::io::PushSource<Request>& requests, int thread, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string route = "/route/" + std::to_string((thread + i) % 5);
    if (requests.push(Request{route, 100 + i % 50}) == weir::io::PushResult::closed) return;
  }
}

}  // namespace

int main() {
  constexpr int kThreads = 4;
  constexpr int kRequestsEach = 25'000;

  weir::io::PushSource<Request> requests;
  std::atomic<std::int64_t> counted{0};

  weir::Topology topology{"request-statistics"};
  topology.source("requests", requests.source())
      .key_by(&Request::route)
      .count()
      .changes()
      .for_each("statistics",
                [&counted](const weir::Keyed<std::string, std::int64_t>&) { ++counted; });

  weir::Job job{std::move(topology), {.workers = 1}};
  job.start();

  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&requests, thread] { serve(requests, thread, kRequestsEach); });
  }
  for (std::thread& thread : threads) thread.join();

  requests.close();  // No more will come: the job reads what is there, and ends.
  job.wait();
  std::cout << "counted " << counted << " requests, job " << weir::to_string(job.status().state)
            << ", " << job.metrics().sum("streaming_records_in_total", {{"node", "requests"}})
            << " read\n";
  return counted == kThreads * kRequestsEach ? 0 : 1;
}
