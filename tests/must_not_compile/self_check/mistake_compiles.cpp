// SPDX-License-Identifier: Apache-2.0
// expect: nothing is wrong here
int main() { return 0; }
