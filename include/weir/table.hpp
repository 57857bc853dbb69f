// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "weir/detail/graph/node_ref.hpp"
#include "weir/on_error.hpp"
#include "weir/record.hpp"
#include "weir/stream.hpp"

namespace weir::inline v0 {

/// The latest value of each key, as it develops. A handle; copies stand for the same node.
template <class K, class V>
class Table final {
 public:
  using key_type = K;
  using value_type = V;

  explicit Table(detail::NodeRef ref) : ref_{std::move(ref)} {}

  /// Every change of the table, with the event time of the record that caused it.
  ///
  ///     count(): "a", "b", "a"  ->  {"a", nullopt, 1}, {"b", nullopt, 1}, {"a", 1, 2}
  Stream<Change<K, V>> changes() const { return Stream<Change<K, V>>{ref_}; }

  /// Names the node; see Stream::named. Its state is kept under this name.
  Table named(std::string name) const {
    ref_.name(std::move(name));
    return *this;
  }
  /// What becomes of records for which user code throws.
  Table on_error(OnError policy) const {
    ref_.node().on_error = policy;
    return *this;
  }
  /// The records that the node gave up. Sets OnError::dead_letter().
  Stream<DeadLetter> dead_letters() const { return Stream<DeadLetter>{detail::letters_of(ref_)}; }

  /// For handles that are built on this one; not for users.
  const detail::NodeRef& ref() const noexcept { return ref_; }

 private:
  detail::NodeRef ref_;
};

}  // namespace weir::inline v0
