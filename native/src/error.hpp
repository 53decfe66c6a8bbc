#pragma once

#include <napi.h>

#include <string>

// Throws a JavaScript Error with `code`, `errno` (positive) and what libbpf logged since the last call.
void Throw(Napi::Env env, const char* code, const std::string& message, int error);

// Starts collecting libbpf's messages for the next error of this thread.
void ClearLog();

// Makes libbpf log into memory instead of on standard error.
void CaptureLog();
