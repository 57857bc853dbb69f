// SPDX-License-Identifier: Apache-2.0
// A key outlives the record that it comes from; a view of the record's text does not.
// expect: StreamKey
#include <string>
#include <string_view>

#include "weir/key.hpp"

#ifdef WEIR_CONTROL
using Key = std::string;
#else
using Key = std::string_view;
#endif

std::uint64_t hash_of(const Key& key, std::string& scratch) { return weir::hash_key(key, scratch); }
