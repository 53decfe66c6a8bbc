#include <napi.h>

#include "addon_data.hpp"
#include "bpf_object.hpp"
#include "error.hpp"
#include "kernel.hpp"
#include "link.hpp"
#include "map_entries.hpp"
#include "ring_buffer.hpp"

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  CaptureLog();
  auto* data = new AddonData{Napi::Persistent(Link::Define(env)), Napi::Persistent(RingBuffer::Define(env))};
  env.SetInstanceData(data);
  exports.Set("BpfObject", BpfObject::Define(env));
  exports.Set("clockOffset", Napi::Function::New<ClockOffset>(env));
  exports.Set("findTracepoints", Napi::Function::New<FindTracepoints>(env));
  exports.Set("takesIterators", Napi::Function::New<TakesIterators>(env));
  exports.Set("mapEntries", Napi::Function::New<MapEntries>(env));
  exports.Set("enableProgramStats", Napi::Function::New<EnableProgramStats>(env));
  return exports;
}

NODE_API_MODULE(spanloom, Init)
