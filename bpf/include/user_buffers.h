/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Where the running system call has its data, if that is surely data of a given socket. */
#pragma once

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

enum { MAX_BUFFERS = 8 };

struct user_buffers {
	struct iovec buffer[MAX_BUFFERS];
	__u32 count;
};

struct syscall {
	__u64 number;
	__u64 descriptor;
	__u64 second;
	__u64 third;
	__u64 fourth;
};

#if defined(__TARGET_ARCH_x86)

enum {
	SYS_read = 0,
	SYS_write = 1,
	SYS_readv = 19,
	SYS_writev = 20,
	SYS_sendto = 44,
	SYS_recvfrom = 45,
	SYS_sendmsg = 46,
	SYS_recvmsg = 47,
	SYS_futex = 202,
	SYS_preadv2 = 327,
	SYS_pwritev2 = 328,
	TS_COMPAT = 2,
	ENOSYS = 38,
};

static __always_inline bool current_syscall(struct task_struct *task, struct syscall *call)
{
	const struct pt_regs *regs = (const struct pt_regs *)bpf_task_pt_regs(task);

	if (task->thread_info.status & TS_COMPAT)
		return false;
	/* The entry code puts -ENOSYS there and the result replaces it: anything else means that the call is over and
	 * this is work done on the way out. */
	if ((long)regs->ax != -ENOSYS)
		return false;
	call->number = regs->orig_ax;
	call->descriptor = regs->di;
	call->second = regs->si;
	call->third = regs->dx;
	call->fourth = regs->r10;
	return true;
}

#elif defined(__TARGET_ARCH_arm64)

enum {
	SYS_read = 63,
	SYS_write = 64,
	SYS_readv = 65,
	SYS_writev = 66,
	SYS_sendto = 206,
	SYS_recvfrom = 207,
	SYS_sendmsg = 211,
	SYS_recvmsg = 212,
	SYS_futex = 98,
	SYS_preadv2 = 286,
	SYS_pwritev2 = 287,
	TIF_32BIT = 22,
};

static __always_inline bool current_syscall(struct task_struct *task, struct syscall *call)
{
	const struct pt_regs *regs = (const struct pt_regs *)bpf_task_pt_regs(task);

	if (task->thread_info.flags & (1UL << TIF_32BIT))
		return false;
	if (regs->syscallno < 0)
		return false;
	call->number = regs->syscallno;
	call->descriptor = regs->orig_x0;
	call->second = regs->regs[1];
	call->third = regs->regs[2];
	call->fourth = regs->regs[3];
	return true;
}

#endif

static __always_inline bool descriptor_is(struct task_struct *task, __u64 descriptor, const struct sock *sk)
{
	const struct fdtable *table = task->files->fdt;
	struct file *file = NULL;
	void *socket;

	if (descriptor >= table->max_fds)
		return false;
	if (bpf_probe_read_kernel(&file, sizeof(file), table->fd + descriptor) || !file)
		return false;
	socket = BPF_CORE_READ(file, private_data);
	/* Of a file that is no socket this reads something else, which is not sk. */
	return socket && BPF_CORE_READ((struct socket *)socket, sk) == sk;
}

static __always_inline bool one_buffer(struct user_buffers *buffers, __u64 base, __u64 length)
{
	buffers->buffer[0].iov_base = base;
	buffers->buffer[0].iov_len = length;
	buffers->count = 1;
	return true;
}

static __always_inline bool vector(struct user_buffers *buffers, __u64 base, __u64 count)
{
	if (count > MAX_BUFFERS)
		count = MAX_BUFFERS;
	if (count == 1) {
		buffers->count = 1;
		return !bpf_probe_read_user(buffers->buffer, sizeof(struct iovec), (void *)base);
	}
	buffers->count = count;
	return !bpf_probe_read_user(buffers->buffer, (count & 15) * sizeof(struct iovec), (void *)base);
}

static __always_inline bool message_header(struct user_buffers *buffers, __u64 address)
{
	struct user_msghdr header;

	if (bpf_probe_read_user(&header, sizeof(header), (void *)address))
		return false;
	return vector(buffers, header.msg_iov, header.msg_iovlen);
}

/*
 * False where the data can not be found without doubt: the message then is a length without bytes. Calls that move
 * several messages (sendmmsg) or take their data from elsewhere (sendfile, splice) are such.
 */
static __always_inline bool find_user_buffers(struct task_struct *task, struct sock *sk, enum direction direction,
					      struct user_buffers *buffers)
{
	const bool send = direction == DIRECTION_SEND;
	struct syscall call;

	if (task->flags & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER))
		return false;
	if (BPF_CORE_READ_BITFIELD(sk, sk_kern_sock))
		return false;
	if (!current_syscall(task, &call))
		return false;
	/* io_uring runs sockets from inside other system calls of the same task. */
	if (task->io_uring && !descriptor_is(task, call.descriptor, sk))
		return false;
	switch (call.number) {
	case SYS_read:
	case SYS_recvfrom:
		return !send && one_buffer(buffers, call.second, call.third);
	case SYS_write:
	case SYS_sendto:
		return send && one_buffer(buffers, call.second, call.third);
	case SYS_readv:
	case SYS_preadv2:
		return !send && vector(buffers, call.second, call.third);
	case SYS_writev:
	case SYS_pwritev2:
		return send && vector(buffers, call.second, call.third);
	case SYS_recvmsg:
		return !send && message_header(buffers, call.second);
	case SYS_sendmsg:
		return send && message_header(buffers, call.second);
	default:
		return false;
	}
}
