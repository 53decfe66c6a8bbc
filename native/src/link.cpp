#include "link.hpp"

namespace {

class Closing : public Napi::AsyncWorker {
 public:
  Closing(Napi::Env env, bpf_link* link) : Napi::AsyncWorker(env), link_(link) {}
  void Execute() override { bpf_link__destroy(link_); }

 private:
  bpf_link* link_;
};

}  // namespace

Napi::Function Link::Define(Napi::Env env) {
  return DefineClass(env, "Link", {InstanceMethod<&Link::Close>("close"), InstanceMethod<&Link::CloseInBackground>("closeInBackground")});
}

Link::Link(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<Link>(info), link_(info[0].As<Napi::External<bpf_link>>().Data()) {}

Link::~Link() { bpf_link__destroy(link_); }

void Link::Close(const Napi::CallbackInfo&) {
  bpf_link__destroy(link_);
  link_ = nullptr;
}

void Link::CloseInBackground(const Napi::CallbackInfo& info) {
  if (link_ == nullptr) return;
  (new Closing(info.Env(), link_))->Queue();
  link_ = nullptr;
}
