// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/bytes.hpp"
#include "weir/detail/dataflow/batch.hpp"
#include "weir/ids.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

class OperatorContext;

/// The untyped side of an input port: links are made through it, data goes through the typed one.
class ReceiverBase {
 public:
  virtual ~ReceiverBase() = default;
};

/// An input port for records of type T.
template <class T>
class Receiver : public ReceiverBase {
 public:
  /// Requires: ready() of the operator. May suspend (ready() false afterwards) with the view held.
  virtual void on_batch(const BatchView<T>& batch) = 0;
};

/// An input port for records of type T under keys of type K, of one shard.
template <class K, class T>
class KeyedReceiver : public ReceiverBase {
 public:
  /// Requires: ready() of the operator.
  virtual void on_keyed_batch(const KeyedView<K, T>& batch) = 0;
};

class Operator;

/// One edge inside a task: the operator downstream and the port of it.
struct Link {
  Operator* target = nullptr;
  ReceiverBase* receiver = nullptr;
};

/// One node's code in one task (a split's chain or a shard). Everything is called by one thread.
///
/// Order of calls: open - load (after a restore) - then any of the element calls, each only while
/// ready() - save at a barrier, only while every operator of the task is ready().
///
/// An operator that cannot finish an element (output full, a window still firing) returns with
/// ready() false and goes on in advance(). It forwards a watermark after every result that the
/// watermark caused.
///
/// Who feeds several consumers asks all of them once, then hands the element to each. The first
/// may fill what the others lead to (they meet again further down), so an operator that holds
/// nothing itself takes the element all the same, and suspends.
class Operator {
 public:
  Operator() = default;
  Operator(const Operator&) = delete;
  Operator& operator=(const Operator&) = delete;
  virtual ~Operator() = default;

  /// The receiver of an input port. Requires: port < number of inputs. A task asks for each port
  /// that is fed in it, before open(); a union may be fed through some of its ports only.
  virtual ReceiverBase* receiver(std::size_t port) = 0;
  /// Who gets time, idleness and end of an input port: the operator itself, or, where several
  /// inputs are combined, a proxy that stands for the port. Asked once per port that is linked.
  virtual Operator* input(std::size_t port) {
    (void)port;
    return this;
  }
  /// Adds a consumer to an outlet (0 is the main one; side outputs count up from 1).
  virtual void connect(std::size_t outlet, Link link) = 0;

  virtual void open(OperatorContext& context) = 0;
  /// True when the next element may come: nothing is suspended here or downstream.
  virtual bool ready() const = 0;
  /// Goes on with suspended work; the task has advanced everything downstream first.
  /// Returns whether anything was done.
  virtual bool advance() = 0;
  /// Event time has reached `watermark`; calls never go back.
  virtual void on_watermark(EventTime watermark) = 0;
  /// All inputs are idle, or no longer.
  virtual void on_idle(bool is_idle) = 0;
  /// Processing time has reached what next_wake() asked for.
  virtual void on_clock(EventTime now) = 0;
  /// When on_clock wants to be called; nullopt: never.
  virtual std::optional<EventTime> next_wake() const { return std::nullopt; }
  /// No more input will come (end of bounded input, after the watermark max()).
  virtual void on_end() = 0;
  /// A barrier: everything before it belongs to checkpoint `checkpoint`. Writes what is not kept
  /// in state tables (generators, counters), and tells sinks.
  virtual void on_barrier(CheckpointId checkpoint, ByteWriter& out) = 0;
  /// Gets back what on_barrier wrote.
  virtual void load(ByteReader& in) = 0;
};

/// Entry of a keyed stage: an operator that takes slices from rings.
class SliceReceiver : public Operator {
 public:
  /// Requires: ready().
  virtual void on_slice(const Slice& slice) = 0;
};

/// The link to an input port of an operator; what OutletBase::connect wants.
inline Link link_to(Operator& target, std::size_t port) {
  return {target.input(port), target.receiver(port)};
}

/// Holds an index into the batch in which user code threw, while the exception unwinds to where
/// the index means a position in a split.
struct RecordFault {
  std::uint32_t index = 0;
  bool is_exact = true;
};

}  // namespace weir::inline v0::detail
