#include "wire/registry.hpp"
