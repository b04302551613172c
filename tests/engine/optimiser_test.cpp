#include "thimble/engine/engine.hpp"

#include <gmock/gmock.h>

TEST(Optimiser, Exists) {}
