#include "struct_layout.hpp"

namespace {

void AddFields(Napi::Object fields, const btf* types, const btf_type* type, const std::string& prefix, __u32 base) {
  const btf_member* members = btf_members(type);
  for (int i = 0; i < btf_vlen(type); i++) {
    const std::string name = prefix + btf__name_by_offset(types, members[i].name_off);
    const __u32 offset = base + btf_member_bit_offset(type, i) / 8;
    const int id = btf__resolve_type(types, members[i].type);
    const btf_type* member = btf__type_by_id(types, id);
    if (btf_is_struct(member)) {
      AddFields(fields, types, member, name + ".", offset);
      continue;
    }
    auto field = Napi::Object::New(fields.Env());
    field.Set("offset", Napi::Number::New(fields.Env(), offset));
    field.Set("size", Napi::Number::New(fields.Env(), btf__resolve_size(types, id)));
    fields.Set(name, field);
  }
}

}  // namespace

Napi::Value DescribeStruct(Napi::Env env, const btf* types, const std::string& name) {
  const int id = btf__find_by_name_kind(types, name.c_str(), BTF_KIND_STRUCT);
  if (id < 0) return env.Undefined();
  const btf_type* type = btf__type_by_id(types, id);
  auto fields = Napi::Object::New(env);
  AddFields(fields, types, type, "", 0);
  auto layout = Napi::Object::New(env);
  layout.Set("size", Napi::Number::New(env, type->size));
  layout.Set("fields", fields);
  return layout;
}
