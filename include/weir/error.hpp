// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "weir/export.hpp"

namespace weir::inline v0 {

/// The base of every exception that weir throws. Messages give the value, the limit and what to do.
class WEIR_API Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An impossible request: a bad option, a cycle, a guarantee that a sink cannot keep.
/// Thrown by constructors, before anything runs; it names *all* faults, one per line.
class WEIR_API ConfigError final : public Error {
 public:
  explicit ConfigError(std::vector<std::string> faults);
  explicit ConfigError(std::string fault) : ConfigError(std::vector{std::move(fault)}) {}

  /// Each fault on its own, in the order found.
  const std::vector<std::string>& faults() const noexcept { return faults_; }

 private:
  std::vector<std::string> faults_;
};

/// The world failed: a disk, a file, a directory. Ends the attempt; the restart policy decides.
class WEIR_API IoError : public Error {
 public:
  using Error::Error;
};

/// A resource is held by another process; the message names the holder.
class WEIR_API LockedError final : public IoError {
 public:
  using IoError::IoError;
};

/// What is asked for is not there yet; `what()` says what is waited for. To be asked again.
class WEIR_API NotReady final : public Error {
 public:
  using Error::Error;
};

/// Bytes that were read back are not what was written, or are of a format that this version
/// does not know.
class WEIR_API CorruptState : public Error {
 public:
  using Error::Error;
};

/// A checkpoint does not fit the topology: the message lists every difference.
class WEIR_API IncompatibleState final : public Error {
 public:
  using Error::Error;
};

/// A record that cannot be used: undecodable, or without a usable time. A source's or operator's
/// `OnError` policy decides what becomes of it.
class WEIR_API BadRecord final : public Error {
 public:
  using Error::Error;
};

/// User code threw. `what()` names the node, the split and the position; the original exception is
/// nested (std::rethrow_if_nested).
class WEIR_API OperatorError : public Error {  // Not final: std::throw_with_nested derives from it.
 public:
  OperatorError(std::string node, std::string split, std::string position,
                const std::string& reason);

  const std::string& node() const noexcept { return node_; }
  /// The split that the record came from; empty where it is not known (timers, windows).
  const std::string& split() const noexcept { return split_; }
  /// The position in that split, as the source prints it; empty where it is not known.
  const std::string& position() const noexcept { return position_; }

 private:
  std::string node_;
  std::string split_;
  std::string position_;
};

/// weir is wrong: an invariant is broken. The job fails for good and nothing is committed.
class WEIR_API InternalError final : public Error {
 public:
  using Error::Error;
};

}  // namespace weir::inline v0
