// SPDX-License-Identifier: Apache-2.0
// A bare number says nothing about its unit.
// expect: EventTime
#include "weir/time.hpp"

#ifdef WEIR_CONTROL
const weir::EventTime opening{1'700'000'000'000};
#else
const weir::EventTime opening = 1'700'000'000'000;
#endif
