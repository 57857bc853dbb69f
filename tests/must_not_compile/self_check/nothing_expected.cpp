// SPDX-License-Identifier: Apache-2.0
#ifdef WEIR_CONTROL
int main() { return 0; }
#else
int main() { return undeclared; }
#endif
