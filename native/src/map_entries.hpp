#pragma once

#include <napi.h>

Napi::Value MapEntries(const Napi::CallbackInfo& info);
