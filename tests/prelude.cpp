// SPDX-License-Identifier: Apache-2.0
// Nothing here: the target that owns the precompiled header needs one source.
