// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The version of weir, for the preprocessor and for people. CMake reads it from here.
#define WEIR_VERSION_MAJOR 0
#define WEIR_VERSION_MINOR 1
#define WEIR_VERSION_PATCH 0
#define WEIR_VERSION_STRING "0.1.0"

/// One number that grows with each release: 1'002'003 is version 1.2.3.
#define WEIR_VERSION (WEIR_VERSION_MAJOR * 1000000 + WEIR_VERSION_MINOR * 1000 + WEIR_VERSION_PATCH)
