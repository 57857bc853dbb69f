// SPDX-License-Identifier: Apache-2.0
// expect: undeclared
#ifdef WEIR_CONTROL
int main() { return 0; }
#else
int value_1 = undeclared_1;
int value_2 = undeclared_2;
int value_3 = undeclared_3;
int value_4 = undeclared_4;
int value_5 = undeclared_5;
int value_6 = undeclared_6;
int value_7 = undeclared_7;
int value_8 = undeclared_8;
int value_9 = undeclared_9;
int value_10 = undeclared_10;
int value_11 = undeclared_11;
int value_12 = undeclared_12;
#endif
