#include "map_entries.hpp"

#include <bpf/bpf.h>

#include <cerrno>
#include <cstdint>
#include <vector>

#include "error.hpp"

Napi::Value MapEntries(const Napi::CallbackInfo& info) {
  const int fd = info[0].As<Napi::Number>().Int32Value();
  bpf_map_info map = {};
  __u32 size = sizeof(map);
  int error = bpf_map_get_info_by_fd(fd, &map, &size);
  if (error != 0) {
    Throw(info.Env(), "SPANLOOM_BPF_MAP", "cannot read what a map is", error);
    return info.Env().Undefined();
  }
  auto described = Napi::Object::New(info.Env());
  described.Set("name", Napi::String::New(info.Env(), map.name));
  // Entries of arrays are always all there; those of storages belong to sockets and tasks and can not be walked.
  if (map.type != BPF_MAP_TYPE_HASH) return described;
  std::vector<uint8_t> key(map.key_size);
  std::vector<uint8_t> next(map.key_size);
  uint32_t entries = 0;
  // An entry deleted meanwhile makes the walk begin again; more than the map can hold is never counted.
  error = bpf_map_get_next_key(fd, nullptr, next.data());
  for (; error == 0 && entries < map.max_entries; error = bpf_map_get_next_key(fd, key.data(), next.data())) {
    entries++;
    key.swap(next);
  }
  if (error != 0 && error != -ENOENT) {
    Throw(info.Env(), "SPANLOOM_BPF_MAP", "cannot walk through a map", error);
    return info.Env().Undefined();
  }
  described.Set("entries", Napi::Number::New(info.Env(), entries));
  return described;
}
