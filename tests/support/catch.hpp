// Catch2, whichever of its two major versions the system has.
#pragma once

#ifdef XFRMD_CATCH2_V3
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
