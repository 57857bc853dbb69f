// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/clock.hpp"
#include "weir/commit.hpp"
#include "weir/file_system.hpp"
#include "weir/sink.hpp"

namespace weir::io_test {

/// One attempt of a job with one sink, played by hand: tasks that write, and a storage thread whose
/// work is done when the test says so.
template <class T>
class SinkRun {
 public:
  struct World {
    FileSystem* files = nullptr;
    Clock* clock = nullptr;
    bool has_checkpoints = true;
  };

  SinkRun(std::shared_ptr<Sink<T>> sink, World world, std::size_t tasks) : sink_{std::move(sink)} {
    SinkContext context;
    context.node = "sink";
    context.clock = world.clock;
    context.files = world.files;
    context.has_checkpoints = world.has_checkpoints;
    context.on_storage_thread = [this](std::function<void()> work) {
      storage_.push_back(std::move(work));
    };
    context.fail = [this](std::exception_ptr error) { failure_ = error; };
    sink_->open(context, tasks);
    for (std::size_t task = 0; task < tasks; ++task) {
      context.wake = [this, task] { woken_.push_back(task); };
      writers_.push_back(sink_->writer(context));
    }
  }

  SinkWriter<T>& task(std::size_t index) { return *writers_[index]; }
  std::size_t task_count() const { return writers_.size(); }
  Participant& participant() { return *sink_->participant(); }

  void write(std::size_t task, const std::vector<T>& values,
             const std::vector<EventTime>& times = {}) {
    Records<T> records;
    records.values = values.data();
    records.times = times.empty() ? nullptr : times.data();
    records.count = static_cast<std::uint32_t>(values.size());
    writers_[task]->write(records);
  }
  void barrier(std::uint64_t checkpoint) {
    for (const auto& writer : writers_) writer->barrier({checkpoint});
  }
  void end() {
    for (const auto& writer : writers_) writer->end();
  }
  /// What the storage thread has to do; at most `count` of it. Throws what failed.
  void work(std::size_t count = 1'000'000) {
    for (; count > 0 && !storage_.empty(); --count) {
      const auto work = std::move(storage_.front());
      storage_.pop_front();
      work();
    }
    if (failure_ != nullptr) std::rethrow_exception(failure_);
  }
  std::string stage(std::uint64_t checkpoint) { return participant().stage({checkpoint}); }
  void publish(std::uint64_t checkpoint) { participant().publish({checkpoint}); }
  /// Barriers of all tasks, stage and publish.
  std::string checkpoint(std::uint64_t checkpoint) {
    barrier(checkpoint);
    std::string part = stage(checkpoint);
    publish(checkpoint);
    return part;
  }

  const std::vector<std::size_t>& woken() const { return woken_; }

 private:
  const std::shared_ptr<Sink<T>> sink_;
  std::deque<std::function<void()>> storage_;
  std::exception_ptr failure_;
  std::vector<std::size_t> woken_;
  std::vector<std::unique_ptr<SinkWriter<T>>> writers_;
};

}  // namespace weir::io_test
