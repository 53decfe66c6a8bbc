#pragma once

#include <bpf/libbpf.h>
#include <napi.h>

#include <string>

// A BPF object file: opened, adjusted, loaded, attached.
class BpfObject : public Napi::ObjectWrap<BpfObject> {
 public:
  static Napi::Function Define(Napi::Env env);
  // `info[0]` is the path.
  explicit BpfObject(const Napi::CallbackInfo& info);
  ~BpfObject() override;

 private:
  void SetGlobal(const Napi::CallbackInfo& info);
  void SetMaxEntries(const Napi::CallbackInfo& info);
  void SetAutoload(const Napi::CallbackInfo& info);
  void Load(const Napi::CallbackInfo& info);
  Napi::Value Attach(const Napi::CallbackInfo& info);
  void Iterate(const Napi::CallbackInfo& info);
  Napi::Value AttachUprobe(const Napi::CallbackInfo& info);
  Napi::Value RingBuffer(const Napi::CallbackInfo& info);
  Napi::Value Lookup(const Napi::CallbackInfo& info);
  void Update(const Napi::CallbackInfo& info);
  Napi::Value Delete(const Napi::CallbackInfo& info);
  Napi::Value ProgramStats(const Napi::CallbackInfo& info);
  Napi::Value StructLayout(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);

  Napi::Value NewLink(bpf_link* link);
  // Both throw and return nullptr where there is none of that name.
  bpf_map* Map(const Napi::Value& name);
  bpf_program* Program(const Napi::Value& name);

  bpf_object* object_ = nullptr;
};
