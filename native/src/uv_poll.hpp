#pragma once

#include <cstddef>

// What is used of libuv's poll handle. Node exports libuv but its headers are not part of Node-API's; these
// declarations are the same in every libuv 1.x.
extern "C" {
struct uv_loop_s;
struct uv_handle_s;
struct uv_poll_s;

constexpr int kUvPollHandle = 8;  // UV_POLL of uv_handle_type
constexpr int kUvReadable = 1;    // UV_READABLE of uv_poll_event

size_t uv_handle_size(int type);
int uv_poll_init(uv_loop_s* loop, uv_poll_s* handle, int fd);
int uv_poll_start(uv_poll_s* handle, int events, void (*callback)(uv_poll_s*, int status, int events));
int uv_poll_stop(uv_poll_s* handle);
void uv_close(uv_handle_s* handle, void (*callback)(uv_handle_s*));
void uv_handle_set_data(uv_handle_s* handle, void* data);
void* uv_handle_get_data(const uv_handle_s* handle);
}
