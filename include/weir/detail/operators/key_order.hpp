// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "weir/key.hpp"

namespace weir::inline v0::detail {

/// Sorts things that have a `key` by its bytes; equal ones keep their order.
template <class K, class Keyed>
void sort_by_key_bytes(std::vector<Keyed>& entries) {
  if constexpr (NumberKey<K>) {
    std::stable_sort(entries.begin(), entries.end(), [](const Keyed& a, const Keyed& b) {
      return ordered_bits(a.key) < ordered_bits(b.key);
    });
  } else {
    std::string left;
    std::string right;
    std::stable_sort(entries.begin(), entries.end(), [&](const Keyed& a, const Keyed& b) {
      return KeyCodec<K>::bytes(a.key, left) < KeyCodec<K>::bytes(b.key, right);
    });
  }
}

}  // namespace weir::inline v0::detail
