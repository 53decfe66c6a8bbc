/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The kernel's types, as far as the programs read them. Field offsets come from the running kernel's BTF when a
 * program is loaded (CO-RE), so only names and types matter here, neither order nor completeness.
 */
#pragma once

/* Tells libbpf's headers that kernel types are defined, as a generated vmlinux.h does. */
#define __VMLINUX_H__

typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

typedef signed char __s8;
typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u32 __wsum;
typedef __u16 __sum16;
typedef __s32 pid_t;

enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_SK_STORAGE = 24,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_TASK_STORAGE = 29,
};

enum {
	BPF_ANY = 0,
	BPF_F_NO_PREALLOC = 1,
	BPF_LOCAL_STORAGE_GET_F_CREATE = 1,
};

/* include/linux/socket.h, include/uapi/linux/in.h, include/net/tcp_states.h: macros and enums that BTF lacks. */
enum {
	AF_UNIX = 1,
	AF_INET = 2,
	AF_INET6 = 10,
	IPPROTO_TCP = 6,
};

/* include/linux/net.h */
enum {
	SOCK_STREAM = 1,
};

enum {
	MSG_OOB = 0x1,
	MSG_PEEK = 0x2,
	MSG_TRUNC = 0x20,
	MSG_ERRQUEUE = 0x2000,
};

enum {
	TCP_ESTABLISHED = 1,
	TCP_SYN_SENT = 2,
	TCP_SYN_RECV = 3,
	TCP_FIN_WAIT1 = 4,
	TCP_CLOSE = 7,
	TCP_LAST_ACK = 9,
	TCP_LISTEN = 10,
	TCP_CLOSING = 11,
};

enum {
	RCV_SHUTDOWN = 1,
	SHUTDOWN_MASK = 3,
};

/* include/net/sock.h, enum sock_flags */
enum {
	SOCK_DONE = 1,
};

/* include/linux/sched.h */
enum {
	PF_IO_WORKER = 0x00000010,
	PF_USER_WORKER = 0x00004000,
	PF_KTHREAD = 0x00200000,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

typedef struct refcount_struct {
	atomic_t refs;
} refcount_t;

struct in6_addr {
	union {
		__u8 u6_addr8[16];
		__be32 u6_addr32[4];
	} in6_u;
};

struct ns_common {
	unsigned int inum;
};

struct net {
	struct ns_common ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	unsigned long skc_flags;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};

struct socket;

struct sock {
	struct sock_common __sk_common;
	struct socket *sk_socket;
	__u8 sk_kern_sock : 1;
	__u8 sk_shutdown;
	__u16 sk_protocol;
	__u16 sk_type;
	refcount_t sk_wmem_alloc;
	struct bpf_local_storage *sk_bpf_storage;
};

struct sockaddr_un {
	unsigned short sun_family;
	char sun_path[108];
};

struct unix_address {
	refcount_t refcnt;
	int len;
	struct sockaddr_un name[0];
};

struct unix_sock {
	struct sock sk;
	struct unix_address *addr;
	struct sock *peer;
	int inq_len;
};

struct ipv6_pinfo {
	int mcast_oif;
};

struct inet_sock {
	struct ipv6_pinfo *pinet6;
	int mc_index;
};

struct tcp_ulp_ops;

struct inet_connection_sock {
	const struct tcp_ulp_ops *icsk_ulp_ops;
};

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	__u32 copied_seq;
	__u32 write_seq;
	__u32 rcv_nxt;
	__u32 snd_una;
	__u64 bytes_received;
	__u64 bytes_acked;
	__u32 total_retrans;
};

struct socket {
	struct sock *sk;
};

struct file {
	void *private_data;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct signal_struct {
	atomic_t live;
};

struct thread_info {
	unsigned long flags;
	__u32 status;
};

struct io_uring_task;

#if defined(__TARGET_ARCH_x86)
struct thread_struct {
	unsigned long fsbase;
};
#elif defined(__TARGET_ARCH_arm64)
struct thread_struct {
	struct {
		unsigned long tp_value;
	} uw;
};
#endif

struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	pid_t pid;
	pid_t tgid;
	struct task_struct *group_leader;
	__u64 start_boottime;
	struct files_struct *files;
	struct io_uring_task *io_uring;
	struct signal_struct *signal;
	struct thread_struct thread;
};

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long r14;
	unsigned long bx;
	unsigned long r10;
	unsigned long ax;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
	unsigned long ip;
	unsigned long sp;
};
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	__u64 regs[31];
};

struct pt_regs {
	__u64 regs[31];
	__u64 sp;
	__u64 pc;
	__u64 orig_x0;
	__s32 syscallno;
};
#endif

struct bpf_map;

struct bpf_iter__bpf_sk_storage_map {
	struct bpf_map *map;
	struct sock *sk;
	void *value;
};

struct linux_binprm;
struct msghdr;
struct sk_buff;

#pragma clang attribute pop

/* What system calls take from user space: fixed by the system call ABI, the same on every 64-bit kernel. */
struct iovec {
	__u64 iov_base;
	__u64 iov_len;
};

struct user_msghdr {
	__u64 msg_name;
	__u32 msg_namelen;
	__u32 padding;
	__u64 msg_iov;
	__u64 msg_iovlen;
};
