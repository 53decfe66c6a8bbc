#include "link.hpp"

Napi::Function Link::Define(Napi::Env env) {
  return DefineClass(env, "Link", {InstanceMethod<&Link::Close>("close")});
}

Link::Link(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<Link>(info), link_(info[0].As<Napi::External<bpf_link>>().Data()) {}

Link::~Link() { bpf_link__destroy(link_); }

void Link::Close(const Napi::CallbackInfo&) {
  bpf_link__destroy(link_);
  link_ = nullptr;
}
