// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/detail/state/slot_table.hpp"

namespace weir::inline v0::detail {

/// The elements of one map: a vector, and from kIndexed on a table of where they are.
template <class S, class V>
struct MapCell {
  struct Element {
    S key;
    V value;
    std::int64_t stamp = 0;
    bool is_dirty = false;  ///< Part of the next delta.
    bool is_fresh = false;  ///< Neither a delta nor the store has it.
  };

  std::vector<Element> elements;
  std::vector<S> erased;    ///< Since the last barrier, of those that a delta or the store has.
  bool is_cleared = false;  ///< Everything before `elements` is gone.

  bool is_empty() const noexcept { return elements.empty(); }

  Element* find(const S& key) {
    if (index_ == nullptr) {
      for (Element& each : elements) {
        if (each.key == key) return &each;
      }
      return nullptr;
    }
    IndexSlot* slot = index_->find(StoredKey<S>::hash(key, scratch_), key);
    return slot != nullptr ? &elements[slot->value()] : nullptr;
  }
  /// Requires: the key is absent.
  Element& insert(const S& key, V value) {
    elements.push_back({key, std::move(value)});
    if (index_ != nullptr) {
      note(elements.size() - 1);
    } else if (elements.size() >= kIndexed) {
      index_ = std::make_unique<Index>();
      for (std::size_t i = 0; i < elements.size(); ++i) note(i);
    }
    return elements.back();
  }
  void erase(Element& element) {
    if (!element.is_fresh) erased.push_back(element.key);
    discard(element);
  }
  /// The same without a trace in the next delta.
  void discard(Element& element) {
    if (index_ != nullptr) forget(element.key);
    if (&element != &elements.back()) {
      element = std::move(elements.back());
      if (index_ != nullptr) slot_of(element.key).value() = position(element);
    }
    elements.pop_back();
  }
  void clear() {
    elements.clear();
    erased.clear();
    index_.reset();
    is_cleared = true;
  }

 private:
  using Index = SlotTable<S, std::uint32_t>;
  using IndexSlot = typename Index::SlotType;
  static constexpr std::size_t kIndexed = 16;

  std::uint32_t position(const Element& element) const noexcept {
    return static_cast<std::uint32_t>(&element - elements.data());
  }
  IndexSlot& slot_of(const S& key) { return *index_->find(StoredKey<S>::hash(key, scratch_), key); }
  void note(std::size_t position) {
    if (index_->is_full()) index_->rehash(index_->capacity() * 2, [](std::size_t, std::size_t) {});
    const S& key = elements[position].key;
    IndexSlot& slot = index_->insert(StoredKey<S>::hash(key, scratch_), key);
    std::construct_at(reinterpret_cast<std::uint32_t*>(slot.value_bytes),
                      static_cast<std::uint32_t>(position));
    slot.flags = Index::kHasValue;
  }
  void forget(const S& key) {
    index_->remove(slot_of(key), [](std::size_t, std::size_t) {});
  }

  std::unique_ptr<Index> index_;
  std::string scratch_;
};

}  // namespace weir::inline v0::detail
