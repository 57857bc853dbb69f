// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Marks what other libraries and programs link against; everything else stays hidden.
///
/// It stands before a function's return type, or between `class` and the name. Templates and
/// inline functions need none, but for a class whose exceptions or virtual calls cross libraries.
/// WEIR_STATIC comes with the CMake targets and the .pc files of a static build: two plugins that
/// each embed weir then do not see each other's.
#if defined(WEIR_STATIC)
#define WEIR_API
#else
#define WEIR_API __attribute__((visibility("default")))
#endif
