#pragma once

#include <bpf/libbpf.h>
#include <napi.h>

// An attached program; detaches when closed or collected.
class Link : public Napi::ObjectWrap<Link> {
 public:
  static Napi::Function Define(Napi::Env env);
  // `info[0]` is an External<bpf_link>.
  explicit Link(const Napi::CallbackInfo& info);
  ~Link() override;

 private:
  void Close(const Napi::CallbackInfo& info);
  void CloseInBackground(const Napi::CallbackInfo& info);

  bpf_link* link_;
};
