#pragma once

#include <napi.h>

// CLOCK_REALTIME minus CLOCK_MONOTONIC in nanoseconds, as a bigint.
Napi::Value ClockOffset(const Napi::CallbackInfo& info);

// `info[0]`: names of tracepoints. An array of booleans: which of them the running kernel's BTF has.
Napi::Value FindTracepoints(const Napi::CallbackInfo& info);

// Makes the kernel count runs and run time of BPF programs until the process ends.
void EnableProgramStats(const Napi::CallbackInfo& info);
