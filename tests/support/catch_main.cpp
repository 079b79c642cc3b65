// Catch2 2 brings its main as a header; it is compiled once, here.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
