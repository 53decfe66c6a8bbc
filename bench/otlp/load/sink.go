package main

import (
	"encoding/binary"
	"io"
	"net"
	"net/http"
)

// A sink takes what a collector sends on, by gRPC and by HTTP on one port, and counts its spans.
type sink struct {
	counts chan func(*sinkCounts)
}

type sinkCounts struct{ requests, spans, idSum, malformed uint64 }

func startSink(address string) (*sink, error) {
	s := &sink{counts: make(chan func(*sinkCounts), 1024)}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{
		Protocols: protocols,
		Handler:   http.HandlerFunc(s.handle),
		HTTP2: &http.HTTP2Config{
			MaxReceiveBufferPerConnection: 8 << 20,
			MaxReceiveBufferPerStream:     4 << 20,
			MaxReadFrameSize:              1 << 20,
		},
	}
	go func() {
		var counts sinkCounts
		for change := range s.counts {
			change(&counts)
		}
	}()
	go server.Serve(listener)
	return s, nil
}

// read gives what has come so far.
func (s *sink) read() sinkCounts {
	answer := make(chan sinkCounts)
	s.counts <- func(counts *sinkCounts) { answer <- *counts }
	return <-answer
}

func (s *sink) handle(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if r.URL.Path == exportMethod {
		s.count(unframed(body))
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Trailer", "Grpc-Status")
		w.Write(make([]byte, grpcPrefixLength))
		w.Header().Set("Grpc-Status", "0")
		return
	}
	s.count(body)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func unframed(body []byte) []byte {
	if len(body) < grpcPrefixLength {
		return nil
	}
	return body[grpcPrefixLength:]
}

func (s *sink) count(body []byte) {
	one := sinkCounts{requests: 1}
	ok := eachField(body, func(field int, resourceSpans []byte) bool {
		return !eachField(resourceSpans, func(field int, scopeSpans []byte) bool {
			return field == 2 && !eachField(scopeSpans, func(field int, span []byte) bool {
				if field == 2 {
					one.spans++
					one.idSum += idOf(span)
				}
				return false
			})
		})
	})
	if !ok {
		one.malformed = 1
	}
	s.counts <- func(all *sinkCounts) {
		all.requests += one.requests
		all.spans += one.spans
		all.idSum += one.idSum
		all.malformed += one.malformed
	}
}

// idOf is the span's id, wherever it stands: programs that decode and encode spans may reorder their fields.
func idOf(span []byte) (id uint64) {
	eachField(span, func(field int, value []byte) bool {
		if field != 2 || len(value) != 8 {
			return false
		}
		id = binary.BigEndian.Uint64(value)
		return true
	})
	return id
}
