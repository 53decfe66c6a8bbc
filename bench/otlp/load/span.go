package main

import (
	"encoding/binary"
	"fmt"
)

// Places in every encoded span, whose first fields have fixed sizes: trace id, span id, parent.
const (
	traceIDAt = 2
	spanIDAt  = 20
	parentAt  = 30
)

// The kinds of spans that a request leaves in a service, and OTLP's numbers for them.
var kinds = [spansAService]uint64{2 /* SERVER */, 1 /* INTERNAL */, 3 /* CLIENT */}

// A spanTemplate is an encoded span whose ids and times are still to be filled in.
type spanTemplate struct {
	bytes   []byte
	startAt int
}

// newSpanTemplate encodes a span with ten attributes, as an HTTP server's instrumentation writes them.
func newSpanTemplate(service int, kind uint64) spanTemplate {
	span := appendBytes(nil, 1, make([]byte, 16))
	span = appendBytes(span, 2, make([]byte, 8))
	span = appendBytes(span, 4, make([]byte, 8))
	span = appendString(span, 5, "GET /api/v1/orders/{id}")
	span = appendVarint(span, 6, kind)
	startAt := len(span) + 1
	for field := 7; field <= 8; field++ {
		span = append(appendTag(span, field, wireFixed64), make([]byte, 8)...)
	}
	for _, pair := range [][2]string{
		{"http.request.method", "GET"},
		{"url.scheme", "http"},
		{"url.path", fmt.Sprintf("/api/v1/orders/%d", 40_000+service)},
		{"http.route", "/api/v1/orders/{id}"},
		{"server.address", fmt.Sprintf("shop-%d.local", service)},
		{"client.address", "10.1.2.3"},
		{"user_agent.original", "curl/8.5.0"},
		{"network.protocol.version", "1.1"},
	} {
		span = appendBytes(span, 9, keyValue(pair[0], appendString(nil, 1, pair[1])))
	}
	span = appendBytes(span, 9, keyValue("http.response.status_code", appendVarint(nil, 3, 200)))
	span = appendBytes(span, 9, keyValue("server.port", appendVarint(nil, 3, 8080)))
	span = append(appendTag(span, 16, wireFixed32), 1, 1, 0, 0)
	return spanTemplate{span, startAt}
}

func keyValue(key string, value []byte) []byte {
	return appendBytes(appendString(nil, 1, key), 2, value)
}

// A spanRef names one span of the endless stream of traces.
type spanRef struct {
	trace uint64
	// Number within the trace, from its root down.
	index int
}

// fill writes the template's bytes with the ids and times of ref to out.
func (t *spanTemplate) fill(out []byte, ref spanRef, now uint64) []byte {
	at := len(out)
	out = append(out, t.bytes...)
	span := out[at:]
	high, low := traceID(ref.trace)
	binary.BigEndian.PutUint64(span[traceIDAt:], high)
	binary.BigEndian.PutUint64(span[traceIDAt+8:], low)
	binary.BigEndian.PutUint64(span[spanIDAt:], spanID(ref))
	if ref.index > 0 {
		binary.BigEndian.PutUint64(span[parentAt:], spanID(spanRef{ref.trace, ref.index - 1}))
	}
	const length = 1_000_000
	begin := now - uint64(spansATrace-ref.index)*length
	binary.LittleEndian.PutUint64(span[t.startAt:], begin)
	binary.LittleEndian.PutUint64(span[t.startAt+9:], now)
	return out
}

func traceID(trace uint64) (high, low uint64) { return mix(2*trace + 1), mix(2*trace + 2) }

func spanID(ref spanRef) uint64 { return mix(ref.trace*spansATrace + uint64(ref.index) + 1<<62) }

// mix spreads numbers over 64 bits, one to one (the finaliser of splitmix64); only zero gives zero.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
