#pragma once

#include <napi.h>

// One for each environment: the addon is loaded by every worker thread that asks for it.
struct AddonData {
  Napi::FunctionReference link;
  Napi::FunctionReference ring_buffer;
};
