// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// How many records a batch holds at most, unless one unit of work emits more.
inline constexpr std::uint32_t kBatchCapacity = 1024;

/// Where the records of a batch were read: for error messages and latency, never for results.
struct Origin {
  const std::string* split = nullptr;  ///< Lives as long as the job.
  std::uint64_t first_position = 0;    ///< Of record 0; record i is at first_position + i.
  bool is_exact = false;               ///< False once records were added, dropped or reordered.
  std::int64_t read_at_ns = 0;         ///< Monotonic clock when the source handed the batch over.
};

/// Memory shared by everyone who still reads a batch. The producer keeps one reference in its pool
/// and uses the memory again when it holds the only one.
class BatchBase {
 public:
  BatchBase() = default;
  BatchBase(const BatchBase&) = delete;
  BatchBase& operator=(const BatchBase&) = delete;

  void retain(std::uint32_t count = 1) noexcept {
    references_.fetch_add(count, std::memory_order_relaxed);
  }
  void release() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  bool is_unshared() const noexcept { return references_.load(std::memory_order_acquire) == 1; }

  Origin origin;
  std::size_t bytes = 0;      ///< Estimate of the memory that this batch keeps alive.
  std::uint32_t records = 0;  ///< How many records share these bytes.

 protected:
  virtual ~BatchBase() = default;

 private:
  std::atomic<std::uint32_t> references_{1};
};

/// A counted reference to a batch.
template <class B>
class Ref {
 public:
  Ref() noexcept = default;
  static Ref adopt(B* batch) noexcept { return Ref{batch}; }
  static Ref share(B* batch) noexcept {
    if (batch != nullptr) batch->retain();
    return Ref{batch};
  }
  Ref(const Ref& other) noexcept : batch_{other.batch_} {
    if (batch_ != nullptr) batch_->retain();
  }
  Ref(Ref&& other) noexcept : batch_{std::exchange(other.batch_, nullptr)} {}
  template <class D>
  Ref(Ref<D>&& derived) noexcept : batch_{derived.detach()} {}  // NOLINT: conversion is wanted.
  Ref& operator=(Ref other) noexcept {
    std::swap(batch_, other.batch_);
    return *this;
  }
  ~Ref() {
    if (batch_ != nullptr) batch_->release();
  }

  B* get() const noexcept { return batch_; }
  B& operator*() const noexcept { return *batch_; }
  B* operator->() const noexcept { return batch_; }
  explicit operator bool() const noexcept { return batch_ != nullptr; }
  B* detach() noexcept { return std::exchange(batch_, nullptr); }

 private:
  explicit Ref(B* batch) noexcept : batch_{batch} {}
  B* batch_ = nullptr;
};

/// What an operator gets: `count` records of one batch. `values`, `times` live as long as `owner`;
/// `selection` only during the call - who keeps a view copies it (HeldView).
template <class T>
struct BatchView {
  BatchBase* owner = nullptr;
  const T* values = nullptr;
  const EventTime* times = nullptr;          ///< Null before event_time().
  const std::uint32_t* selection = nullptr;  ///< Indices into values; null: 0 .. count-1.
  std::uint32_t count = 0;

  std::uint32_t index(std::uint32_t i) const noexcept {
    return selection != nullptr ? selection[i] : i;
  }
  const T& value(std::uint32_t i) const noexcept { return values[index(i)]; }
  EventTime time(std::uint32_t i) const noexcept {
    return times != nullptr ? times[index(i)] : EventTime::min();
  }
};

/// A view that outlives the call it was given in.
template <class T>
class HeldView {
 public:
  HeldView() = default;
  explicit HeldView(const BatchView<T>& view)
      : owner_{Ref<BatchBase>::share(view.owner)}, view_{view} {
    if (view.selection == nullptr) return;
    selection_.assign(view.selection, view.selection + view.count);
    view_.selection = selection_.data();
  }
  HeldView(HeldView&& other) noexcept = default;
  HeldView& operator=(HeldView&& other) noexcept = default;

  const BatchView<T>& view() const noexcept { return view_; }

 private:
  Ref<BatchBase> owner_;
  std::vector<std::uint32_t> selection_;  // Moves keep the buffer, and so view_.selection.
  BatchView<T> view_;
};

/// A batch that owns its records.
template <class T>
class OwnedBatch final : public BatchBase {
 public:
  std::vector<T> values;
  std::vector<EventTime> times;  ///< Empty, or one per value.

  void clear() noexcept {
    values.clear();
    times.clear();
    bytes = 0;
    origin = {};
  }
  BatchView<T> view() noexcept {
    return {this, values.data(), times.empty() ? nullptr : times.data(), nullptr,
            static_cast<std::uint32_t>(values.size())};
  }
};

/// Batches that one producer uses again and again. One thread only; consumers on other threads
/// give memory back by releasing their reference.
template <class B>
class BatchPool {
 public:
  /// A batch that nobody else refers to; its contents are what the last user left.
  Ref<B> take() {
    for (std::size_t tried = 0; tried < kLook && tried < batches_.size(); ++tried) {
      Ref<B>& candidate = batches_[next_];
      next_ = (next_ + 1) % batches_.size();
      if (candidate->is_unshared()) return candidate;
    }
    Ref<B> fresh = Ref<B>::adopt(new B);
    if (batches_.size() < kMaxKept) batches_.push_back(fresh);
    return fresh;
  }

 private:
  static constexpr std::size_t kLook = 4;
  static constexpr std::size_t kMaxKept = 256;
  std::vector<Ref<B>> batches_;
  std::size_t next_ = 0;
};

/// Records of one exchange: values of an upstream batch, ordered by the shard that they go to.
template <class K, class T>
class KeyedBatch final : public BatchBase {
 public:
  Ref<BatchBase> source;  ///< Keeps values and times alive.
  const T* values = nullptr;
  const EventTime* times = nullptr;
  const std::byte* keys = nullptr;  ///< The key of values[i] is at keys + i * key_stride.
  std::size_t key_stride = 0;
  std::vector<K> own_keys;            ///< Where the selector does not refer into the record.
  std::vector<std::uint32_t> order;   ///< Indices into values, grouped by shard.
  std::vector<std::uint64_t> hashes;  ///< Parallel to order.
};

/// One shard's part of a keyed batch, on its way through a ring.
struct Slice {
  Ref<BatchBase> batch;  ///< A KeyedBatch<K, T>; both ends of an exchange know its type.
  std::uint32_t begin = 0;
  std::uint32_t count = 0;
};

/// What a keyed operator gets.
template <class K, class T>
struct KeyedView {
  KeyedBatch<K, T>* batch = nullptr;
  std::uint32_t begin = 0;
  std::uint32_t count = 0;

  const T& value(std::uint32_t i) const noexcept { return batch->values[at(i)]; }
  EventTime time(std::uint32_t i) const noexcept {
    return batch->times != nullptr ? batch->times[at(i)] : EventTime::min();
  }
  std::uint64_t hash(std::uint32_t i) const noexcept { return batch->hashes[begin + i]; }
  const K& key(std::uint32_t i) const noexcept {
    return *reinterpret_cast<const K*>(batch->keys + at(i) * batch->key_stride);
  }

 private:
  std::size_t at(std::uint32_t i) const noexcept { return batch->order[begin + i]; }
};

}  // namespace weir::inline v0::detail
