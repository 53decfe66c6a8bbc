/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What is remembered of a TCP socket, and how its connection gets its name. */
#pragma once

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;

struct socket_state {
	struct socket_id id;
	/* The first selected task that used the socket; no pid means none has yet. */
	struct task_id owner;
	__u64 owner_context;
	/* When the connection was established; 0 where that was before the capture. */
	__u64 since;
	/* When data was announced to a socket that had none left to read. */
	__u64 arrival;
	__u8 established;
	__u8 closed;
	/* A read has come to the end of the stream, or found the connection broken. */
	__u8 read_out;
	__u8 padding[5];
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct socket_state);
} socket_states SEC(".maps");

static __always_inline bool is_tcp(const struct sock *sk)
{
	const __u16 family = sk->__sk_common.skc_family;

	return (family == AF_INET || family == AF_INET6) && sk->sk_protocol == IPPROTO_TCP;
}

/*
 * The sequence number of the first byte of the last `length` bytes read. A FIN takes a sequence number as well, and the
 * read that comes to it steps over it (tcp_recvmsg_locked); SOCK_DONE is set when one has come in (tcp_fin).
 */
static __always_inline __u32 first_read(const struct sock *sk, const struct tcp_sock *tcp, __u32 length)
{
	const __u32 next = tcp->copied_seq;
	const bool fin_read = (sk->__sk_common.skc_flags & (1UL << SOCK_DONE)) && next == tcp->rcv_nxt;

	return next - length - fin_read;
}

/* What a read says that brought nothing: the peer has ended its stream (tcp_fin), or the connection is broken. */
static __always_inline bool is_read_out(const struct sock *sk, int ret)
{
	if (sk->__sk_common.skc_state == TCP_CLOSE)
		return true;
	return ret == 0 && (sk->__sk_common.skc_flags & (1UL << SOCK_DONE));
}

/*
 * An accepted socket keeps the interface its SYN came in on in fields that serve multicast elsewhere
 * (tcp_v4_syn_recv_sock, tcp_v6_syn_recv_sock) and that nobody can set on a stream socket (IP_MULTICAST_IF is
 * refused there). A socket that connected has 0. This also tells the two apart for sockets older than the capture.
 */
static __always_inline bool was_accepted(const struct sock *sk)
{
	const struct inet_sock *inet = bpf_core_cast(sk, struct inet_sock);

	if (inet->mc_index)
		return true;
	return sk->__sk_common.skc_family == AF_INET6 && inet->pinet6 && inet->pinet6->mcast_oif;
}

/*
 * The initial sequence numbers, from the counters of RFC 4898: snd_una - bytes_acked and rcv_nxt - bytes_received.
 * The end that connected counts the acknowledgement of its SYN as a byte, the accepting end starts after it; neither
 * counts the SYN it received. A FIN is in both the sequence number and the counter.
 *
 * Outside the socket lock a segment may come in between two reads, so they are repeated until they agree.
 */
static __always_inline void fill_isns(struct socket_id *id, const struct tcp_sock *tcp)
{
	for (int i = 0; i < 4; i++) {
		const volatile struct tcp_sock *now = tcp;
		const __u32 local = now->snd_una - (__u32)now->bytes_acked;
		const __u32 remote = now->rcv_nxt - (__u32)now->bytes_received;

		id->local_isn = id->accepted ? local - 1 : local;
		id->remote_isn = remote - 1;
		if (local == now->snd_una - (__u32)now->bytes_acked && remote == now->rcv_nxt - (__u32)now->bytes_received)
			return;
	}
}

static __always_inline void map_ipv4(__u8 *to, __be32 address)
{
	__u32 *words = (__u32 *)to;

	words[0] = 0;
	words[1] = 0;
	words[2] = bpf_htonl(0xffff);
	words[3] = address;
}

static __always_inline void fill_local_address(__u8 *to, const struct sock *sk)
{
	if (sk->__sk_common.skc_family == AF_INET)
		map_ipv4(to, sk->__sk_common.skc_rcv_saddr);
	else
		for (int i = 0; i < 4; i++)
			((__u32 *)to)[i] = sk->__sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32[i];
}

static __always_inline void fill_remote_address(__u8 *to, const struct sock *sk)
{
	if (sk->__sk_common.skc_family == AF_INET)
		map_ipv4(to, sk->__sk_common.skc_daddr);
	else
		for (int i = 0; i < 4; i++)
			((__u32 *)to)[i] = sk->__sk_common.skc_v6_daddr.in6_u.u6_addr32[i];
}

/* Everything but the sequence numbers, which exist only once the connection is established. */
static __always_inline void fill_socket(struct socket_id *id, struct sock *sk)
{
	id->cookie = bpf_get_socket_cookie(sk);
	id->netns = sk->__sk_common.skc_net.net->ns.inum;
	id->local_port = sk->__sk_common.skc_num;
	id->remote_port = bpf_ntohs(sk->__sk_common.skc_dport);
	id->accepted = was_accepted(sk);
	fill_local_address(id->local_address, sk);
	fill_remote_address(id->remote_address, sk);
}
