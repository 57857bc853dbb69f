// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/whole/records.hpp"

/// The loops that one would write by hand for each workload, on one thread. Each returns an answer
/// that is computed from every result; weir must come to the same.
namespace bench::bounds {

/// Reads every record and hashes its key. What other loops are measured by, to know the machine.
std::uint64_t read_and_hash(const std::vector<Event>& events);

/// Tumbling windows of 10 s, a table per window, all results written out: Abseil's map, made anew
/// for each window, and an own table that is used again. Answer: sum of value * (window + 1).
std::uint64_t tumbling_count_absl(const std::vector<Event>& events);
std::uint64_t tumbling_count_own(const std::vector<Event>& events);
std::uint64_t tumbling_sum_absl(const std::vector<Event>& events);
std::uint64_t tumbling_sum_own(const std::vector<Event>& events);

/// Windows of 10 s every 1 s: panes of 1 s, and a running total that takes panes in and out.
std::uint64_t hopping_sum(const std::vector<Event>& events);

/// Sessions with a gap of 30 s, counted. Answer: sum of count * length in ms.
std::uint64_t sessions(const std::vector<Event>& events);

/// filter, map, map, filter, sum as one loop.
std::uint64_t chain(const std::vector<Event>& events);

/// Finds the words.
std::uint64_t tokenise(const std::vector<std::string>& lines);
/// Counts them in an Abseil map by string_view.
std::uint64_t word_count(const std::vector<std::string>& lines);

/// Hands batches of 1,024 records to another thread through a ring, and takes empty ones back.
std::uint64_t exchange(const std::vector<Event>& events);

}  // namespace bench::bounds
