package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
)

const exportMethod = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

// A sender delivers requests to a receiver, each service over connections of its own.
type sender struct {
	grpc    bool
	url     string
	clients [services]*http.Client
}

func newSender(grpc bool, target string, inFlight int) *sender {
	s := &sender{grpc: grpc, url: "http://" + target + "/v1/traces"}
	protocols := new(http.Protocols)
	if grpc {
		s.url = "http://" + target + exportMethod
		protocols.SetUnencryptedHTTP2(true)
	} else {
		protocols.SetHTTP1(true)
	}
	for i := range s.clients {
		s.clients[i] = &http.Client{Transport: &http.Transport{
			Protocols:           protocols,
			MaxIdleConnsPerHost: inFlight,
			DisableCompression:  true,
			DialContext:         (&net.Dialer{}).DialContext,
		}}
	}
	return s
}

// send returns when the request is acknowledged, or an error when it was refused.
func (s *sender) send(framed []byte, service int) error {
	body := framed
	if !s.grpc {
		body = framed[grpcPrefixLength:]
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if s.grpc {
		request.Header["Content-Type"] = []string{"application/grpc"}
		request.Header["Te"] = []string{"trailers"}
	} else {
		request.Header["Content-Type"] = []string{"application/x-protobuf"}
	}
	response, err := s.clients[service].Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP status %d: %s", response.StatusCode, answer)
	}
	if !s.grpc {
		return nil
	}
	status := response.Trailer.Get("Grpc-Status")
	if status == "" {
		status = response.Header.Get("Grpc-Status")
	}
	if status != "0" {
		return fmt.Errorf("grpc-status %q %s", status, response.Header.Get("Grpc-Message"))
	}
	return nil
}
