// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <typeindex>
#include <typeinfo>
#include <utility>
#include <vector>

#include "weir/detail/operators/any_outlet.hpp"
#include "weir/error.hpp"
#include "weir/timer.hpp"

namespace weir::inline v0::detail {

/// A side output that somebody reads.
struct SideDeclaration {
  std::string name;
  std::size_t outlet;
  std::type_index type;
  std::unique_ptr<AnyOutlet> (*make)();
};

template <class U>
std::unique_ptr<AnyOutlet> make_side_outlet() {
  return std::make_unique<TypedOutlet<U>>();
}

/// The side outputs of a node, as handles ask for them; filled while the topology is built.
using SideDeclarations = std::vector<SideDeclaration>;

/// The side outlets of one operator.
class SideOutlets final {
 public:
  explicit SideOutlets(const SideDeclarations& declarations) {
    for (const SideDeclaration& side : declarations) entries_.push_back({side, side.make()});
  }

  AnyOutlet* find(std::size_t outlet) const {
    for (const Entry& entry : entries_) {
      if (entry.side.outlet == outlet) return entry.outlet.get();
    }
    return nullptr;
  }
  /// Null: nobody reads it.
  template <class U>
  TypedOutlet<U>* find(const SideOutput<U>& side) const {
    for (const Entry& entry : entries_) {
      if (entry.side.name != side.name()) continue;
      if (entry.side.type == typeid(U)) return static_cast<TypedOutlet<U>*>(entry.outlet.get());
      throw ConfigError{"side output '" + side.name() + "' is read with another type than emitted"};
    }
    return nullptr;
  }
  template <class Use>
  void for_each(const Use& use) const {
    for (const Entry& entry : entries_) use(*entry.outlet);
  }

 private:
  struct Entry {
    SideDeclaration side;
    std::unique_ptr<AnyOutlet> outlet;
  };
  std::vector<Entry> entries_;
};

}  // namespace weir::inline v0::detail
