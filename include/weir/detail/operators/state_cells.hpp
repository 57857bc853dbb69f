// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/detail/state/state_access.hpp"
#include "weir/state.hpp"

// What the state handles of a process refer to: tables of the shard, at the key at hand.
namespace weir::inline v0::detail {

/// The key that user code is called for, and its hash.
template <class K>
struct KeyAtHand {
  std::uint64_t hash = 0;
  const K* key = nullptr;
};

template <class V>
class ValueAccess {
 public:
  virtual ~ValueAccess() = default;
  virtual const V* find() = 0;
  virtual void set(V value) = 0;
  virtual void erase() = 0;
};

template <class V>
class ListAccess {
 public:
  virtual ~ListAccess() = default;
  virtual void append(V value) = 0;
  virtual void for_each(const std::function<void(const V&)>& visit) = 0;
  virtual std::size_t size() = 0;
  virtual void truncate_front(std::size_t count) = 0;
  virtual void erase() = 0;
};

template <class S, class V>
class MapAccess {
 public:
  virtual ~MapAccess() = default;
  virtual const V* find(const S& subkey) = 0;
  virtual void put(const S& subkey, V value) = 0;
  virtual void erase(const S& subkey) = 0;
  virtual void erase_all() = 0;
  virtual void for_each(const std::function<void(const S&, const V&)>& visit) = 0;
  virtual std::size_t size() = 0;
};

/// State that a process declared.
template <class K>
class DeclaredCell {
 public:
  virtual ~DeclaredCell() = default;
  virtual void open(StateAccess& state, const KeyAtHand<K>& at_hand) = 0;
  virtual void prefetch(const std::vector<KeyAtHand<K>>& keys) = 0;
};

/// The part that is alike: a table, and where in it.
template <class K, class Interface, class TableType>
class CellOver : public DeclaredCell<K>, public Interface {
 public:
  explicit CellOver(TableSpec spec) : spec_{std::move(spec)} {}

  void prefetch(const std::vector<KeyAtHand<K>>& keys) final {
    table_->prefetch(
        keys.size(), [&](std::size_t i) { return keys[i].hash; },
        [&](std::size_t i) -> const K& { return *keys[i].key; });
  }

 protected:
  void bind(TableType& table, const KeyAtHand<K>& at_hand) {
    table_ = &table;
    at_hand_ = &at_hand;
  }
  TableType& table() const noexcept { return *table_; }
  std::uint64_t hash() const noexcept { return at_hand_->hash; }
  const K& key() const noexcept { return *at_hand_->key; }
  const TableSpec& spec() const noexcept { return spec_; }

 private:
  TableSpec spec_;
  TableType* table_ = nullptr;
  const KeyAtHand<K>* at_hand_ = nullptr;
};

template <class K, class V>
class ValueCellOf final : public CellOver<K, ValueAccess<V>, KeyedTable<K, V>> {
 public:
  using CellOver<K, ValueAccess<V>, KeyedTable<K, V>>::CellOver;

  void open(StateAccess& state, const KeyAtHand<K>& at_hand) override {
    this->bind(state.template keyed<K, V>(this->spec()), at_hand);
  }
  const V* find() override { return this->table().find(this->hash(), this->key()); }
  void set(V value) override {
    bool is_new = false;
    V& place = this->table().get_or_create(this->hash(), this->key(), [&] {
      is_new = true;
      return std::move(value);
    });
    if (!is_new) place = std::move(value);
  }
  void erase() override { this->table().erase(this->hash(), this->key()); }
};

template <class K, class V>
class ListCellOf final : public CellOver<K, ListAccess<V>, ListTable<K, V>> {
 public:
  using CellOver<K, ListAccess<V>, ListTable<K, V>>::CellOver;

  void open(StateAccess& state, const KeyAtHand<K>& at_hand) override {
    this->bind(state.template list<K, V>(this->spec()), at_hand);
  }
  void append(V value) override {
    this->table().append(this->hash(), this->key(), std::move(value));
  }
  void for_each(const std::function<void(const V&)>& visit) override {
    this->table().for_each(this->hash(), this->key(), [&](const V& value) {
      visit(value);
      return true;
    });
  }
  std::size_t size() override { return this->table().size(this->hash(), this->key()); }
  void truncate_front(std::size_t count) override {
    this->table().truncate_front(this->hash(), this->key(), count);
  }
  void erase() override { this->table().erase(this->hash(), this->key()); }
};

template <class K, class S, class V>
class MapCellOf final : public CellOver<K, MapAccess<S, V>, MapTable<K, S, V>> {
 public:
  using CellOver<K, MapAccess<S, V>, MapTable<K, S, V>>::CellOver;

  void open(StateAccess& state, const KeyAtHand<K>& at_hand) override {
    this->bind(state.template map<K, S, V>(this->spec()), at_hand);
  }
  const V* find(const S& subkey) override {
    return this->table().find(this->hash(), this->key(), subkey);
  }
  void put(const S& subkey, V value) override {
    this->table().get_or_create(this->hash(), this->key(), subkey) = std::move(value);
  }
  void erase(const S& subkey) override { this->table().erase(this->hash(), this->key(), subkey); }
  void erase_all() override { this->table().erase_all(this->hash(), this->key()); }
  void for_each(const std::function<void(const S&, const V&)>& visit) override {
    this->table().for_each(this->hash(), this->key(), [&](const S& subkey, const V& value) {
      visit(subkey, value);
      return true;
    });
  }
  std::size_t size() override { return this->table().size(this->hash(), this->key()); }
};

}  // namespace weir::inline v0::detail
