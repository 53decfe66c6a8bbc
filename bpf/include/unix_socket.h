/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What is remembered of a Unix stream socket, and how its connection gets its name. */
#pragma once

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "events.h"
#include "ring.h"
#include "unix_stream.h"

/* Set before the load: from the boot id, so that names of two boots or two hosts differ. */
const volatile __u64 boot_seed;

struct unix_socket {
	struct socket_id id;
	/* The first selected task that used this end; no pid means none has yet. */
	struct task_id owner;
	__u64 owner_context;
	/* When data was announced to a socket that had none left to read. */
	__u64 arrival;
	/*
	 * Of the connection. Both ends use what stands at the end with the lower cookie; stream 0 is the one that this end
	 * sends.
	 */
	__u64 first_seen;
	struct unix_stream streams[2];
	__u8 closed;
	/* A read has come to the end of the stream, or found the connection broken. */
	__u8 read_out;
	__u8 padding[6];
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct unix_socket);
} unix_sockets SEC(".maps");

/* One end of a followed connection, as the task at work on it sees it. */
struct unix_end {
	struct sock *sk;
	struct sock *peer_sk;
	struct unix_socket *own;
	struct unix_socket *peer;
	struct unix_stream *sends;
	struct unix_stream *receives;
};

static __always_inline bool is_unix_stream(const struct sock *sk)
{
	return sk->__sk_common.skc_family == AF_UNIX && sk->sk_type == SOCK_STREAM;
}

/* The finaliser of MurmurHash3, 64 bits. */
static __always_inline __u64 mix(__u64 h)
{
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdULL;
	h ^= h >> 33;
	h *= 0xc4ceb9fe1a85ec53ULL;
	return h ^ h >> 33;
}

/*
 * The end that was accepted shares the address of the socket that listened; one that connected has none, or one that
 * is its own (bind before connect, or SO_PASSCRED, which binds to a name the kernel makes up).
 */
static __always_inline enum accepted unix_accepted(const struct unix_address *own, const struct unix_address *peer)
{
	bool own_shared, peer_shared;

	if (!own != !peer)
		return own ? ACCEPTED_YES : ACCEPTED_NO;
	own_shared = own->refcnt.refs.counter > 1;
	peer_shared = peer->refcnt.refs.counter > 1;
	if (own_shared == peer_shared)
		return ACCEPTED_UNKNOWN;
	return own_shared ? ACCEPTED_YES : ACCEPTED_NO;
}

static __always_inline const struct unix_address *unix_address(const struct sock *sk)
{
	return bpf_core_cast(sk, struct unix_sock)->addr;
}

static __always_inline void fill_unix_id(struct unix_end *end, __u64 cookie, __u64 name, bool low)
{
	struct socket_id *id = &end->own->id;

	id->netns = end->sk->__sk_common.skc_net.net->ns.inum;
	id->family = AF_UNIX;
	id->accepted = unix_accepted(unix_address(end->sk), unix_address(end->peer_sk));
	id->local_isn = low ? name : name >> 32;
	id->remote_isn = low ? name >> 32 : name;
	id->cookie = cookie;
}

/*
 * Finds the state of both ends, or, for a selected task, makes it. False for what is not connected, for a connection
 * that no selected task has used yet, and for a pair made by socketpair(2): programs talk to their own children that
 * way, and write their logs.
 */
static __always_inline bool find_unix_end(struct unix_end *end, struct sock *sk, bool make)
{
	const __u64 flags = make ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0;
	struct unix_sock *socket = bpf_skc_to_unix_sock(sk);
	struct unix_socket *home;
	__u64 cookie, peer_cookie;
	bool low;

	if (!socket)
		return false;
	end->sk = sk;
	/* Set when the connection is made, and held until this end is released. */
	end->peer_sk = socket->peer;
	if (!end->peer_sk || (!unix_address(sk) && !unix_address(end->peer_sk)))
		return false;
	end->own = bpf_sk_storage_get(&unix_sockets, sk, NULL, flags);
	end->peer = bpf_sk_storage_get(&unix_sockets, end->peer_sk, NULL, flags);
	if (!end->own || !end->peer) {
		if (make)
			count_lost();
		return false;
	}
	cookie = bpf_get_socket_cookie(sk);
	peer_cookie = bpf_get_socket_cookie(end->peer_sk);
	low = cookie < peer_cookie;
	home = low ? end->own : end->peer;
	end->sends = &home->streams[low ? 0 : 1];
	end->receives = &home->streams[low ? 1 : 0];
	if (!home->first_seen)
		__sync_val_compare_and_swap(&home->first_seen, 0, bpf_ktime_get_ns());
	if (!end->own->id.cookie) {
		const __u64 pair = mix(boot_seed ^ mix(low ? cookie : peer_cookie)) ^ (low ? peer_cookie : cookie);

		fill_unix_id(end, cookie, mix(mix(pair) ^ home->first_seen), low);
	}
	return true;
}
