/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Where in the streams of its TCP connection a call was. */
#pragma once

#include "connection.h"
#include "message.h"
#include "selection.h"
#include "sockets.h"

/* A position of 64 bits out of a sequence number of 32: a counter that is never far from it gives the rest. */
static __always_inline __u64 stream_offset(__u32 seq, __u32 isn, __u64 near)
{
	const __u32 offset = seq - isn - 1;

	return near + (__s32)(offset - (__u32)near);
}

static __always_inline bool tcp_sent(struct moved *moved, struct task_state *state, struct sock *sk, int length)
{
	const struct tcp_sock *tcp = bpf_core_cast(sk, struct tcp_sock);
	struct socket_state *socket;
	__u64 begin = 0, end = 0;
	__u32 seq = tcp->write_seq - length;

	if (state->send_socket == (__u64)sk) {
		begin = state->send_begin;
		seq = state->send_seq;
		/* Copied in one go, without waiting: what follows is the network's work, on loopback even the receiver's. */
		if (!state->send_continued)
			end = begin;
	}
	state->send_socket = 0;
	/* With an upper layer (kernel TLS) the caller's bytes are not those of the stream. */
	if (length <= 0 || tcp->inet_conn.icsk_ulp_ops)
		return false;
	moved->end = end ? end : bpf_ktime_get_ns();
	moved->begin = begin ? begin : moved->end;
	socket = use_socket(sk, tcp, moved->task, moved->context);
	if (!socket)
		return false;
	moved->socket = &socket->id;
	moved->offset = stream_offset(seq, socket->id.local_isn, tcp->bytes_acked);
	moved->retransmits = tcp->total_retrans;
	return true;
}

/* A read found that nothing more will come. */
static __always_inline void emit_read_out(struct moved *moved, struct sock *sk, const struct tcp_sock *tcp)
{
	struct socket_state *socket = bpf_sk_storage_get(&socket_states, sk, NULL, 0);

	if (!socket || !socket->established || socket->read_out)
		return;
	socket->read_out = 1;
	moved->socket = &socket->id;
	moved->length = 0;
	moved->begin = moved->end = moved->arrival = bpf_ktime_get_ns();
	moved->offset = stream_offset(first_read(sk, tcp, 0), socket->id.remote_isn, tcp->bytes_received);
	moved->retransmits = tcp->total_retrans;
	emit_length_only(moved);
}

static __always_inline bool tcp_received(struct moved *moved, struct sock *sk, int length)
{
	const struct tcp_sock *tcp = bpf_core_cast(sk, struct tcp_sock);
	struct socket_state *socket;
	__u32 seq;

	if (tcp->inet_conn.icsk_ulp_ops)
		return false;
	if (length <= 0) {
		emit_read_out(moved, sk, tcp);
		return false;
	}
	seq = first_read(sk, tcp, length);
	moved->begin = moved->end = bpf_ktime_get_ns();
	socket = use_socket(sk, tcp, moved->task, moved->context);
	if (!socket)
		return false;
	moved->socket = &socket->id;
	moved->offset = stream_offset(seq, socket->id.remote_isn, tcp->bytes_received);
	moved->arrival = socket->arrival;
	/* What is left to read came at some time up to now. */
	socket->arrival = seq + length == tcp->rcv_nxt ? 0 : moved->end;
	moved->retransmits = tcp->total_retrans;
	return true;
}
