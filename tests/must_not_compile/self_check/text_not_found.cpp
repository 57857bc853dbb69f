// SPDX-License-Identifier: Apache-2.0
// expect: a sentence that no compiler says
#ifdef WEIR_CONTROL
int main() { return 0; }
#else
int main() { return undeclared; }
#endif
