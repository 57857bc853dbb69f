// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/names.hpp"
#include "weir/clock.hpp"
#include "weir/commit.hpp"
#include "weir/error.hpp"
#include "weir/file_system.hpp"
#include "weir/testing/effects.hpp"

namespace weir::inline v0::detail {

class StoppedClock final : public Clock {
 public:
  EventTime now() const override { return EventTime{1'000'000}; }
  std::int64_t monotonic_ns() const override { return 0; }
};

/// A log with transactions, outside of the process: it keeps what it has committed.
class FakeAuthority final : public CommitAuthority {
 public:
  explicit FakeAuthority(testing::Effects& effects) : effects_{effects} {}

  CommittedState open(const JobIdentity&, const AuthorityEvents&) override {
    return effects_.run("open", "log", [&] {
      prepared_.reset();
      return committed;
    });
  }
  void begin() override {}
  void prepare(const CheckpointName& checkpoint, const Positions& positions) override {
    const CheckpointPointer pointer{checkpoint, "0"};
    prepared_ = CommittedState{pointer, {}, {pointer}};
    for (const auto& [split, position] : positions) {
      prepared_->splits[split.split] = CommittedSplit{position, pointer};
    }
  }
  bool commit(const CheckpointName& checkpoint) override {
    if (is_undecided_ = !is_undecided_; is_undecided_) return false;
    effects_.run("commit", to_string(checkpoint), [&] { committed = *prepared_; });
    return true;
  }

  CommittedState committed;

 private:
  testing::Effects& effects_;
  std::optional<CommittedState> prepared_;
  bool is_undecided_ = false;
};

/// Output files: hidden until they are published. Every life of the process names them anew, so
/// that a record that is published twice shows twice.
class FakeSink final : public Participant {
 public:
  /// `owner`: what all lives of the process begin with; hidden files of others are left alone.
  FakeSink(std::shared_ptr<FileSystem> files, std::string life, const std::string& owner = "")
      : files_{std::move(files)}, life_{std::move(life)}, own_{"." + owner} {
    files_->create_directories("out");
    files_->sync_directory(".");
  }

  void write(const std::string& record) { buffer_ += record; }

  std::string name() const override { return "files"; }

  std::string stage(CheckpointId checkpoint) override {
    const std::string file = life_ + "-" + std::to_string(checkpoint.value);
    const auto out = files_->create(hidden(file));
    out->write(buffer_);
    out->sync();
    files_->sync_directory("out");
    buffer_.clear();
    waiting_.push_back(file);
    std::string part;
    for (const std::string& each : waiting_) part += each + "\n";
    return part;
  }

  void publish(CheckpointId) override {
    if (fails) throw IoError("the disk of the output is away");
    for (const std::string& file : waiting_) {
      if (files_->exists(hidden(file))) files_->rename(hidden(file), "out/" + file);
    }
    files_->sync_directory("out");
    waiting_.clear();
  }

  void restore(const std::optional<CheckpointName>&, std::string_view part) override {
    buffer_.clear();
    waiting_.clear();
    while (!part.empty()) {
      waiting_.emplace_back(part.substr(0, part.find('\n')));
      part.remove_prefix(part.find('\n') + 1);
    }
    publish({});
    for (const std::string& file : files_->list("out")) {
      if (file.starts_with(own_)) files_->remove("out/" + file);
    }
    files_->sync_directory("out");
  }

  bool fails = false;

 private:
  static std::string hidden(const std::string& file) { return "out/." + file; }

  const std::shared_ptr<FileSystem> files_;
  const std::string life_;
  const std::string own_;
  std::string buffer_;
  std::vector<std::string> waiting_;
};

}  // namespace weir::inline v0::detail
