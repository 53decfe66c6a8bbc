package main

import (
	"encoding/binary"
	"fmt"
	"sync"
	"time"
)

const (
	services         = 8
	servicesATrace   = 4
	spansAService    = 3
	spansATrace      = servicesATrace * spansAService
	grpcPrefixLength = 5
)

// A stream makes the requests of several services without end. Each trace is a chain through some of them, and each
// service sends its own spans, a fixed number a request: the spans of a trace are spread over several requests.
type stream struct {
	mutex     sync.Mutex
	size      int
	next      uint64
	queues    [services][]spanRef
	resources [services][]byte
	scope     []byte
	templates [services][spansAService]spanTemplate
	// Spans handed out, and the sum of their ids.
	spans, idSum uint64
}

func newStream(size int, seed uint64) *stream {
	s := &stream{size: size, next: seed}
	s.scope = appendBytes(nil, 1, appendString(appendString(nil, 1, "@opentelemetry/instrumentation-http"), 2, "0.223.1"))
	for service := range services {
		s.resources[service] = appendBytes(nil, 1, resource(service))
		for i, kind := range kinds {
			s.templates[service][i] = newSpanTemplate(service, kind)
		}
	}
	return s
}

func resource(service int) []byte {
	var message []byte
	for _, pair := range [][2]string{
		{"service.name", fmt.Sprintf("shop-%d", service)},
		{"service.version", "1.4.2"},
		{"telemetry.sdk.language", "nodejs"},
		{"telemetry.sdk.name", "opentelemetry"},
		{"telemetry.sdk.version", "2.12.1"},
		{"host.name", "worker-3"},
	} {
		message = appendBytes(message, 1, keyValue(pair[0], appendString(nil, 1, pair[1])))
	}
	return message
}

// request makes the next request; buffer is used if it is large enough. The message begins behind room for gRPC's
// prefix, which is filled in.
func (s *stream) request(buffer []byte) (framed []byte, service int) {
	s.mutex.Lock()
	service = s.fill()
	refs := s.queues[service][:s.size]
	for _, ref := range refs {
		s.idSum += spanID(ref)
	}
	s.spans += uint64(s.size)
	refs = append([]spanRef(nil), refs...)
	s.queues[service] = append(s.queues[service][:0], s.queues[service][s.size:]...)
	s.mutex.Unlock()

	templates := &s.templates[service]
	scopeSize := len(s.scope)
	for _, ref := range refs {
		scopeSize += sizeOfField(len(templates[ref.index%spansAService].bytes))
	}
	resourceSize := len(s.resources[service]) + sizeOfField(scopeSize)
	out := append(buffer[:0], make([]byte, grpcPrefixLength)...)
	out = appendHeader(out, 1, resourceSize)
	out = append(out, s.resources[service]...)
	out = appendHeader(out, 2, scopeSize)
	out = append(out, s.scope...)
	now := uint64(time.Now().UnixNano())
	for _, ref := range refs {
		template := &templates[ref.index%spansAService]
		out = appendHeader(out, 2, len(template.bytes))
		out = template.fill(out, ref, now)
	}
	binary.BigEndian.PutUint32(out[1:], uint32(len(out)-grpcPrefixLength))
	return out, service
}

// fill lets traces happen until some service has a request's worth of spans; returns that service.
func (s *stream) fill() int {
	for {
		for service := range s.queues {
			if len(s.queues[service]) >= s.size {
				return service
			}
		}
		first := int(mix(s.next+1<<61) % services)
		for index := range spansATrace {
			service := (first + index/spansAService) % services
			s.queues[service] = append(s.queues[service], spanRef{s.next, index})
		}
		s.next++
	}
}

func appendHeader(b []byte, field, length int) []byte {
	return binary.AppendUvarint(appendTag(b, field, wireLen), uint64(length))
}
