// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/commit.hpp"
#include "weir/error.hpp"
#include "weir/sink.hpp"

namespace weir::inline v0 {

/// An authority without splits that remembers the last commit, and does what a test says. Any
/// thread.
class ScriptedAuthority final : public CommitAuthority {
 public:
  CommittedState open(const JobIdentity& job, const AuthorityEvents& events) override {
    const std::lock_guard lock{mutex_};
    events_ = events;
    if (!missing_.empty()) throw NotReady{missing_};
    ++open_count_;
    job_ = job;
    CommittedState state;
    state.checkpoint = committed_;
    if (committed_) state.named.insert(*committed_);
    return state;
  }
  void begin() override {}
  void prepare(const CheckpointName&, const Positions&) override {}
  bool commit(const CheckpointName& checkpoint) override {
    const std::lock_guard lock{mutex_};
    if (is_undecided_) return false;
    committed_ = CheckpointPointer{checkpoint, job_.instance};
    return true;
  }
  std::string waiting_for() const override {
    const std::lock_guard lock{mutex_};
    return is_undecided_ ? "the log's answer" : "";
  }
  std::vector<Metric> metrics() const override {
    return {{"log_opened_total", MetricKind::counter, {}, double(open_count()), {}}};
  }
  void job_ended() override {
    const std::lock_guard lock{mutex_};
    has_ended_ = true;
  }

  /// What open() waits for; empty: nothing.
  void set_missing(std::string missing) {
    const std::lock_guard lock{mutex_};
    missing_ = std::move(missing);
  }
  void set_undecided(bool is_undecided) {
    const std::lock_guard lock{mutex_};
    is_undecided_ = is_undecided;
  }
  void hand_over(const std::string& reason) { events().hand_over(reason); }
  void fail(std::exception_ptr error) { events().fail(std::move(error)); }
  int open_count() const {
    const std::lock_guard lock{mutex_};
    return open_count_;
  }
  std::uint64_t committed() const {
    const std::lock_guard lock{mutex_};
    return committed_ ? committed_->checkpoint.id.value : 0;
  }
  bool has_ended() const {
    const std::lock_guard lock{mutex_};
    return has_ended_;
  }

 private:
  AuthorityEvents events() const {
    const std::lock_guard lock{mutex_};
    return events_;
  }

  mutable std::mutex mutex_;  // Guards the rest: a job's threads and the test's meet here.
  JobIdentity job_;
  AuthorityEvents events_;
  std::optional<CheckpointPointer> committed_;
  std::string missing_;
  int open_count_ = 0;
  bool is_undecided_ = false;
  bool has_ended_ = false;
};

/// A sink that brings an authority along, and forgets what it gets.
template <class T>
class AuthoritySink final : public Sink<T> {
 public:
  explicit AuthoritySink(std::shared_ptr<CommitAuthority> authority)
      : authority_{std::move(authority)} {}

  Guarantee strongest_guarantee() const override { return Guarantee::exactly_once; }
  std::unique_ptr<SinkWriter<T>> writer(const SinkContext&) override {
    return std::make_unique<Writer>();
  }
  std::shared_ptr<CommitAuthority> authority() override { return authority_; }

 private:
  class Writer final : public SinkWriter<T> {
   public:
    void write(const Records<T>&) override {}
  };

  const std::shared_ptr<CommitAuthority> authority_;  // The test's own.
};

}  // namespace weir::inline v0
