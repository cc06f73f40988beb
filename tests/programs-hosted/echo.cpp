// tests/programs-hosted/echo.cpp: echo.c is C++, too.
#include "echo.c"
