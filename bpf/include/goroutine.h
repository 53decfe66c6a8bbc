/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Goroutines: which one makes a system call, which one a net/http client writes for, which one starts which.
 *
 * With Go's register ABI (Go's cmd/compile/abi-internal.md; amd64 since 1.17, arm64 since 1.18) one register always
 * holds the running goroutine's `g`, and it is still there in the registers saved at a system call.
 */
#pragma once

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "context_record.h"
#include "selection.h"

#if defined(__TARGET_ARCH_x86)
#define GO_G(regs) ((regs)->r14)
#define GO_FIRST_ARGUMENT(regs) ((regs)->ax)
#define GO_SECOND_ARGUMENT(regs) ((regs)->bx)
#define GO_FOURTH_ARGUMENT(regs) ((regs)->di)
#define GO_STACK_POINTER(regs) ((regs)->sp)
#define GO_PROGRAM_COUNTER(regs) ((regs)->ip)
#elif defined(__TARGET_ARCH_arm64)
#define GO_G(regs) ((regs)->regs[28])
#define GO_FIRST_ARGUMENT(regs) ((regs)->regs[0])
#define GO_SECOND_ARGUMENT(regs) ((regs)->regs[1])
#define GO_FOURTH_ARGUMENT(regs) ((regs)->regs[3])
#define GO_STACK_POINTER(regs) ((regs)->sp)
#define GO_PROGRAM_COUNTER(regs) ((regs)->pc)
#endif

/* `g` begins with these (runtime/runtime2.go; the compiler's stack check relies on it). */
struct go_stack {
	__u64 lo;
	__u64 hi;
};

/* Something at an address of a process: a goroutine, or a net/http client connection. */
struct go_object {
	__u32 tgid;
	__u32 padding;
	__u64 address;
};

/* Key: *net/http.persistConn. Value: the goroutine that asked it last for a round trip. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct go_object);
	__type(value, __u64);
} go_round_trips SEC(".maps");

/* Key: a goroutine. Value: the one on whose behalf its next write is. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct go_object);
	__type(value, __u64);
} go_writes_for SEC(".maps");

/*
 * The goroutine, or 0 where the register holds something else: in C code called through cgo, in a program of an older
 * Go. Whoever runs has its stack pointer between the bounds of its stack.
 */
static __always_inline __u64 goroutine_on_stack(__u64 g, __u64 sp)
{
	struct go_stack stack;

	if (bpf_probe_read_user(&stack, sizeof(stack), (void *)g))
		return 0;
	return stack.lo <= sp && sp < stack.hi ? g : 0;
}

/* The goroutine that makes the system call which is under way. */
static __always_inline __u64 calling_goroutine(struct task_struct *task)
{
	const struct pt_regs *regs = (const struct pt_regs *)bpf_task_pt_regs(task);

	if (task->flags & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER))
		return 0;
	return goroutine_on_stack(GO_G(regs), GO_STACK_POINTER(regs));
}

/* The goroutine that the send which is under way is for. */
static __always_inline __u64 asking_goroutine(struct task_struct *task, __u64 writer)
{
	const struct go_object key = { .tgid = task->tgid, .address = writer };
	const __u64 *asking = bpf_map_lookup_elem(&go_writes_for, &key);
	__u64 found;

	if (!asking)
		return writer;
	found = *asking;
	/* The request's head is in the first write; a goroutine that is used again must not inherit it. */
	bpf_map_delete_elem(&go_writes_for, &key);
	return found;
}

/* func (pc *persistConn) roundTrip(req *transportRequest) (resp *Response, err error) */
SEC("uprobe")
int go_http_round_trip(struct pt_regs *regs)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct go_object key = { .tgid = task->tgid, .address = GO_FIRST_ARGUMENT(regs) };
	const struct task_state *state = selected_task(task);
	const __u64 g = GO_G(regs);

	if (state && state->runtime == RUNTIME_GO && goroutine_on_stack(g, GO_STACK_POINTER(regs)))
		bpf_map_update_elem(&go_round_trips, &key, &g, BPF_ANY);
	return 0;
}

/* func (w persistConnWriter) Write(p []byte) (n int, err error), where w is a struct of one *persistConn */
SEC("uprobe")
int go_http_write(struct pt_regs *regs)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct go_object connection = { .tgid = task->tgid, .address = GO_FIRST_ARGUMENT(regs) };
	const struct go_object writer = { .tgid = task->tgid, .address = GO_G(regs) };
	const struct task_state *state = selected_task(task);
	const __u64 *asking;

	if (!state || state->runtime != RUNTIME_GO ||
	    !goroutine_on_stack(writer.address, GO_STACK_POINTER(regs)))
		return 0;
	asking = bpf_map_lookup_elem(&go_round_trips, &connection);
	if (asking)
		bpf_map_update_elem(&go_writes_for, &writer, asking, BPF_ANY);
	return 0;
}

/*
 * func newproc1(fn *funcval, callergp *g, …) *g, which a `go` statement calls on the thread's system stack; in Go 1.17
 * func newproc1(fn *funcval, argp unsafe.Pointer, narg int32, callergp *g, …) *g, which the attach cookie says. The new g
 * is its result, but a return probe would put an address on the stack that Go's own unwinder does not know.
 */
SEC("uprobe")
int go_newproc1(struct pt_regs *regs)
{
	struct task_state *state = selected_task(bpf_get_current_task_btf());
	__u64 second = GO_SECOND_ARGUMENT(regs), fourth = GO_FOURTH_ARGUMENT(regs);

	/* Two loads: the verifier takes no load from one of two places in the context. */
	barrier_var(second);
	barrier_var(fourth);
	if (!state || state->runtime != RUNTIME_GO || !goroutine_on_stack(GO_G(regs), GO_STACK_POINTER(regs)))
		return 0;
	state->context_parent = bpf_get_attach_cookie(regs) ? fourth : second;
	/* A funcval begins with the address of the code. */
	if (bpf_probe_read_user(&state->context_origin, sizeof(state->context_origin),
				(void *)GO_FIRST_ARGUMENT(regs)))
		state->context_origin = 0;
	return 0;
}

/* Where this probe's call came from; on amd64 the return address is on the stack, on arm64 in the link register. */
static __always_inline __u64 go_caller(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	__u64 address = 0;

	bpf_probe_read_user(&address, sizeof(address), (void *)regs->sp);
	return address;
#elif defined(__TARGET_ARCH_arm64)
	return regs->regs[30];
#endif
}

/*
 * func isSystemGoroutine(gp *g, fixed bool) bool: newproc1 asks it about the goroutine it has just made, and whoever
 * ends a goroutine asks about that one. The attach cookie says where the latter function is: its start relative to this
 * one in the low half, its length in the high half.
 */
SEC("uprobe")
int go_is_system_goroutine(struct pt_regs *regs)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_state *state = selected_task(task);
	const __u64 cookie = bpf_get_attach_cookie(regs);
	const __u64 from_end = go_caller(regs) - GO_PROGRAM_COUNTER(regs) - (__s64)(__s32)cookie;
	const struct go_object key = { .tgid = task->tgid, .address = GO_FIRST_ARGUMENT(regs) };

	if (!state || state->runtime != RUNTIME_GO)
		return 0;
	if (from_end < cookie >> 32) {
		emit_context(task, CONTEXT_ENDED, key.address, 0, 0);
	} else if (state->context_parent) {
		bpf_map_delete_elem(&go_writes_for, &key);
		emit_context(task, CONTEXT_BEGUN, key.address, state->context_parent, state->context_origin);
	}
	state->context_parent = 0;
	return 0;
}
