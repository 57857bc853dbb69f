// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "weir/clock.hpp"
#include "weir/commit.hpp"
#include "weir/detail/dataflow/batch.hpp"
#include "weir/guarantee.hpp"
#include "weir/ids.hpp"

namespace weir::inline v0 {

class FileSystem;
struct JobOptions;

/// The records of one call to a sink, with their event times.
template <class T>
using Records = detail::BatchView<T>;

/// Takes the records of one task (a split's chain or a shard). All calls come from the worker
/// thread that runs the task; none may block.
template <class T>
class SinkWriter {
 public:
  virtual ~SinkWriter() = default;

  /// False while the writer's buffer is full: backpressure. `wake` of the context ends the wait.
  virtual bool ready() const { return true; }
  /// Takes records. Requires: ready().
  virtual void write(const Records<T>& records) = 0;
  /// Everything written before belongs to `checkpoint`, everything after it to later ones.
  virtual void barrier(CheckpointId checkpoint) { (void)checkpoint; }
  /// Event time has come to `watermark`; in order with the records. May come while not ready().
  virtual void watermark(EventTime watermark) { (void)watermark; }
  /// The task has nothing to say for now, and nobody should wait for its watermark (true), or it
  /// goes on (false); in order with the records. May come while not ready().
  virtual void idle(bool is_idle) { (void)is_idle; }
  /// No more records will come from this task.
  virtual void end() {}
};

/// What a sink may use.
struct SinkContext {
  std::string node;  ///< The name of the sink's node.
  std::string task;  ///< The split or shard that writes, for messages.
  Guarantee guarantee = Guarantee::at_least_once;  ///< What the job asks for.
  Clock* clock = nullptr;
  FileSystem* files = nullptr;
  std::function<void()> wake;  ///< Makes the worker go on; any thread, cheap.
  /// Runs work on the job's storage thread, in the order given; any thread.
  std::function<void(std::function<void()>)> on_storage_thread;
  std::function<void(std::exception_ptr)> fail;  ///< Ends the attempt; any thread.
  /// False: the job takes no checkpoints. There will be no barrier(), restore(), stage() and
  /// publish(); what is written shows when the sink sees fit, at the latest after the last end().
  bool has_checkpoints = true;
};

/// A sink of records, as a connector implements it.
template <class T>
class Sink {
 public:
  virtual ~Sink() = default;

  /// What the sink can keep; asking a job for more is a ConfigError.
  virtual Guarantee strongest_guarantee() const = 0;
  /// A fault of the configuration to report before anything runs; empty when there is none.
  virtual std::vector<std::string> faults() const { return {}; }
  /// The same of what depends on the job's options; asked when a job is made.
  virtual std::vector<std::string> job_faults(const JobOptions& options) const {
    (void)options;
    return {};
  }
  /// Opens what is shared by all writers, before the first writer(). `writers` is how many tasks
  /// will write: stage(N) follows after that many barrier(N).
  virtual void open(const SinkContext& context, std::size_t writers) {
    (void)context;
    (void)writers;
  }
  virtual std::unique_ptr<SinkWriter<T>> writer(const SinkContext& context) = 0;
  virtual std::shared_ptr<Participant> participant() { return nullptr; }
  virtual std::shared_ptr<CommitAuthority> authority() { return nullptr; }
};

}  // namespace weir::inline v0
