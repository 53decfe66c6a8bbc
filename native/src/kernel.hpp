#pragma once

#include <napi.h>

// CLOCK_REALTIME minus CLOCK_MONOTONIC in nanoseconds, as a bigint.
Napi::Value ClockOffset(const Napi::CallbackInfo& info);

// `info[0]`: names of tracepoints. An array of booleans: which of them the running kernel's BTF has.
Napi::Value FindTracepoints(const Napi::CallbackInfo& info);

// Whether the running kernel takes a BPF program that iterates over the elements of a socket storage map: hardened kernels refuse
// those that they take tracepoint programs beside.
Napi::Value TakesIterators(const Napi::CallbackInfo& info);

// Makes the kernel count runs and run time of BPF programs until the process ends.
void EnableProgramStats(const Napi::CallbackInfo& info);
