#include "bpf_object.hpp"

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "addon_data.hpp"
#include "error.hpp"
#include "struct_layout.hpp"

Napi::Function BpfObject::Define(Napi::Env env) {
  return DefineClass(env, "BpfObject",
                     {
                         InstanceMethod<&BpfObject::SetGlobal>("setGlobal"),
                         InstanceMethod<&BpfObject::SetMaxEntries>("setMaxEntries"),
                         InstanceMethod<&BpfObject::SetAutoload>("setAutoload"),
                         InstanceMethod<&BpfObject::Load>("load"),
                         InstanceMethod<&BpfObject::Attach>("attach"),
                         InstanceMethod<&BpfObject::Iterate>("iterate"),
                         InstanceMethod<&BpfObject::AttachUprobe>("attachUprobe"),
                         InstanceMethod<&BpfObject::RingBuffer>("ringBuffer"),
                         InstanceMethod<&BpfObject::Lookup>("lookup"),
                         InstanceMethod<&BpfObject::Update>("update"),
                         InstanceMethod<&BpfObject::Delete>("delete"),
                         InstanceMethod<&BpfObject::ProgramStats>("programStats"),
                         InstanceMethod<&BpfObject::StructLayout>("structLayout"),
                         InstanceMethod<&BpfObject::Close>("close"),
                     });
}

BpfObject::BpfObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<BpfObject>(info) {
  const std::string path = info[0].As<Napi::String>();
  ClearLog();
  object_ = bpf_object__open_file(path.c_str(), nullptr);
  if (object_ == nullptr) Throw(info.Env(), "SPANLOOM_BPF_OPEN", "cannot open the BPF object " + path, errno);
}

BpfObject::~BpfObject() { bpf_object__close(object_); }

void BpfObject::Close(const Napi::CallbackInfo&) {
  bpf_object__close(object_);
  object_ = nullptr;
}

bpf_map* BpfObject::Map(const Napi::Value& name) {
  const std::string wanted = name.As<Napi::String>();
  bpf_map* map = bpf_object__find_map_by_name(object_, wanted.c_str());
  if (map == nullptr) Throw(Env(), "SPANLOOM_BPF_NAME", "no map " + wanted + " in the BPF object", ENOENT);
  return map;
}

bpf_program* BpfObject::Program(const Napi::Value& name) {
  const std::string wanted = name.As<Napi::String>();
  bpf_program* program = bpf_object__find_program_by_name(object_, wanted.c_str());
  if (program == nullptr) Throw(Env(), "SPANLOOM_BPF_NAME", "no program " + wanted + " in the BPF object", ENOENT);
  return program;
}

// Global variables live in one map a section; its memory is the initial value before the load and the shared value,
// mapped from the kernel, after it.
void BpfObject::SetGlobal(const Napi::CallbackInfo& info) {
  const std::string name = info[0].As<Napi::String>();
  auto value = info[1].As<Napi::Uint8Array>();
  const btf* types = bpf_object__btf(object_);
  bpf_map* map;
  bpf_object__for_each_map(map, object_) {
    // "captureb.rodata" for the section ".rodata": the name starts with the object's.
    const char* section = strchr(bpf_map__name(map), '.');
    if (!bpf_map__is_internal(map) || section == nullptr) continue;
    const int id = btf__find_by_name_kind(types, section, BTF_KIND_DATASEC);
    if (id < 0) continue;
    const btf_type* datasec = btf__type_by_id(types, id);
    const btf_var_secinfo* variables = btf_var_secinfos(datasec);
    for (int i = 0; i < btf_vlen(datasec); i++) {
      const btf_type* variable = btf__type_by_id(types, variables[i].type);
      if (name != btf__name_by_offset(types, variable->name_off)) continue;
      size_t size = 0;
      auto* memory = static_cast<uint8_t*>(bpf_map__initial_value(map, &size));
      if (memory == nullptr || variables[i].size != value.ByteLength()) break;
      memcpy(memory + variables[i].offset, value.Data(), value.ByteLength());
      return;
    }
  }
  Throw(info.Env(), "SPANLOOM_BPF_NAME",
        "no global variable " + name + " of " + std::to_string(value.ByteLength()) + " bytes in the BPF object",
        ENOENT);
}

void BpfObject::SetMaxEntries(const Napi::CallbackInfo& info) {
  bpf_map* map = Map(info[0]);
  if (map == nullptr) return;
  const int error = bpf_map__set_max_entries(map, info[1].As<Napi::Number>().Uint32Value());
  if (error != 0) Throw(info.Env(), "SPANLOOM_BPF_LOAD", "cannot set the size of a map", error);
}

void BpfObject::SetAutoload(const Napi::CallbackInfo& info) {
  bpf_program* program = Program(info[0]);
  if (program != nullptr) bpf_program__set_autoload(program, info[1].As<Napi::Boolean>());
}

void BpfObject::Load(const Napi::CallbackInfo& info) {
  ClearLog();
  const int error = bpf_object__load(object_);
  if (error != 0) Throw(info.Env(), "SPANLOOM_BPF_LOAD", "the kernel does not take the BPF programs", error);
}

Napi::Value BpfObject::Attach(const Napi::CallbackInfo& info) {
  bpf_program* program = Program(info[0]);
  if (program == nullptr) return Env().Undefined();
  ClearLog();
  bpf_link* link = bpf_program__attach(program);
  if (link == nullptr) {
    Throw(info.Env(), "SPANLOOM_BPF_ATTACH", "cannot attach " + std::string(bpf_program__name(program)), errno);
    return Env().Undefined();
  }
  return NewLink(link);
}

Napi::Value BpfObject::AttachUprobe(const Napi::CallbackInfo& info) {
  bpf_program* program = Program(info[0]);
  if (program == nullptr) return Env().Undefined();
  const std::string path = info[1].As<Napi::String>();
  const int64_t offset = info[2].As<Napi::Number>().Int64Value();
  auto options = info[3].As<Napi::Object>();
  LIBBPF_OPTS(bpf_uprobe_opts, uprobe);
  uprobe.retprobe = options.Get("onReturn").ToBoolean();
  bool lossless;
  if (options.Has("cookie")) uprobe.bpf_cookie = options.Get("cookie").As<Napi::BigInt>().Uint64Value(&lossless);
  ClearLog();
  // -1: in every process that has the file mapped, now or later.
  bpf_link* link = bpf_program__attach_uprobe_opts(program, -1, path.c_str(), offset, &uprobe);
  if (link == nullptr) {
    Throw(info.Env(), "SPANLOOM_BPF_UPROBE",
          "cannot attach " + std::string(bpf_program__name(program)) + " to " + path + " at offset " +
              std::to_string(offset),
          errno);
    return Env().Undefined();
  }
  return NewLink(link);
}

Napi::Value BpfObject::NewLink(bpf_link* link) {
  return Env().GetInstanceData<AddonData>()->link.New({Napi::External<bpf_link>::New(Env(), link)});
}

void BpfObject::Iterate(const Napi::CallbackInfo& info) {
  bpf_program* program = Program(info[0]);
  if (program == nullptr) return;
  bpf_map* map = Map(info[1]);
  if (map == nullptr) return;
  bpf_iter_link_info target = {};
  target.map.map_fd = bpf_map__fd(map);
  LIBBPF_OPTS(bpf_iter_attach_opts, options, .link_info = &target, .link_info_len = sizeof(target));
  ClearLog();
  bpf_link* link = bpf_program__attach_iter(program, &options);
  if (link == nullptr) {
    Throw(info.Env(), "SPANLOOM_BPF_ATTACH", "cannot attach " + std::string(bpf_program__name(program)), errno);
    return;
  }
  const int file = bpf_iter_create(bpf_link__fd(link));
  int error = file < 0 ? errno : 0;
  if (file >= 0) {
    // The program has its own way to hand on what it finds: reading makes it run.
    char unused[256];
    ssize_t length;
    do length = read(file, unused, sizeof(unused));
    while (length > 0 || (length < 0 && (errno == EINTR || errno == EAGAIN)));
    if (length < 0) error = errno;
    close(file);
  }
  bpf_link__destroy(link);
  if (error != 0)
    Throw(info.Env(), "SPANLOOM_BPF_MAP", "cannot go through the map " + std::string(bpf_map__name(map)), error);
}

Napi::Value BpfObject::RingBuffer(const Napi::CallbackInfo& info) {
  bpf_map* map = Map(info[0]);
  if (map == nullptr) return Env().Undefined();
  return Env().GetInstanceData<AddonData>()->ring_buffer.New({Napi::Number::New(Env(), bpf_map__fd(map)), info[1]});
}

Napi::Value BpfObject::Lookup(const Napi::CallbackInfo& info) {
  bpf_map* map = Map(info[0]);
  if (map == nullptr) return Env().Undefined();
  auto key = info[1].As<Napi::Uint8Array>();
  size_t size = bpf_map__value_size(map);
  // The kernel hands out one value for each possible CPU, each rounded up to 8 bytes.
  if (bpf_map__type(map) == BPF_MAP_TYPE_PERCPU_ARRAY || bpf_map__type(map) == BPF_MAP_TYPE_PERCPU_HASH)
    size = (size + 7) / 8 * 8 * libbpf_num_possible_cpus();
  auto value = Napi::Uint8Array::New(Env(), size);
  const int error = bpf_map__lookup_elem(map, key.Data(), key.ByteLength(), value.Data(), size, 0);
  if (error == -ENOENT) return Env().Undefined();
  if (error != 0) Throw(info.Env(), "SPANLOOM_BPF_MAP", "cannot read from a map", error);
  return value;
}

void BpfObject::Update(const Napi::CallbackInfo& info) {
  bpf_map* map = Map(info[0]);
  if (map == nullptr) return;
  auto key = info[1].As<Napi::Uint8Array>();
  auto value = info[2].As<Napi::Uint8Array>();
  const int error =
      bpf_map__update_elem(map, key.Data(), key.ByteLength(), value.Data(), value.ByteLength(), BPF_ANY);
  if (error != 0) Throw(info.Env(), "SPANLOOM_BPF_MAP", "cannot write to a map", error);
}

Napi::Value BpfObject::Delete(const Napi::CallbackInfo& info) {
  bpf_map* map = Map(info[0]);
  if (map == nullptr) return Env().Undefined();
  auto key = info[1].As<Napi::Uint8Array>();
  const int error = bpf_map__delete_elem(map, key.Data(), key.ByteLength(), 0);
  if (error != 0 && error != -ENOENT) Throw(info.Env(), "SPANLOOM_BPF_MAP", "cannot delete from a map", error);
  return Napi::Boolean::New(Env(), error == 0);
}

Napi::Value BpfObject::ProgramStats(const Napi::CallbackInfo& info) {
  bpf_program* program = Program(info[0]);
  if (program == nullptr) return Env().Undefined();
  bpf_prog_info program_info = {};
  __u32 size = sizeof(program_info);
  const int error = bpf_prog_get_info_by_fd(bpf_program__fd(program), &program_info, &size);
  if (error != 0) {
    Throw(info.Env(), "SPANLOOM_BPF_STATS", "cannot read the statistics of a program", error);
    return Env().Undefined();
  }
  auto stats = Napi::Object::New(Env());
  stats.Set("runTimeNanos", Napi::Number::New(Env(), program_info.run_time_ns));
  stats.Set("runCount", Napi::Number::New(Env(), program_info.run_cnt));
  stats.Set("recursionMisses", Napi::Number::New(Env(), program_info.recursion_misses));
  return stats;
}

Napi::Value BpfObject::StructLayout(const Napi::CallbackInfo& info) {
  const std::string name = info[0].As<Napi::String>();
  return DescribeStruct(Env(), bpf_object__btf(object_), name);
}
