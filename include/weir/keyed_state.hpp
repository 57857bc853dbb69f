// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "weir/detail/operators/state_cells.hpp"

// State that a process declares: each handle stands for what the key at hand has.
namespace weir::inline v0 {

/// One value per key.
template <class V>
class Value final {
 public:
  explicit Value(detail::ValueAccess<V>& cell) noexcept : cell_{&cell} {}

  /// The value where it lies, until the next call on any state; null: there is none.
  const V* find() const { return cell_->find(); }
  std::optional<V> get() const {
    const V* const value = find();
    return value != nullptr ? std::optional<V>{*value} : std::nullopt;
  }
  V get_or(V otherwise) const {
    const V* const value = find();
    return value != nullptr ? *value : std::move(otherwise);
  }
  void set(V value) const { cell_->set(std::move(value)); }
  void erase() const { cell_->erase(); }

 private:
  detail::ValueAccess<V>* cell_;
};

/// A list of values per key. Appending costs one element, whatever the length.
template <class V>
class List final {
 public:
  explicit List(detail::ListAccess<V>& cell) noexcept : cell_{&cell} {}

  void append(V value) const { cell_->append(std::move(value)); }
  /// visit(const V&) for each element, first to last.
  void for_each(const std::function<void(const V&)>& visit) const { cell_->for_each(visit); }
  std::vector<V> all() const {
    std::vector<V> values;
    for_each([&](const V& value) { values.push_back(value); });
    return values;
  }
  std::size_t size() const { return cell_->size(); }
  bool is_empty() const { return size() == 0; }
  /// Removes the first `count` elements, or all there are.
  void truncate_front(std::size_t count) const { cell_->truncate_front(count); }
  void erase() const { cell_->erase(); }

 private:
  detail::ListAccess<V>* cell_;
};

/// A map from S to V per key.
template <class S, class V>
class Map final {
 public:
  explicit Map(detail::MapAccess<S, V>& cell) noexcept : cell_{&cell} {}

  /// The value where it lies, until the next call on any state; null: there is none.
  const V* find(const S& subkey) const { return cell_->find(subkey); }
  std::optional<V> get(const S& subkey) const {
    const V* const value = find(subkey);
    return value != nullptr ? std::optional<V>{*value} : std::nullopt;
  }
  bool contains(const S& subkey) const { return find(subkey) != nullptr; }
  void put(const S& subkey, V value) const { cell_->put(subkey, std::move(value)); }
  void erase(const S& subkey) const { cell_->erase(subkey); }
  void erase_all() const { cell_->erase_all(); }
  /// visit(const S&, const V&) for each entry, in any order.
  void for_each(const std::function<void(const S&, const V&)>& visit) const {
    cell_->for_each(visit);
  }
  std::size_t size() const { return cell_->size(); }
  bool is_empty() const { return size() == 0; }

 private:
  detail::MapAccess<S, V>* cell_;
};

/// One value per key that others are folded into.
template <class V>
class Reducing final {
 public:
  Reducing(Value<V> value, std::function<V(const V&, const V&)> fn)
      : value_{value}, fn_{std::move(fn)} {}

  void add(V value) const {
    const V* const before = value_.find();
    value_.set(before != nullptr ? fn_(*before, value) : std::move(value));
  }
  std::optional<V> get() const { return value_.get(); }
  void erase() const { value_.erase(); }

 private:
  Value<V> value_;
  std::function<V(const V&, const V&)> fn_;
};

/// One A per key that values are added to.
template <class A>
class Aggregating final {
 public:
  explicit Aggregating(Value<A> value) noexcept : value_{value} {}

  template <class V>
  void add(const V& value) const {
    const A* const before = value_.find();
    A changed = before != nullptr ? *before : A{};
    changed.add(value);
    value_.set(std::move(changed));
  }
  std::optional<A> get() const { return value_.get(); }
  void erase() const { value_.erase(); }

 private:
  Value<A> value_;
};

}  // namespace weir::inline v0
