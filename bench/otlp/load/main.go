// Command load sends OTLP trace requests to a collector, takes what that sends on, and says what it cost in time.
//
// It prints one JSON object a line: "begin" and "end" around the time measured, and "done" once everything has arrived
// or nothing more did for a while.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

var (
	transport = flag.String("transport", "grpc", "grpc or http")
	target    = flag.String("target", "", "host:port of the collector's receiver")
	sinkAt    = flag.String("sink", "", "host:port to take what the collector sends")
	size      = flag.Int("spans", 100, "spans a request")
	rate      = flag.Float64("rate", 0, "spans a second; 0: as fast as requests are acknowledged")
	warmRate  = flag.Float64("warm-up-rate", 0, "the same before the time measured")
	inFlight  = flag.Int("in-flight", 16, "requests that may be unacknowledged at a time")
	warmUp    = flag.Duration("warm-up", time.Second, "time before the time measured")
	measure   = flag.Duration("measure", 3*time.Second, "time measured")
	patience  = flag.Duration("patience", 5*time.Second, "how long nothing may arrive before what is missing counts as lost")
	printed   = flag.Int("print", 0, "send nothing: print this many requests in base64, a line each")
)

// settleDown is the time between two rates until what is measured is of the second only.
const settleDown = 500 * time.Millisecond

// A load is what was seen from outside the collector.
type load struct {
	stream *stream
	sender *sender
	// Times to acknowledgement within the time measured.
	mutex     sync.Mutex
	latencies []time.Duration
	measuring atomic.Bool
	acked     atomic.Uint64
	refused   atomic.Uint64
	refusal   atomic.Value
}

func main() {
	flag.Parse()
	traffic := newStream(*size, uint64(time.Now().UnixNano()))
	if *printed > 0 {
		printRequests(traffic, *printed)
		return
	}
	s, err := startSink(*sinkAt)
	if err != nil {
		fail(err)
	}
	l := &load{stream: traffic, sender: newSender(*transport == "grpc", *target, *inFlight)}
	stop := make(chan struct{})
	var workers sync.WaitGroup
	l.start(stop, &workers)

	time.Sleep(*warmUp)
	l.measuring.Store(true)
	if *warmRate != *rate {
		time.Sleep(settleDown)
	}
	ackedBefore, before, began := l.acked.Load(), s.read(), time.Now()
	say("begin", nil)
	time.Sleep(*measure)
	l.measuring.Store(false)
	seconds, after := time.Since(began).Seconds(), s.read()
	acked := l.acked.Load() - ackedBefore
	say("end", nil)
	close(stop)
	workers.Wait()

	counts := settle(s, traffic.spans)
	p50, p99 := l.quantiles()
	reason, _ := l.refusal.Load().(string)
	say("done", map[string]any{
		"seconds":         seconds,
		"acknowledged":    acked,
		"delivered":       after.spans - before.spans,
		"requests":        counts.requests,
		"p50Micros":       p50,
		"p99Micros":       p99,
		"sent":            traffic.spans,
		"arrived":         counts.spans,
		"sameSpans":       counts.idSum == traffic.idSum,
		"malformed":       counts.malformed,
		"refusedRequests": l.refused.Load(),
		"refusal":         reason,
	})
}

// start sends at the rate asked for, or as fast as requests are acknowledged.
func (l *load) start(stop chan struct{}, workers *sync.WaitGroup) {
	var tickets chan struct{}
	if *rate > 0 {
		tickets = make(chan struct{})
		go l.pace(tickets, stop)
	}
	for range *inFlight {
		workers.Add(1)
		go func() {
			defer workers.Done()
			var buffer []byte
			for {
				select {
				case <-stop:
					return
				default:
				}
				if tickets != nil {
					select {
					case <-stop:
						return
					case <-tickets:
					}
				}
				buffer = l.send(buffer)
			}
		}()
	}
}

// pace hands out a ticket whenever the next request is due. What was a little late is made up for; a longer pause of this
// program is no reason for a burst.
func (l *load) pace(tickets chan<- struct{}, stop <-chan struct{}) {
	const mostMadeUp = 50 * time.Millisecond
	due := time.Now()
	for {
		perSecond := *warmRate
		if l.measuring.Load() {
			perSecond = *rate
		}
		due = due.Add(time.Duration(float64(*size) / perSecond * float64(time.Second)))
		if late := time.Since(due); late > mostMadeUp {
			due = time.Now()
		}
		time.Sleep(time.Until(due))
		select {
		case <-stop:
			return
		case tickets <- struct{}{}:
		}
	}
}

func (l *load) send(buffer []byte) []byte {
	framed, service := l.stream.request(buffer)
	began := time.Now()
	if err := l.sender.send(framed, service); err != nil {
		l.refused.Add(1)
		l.refusal.Store(err.Error())
		return framed
	}
	took := time.Since(began)
	l.acked.Add(uint64(*size))
	if l.measuring.Load() {
		l.mutex.Lock()
		l.latencies = append(l.latencies, took)
		l.mutex.Unlock()
	}
	return framed
}

func (l *load) quantiles() (p50, p99 float64) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if len(l.latencies) == 0 {
		return 0, 0
	}
	slices.Sort(l.latencies)
	at := func(q float64) float64 {
		return float64(l.latencies[int(q*float64(len(l.latencies)-1))].Nanoseconds()) / 1e3
	}
	return at(0.5), at(0.99)
}

// settle waits until all spans sent have arrived, or none does for a while.
func settle(s *sink, sent uint64) sinkCounts {
	last, since := s.read(), time.Now()
	for last.spans < sent && time.Since(since) < *patience {
		time.Sleep(20 * time.Millisecond)
		if now := s.read(); now.spans != last.spans {
			last, since = now, time.Now()
		}
	}
	return s.read()
}

func say(event string, facts map[string]any) {
	if facts == nil {
		facts = map[string]any{}
	}
	facts["event"] = event
	if err := json.NewEncoder(os.Stdout).Encode(facts); err != nil {
		fail(err)
	}
}

func printRequests(traffic *stream, count int) {
	encoder := json.NewEncoder(os.Stdout)
	for range count {
		framed, _ := traffic.request(nil)
		if err := encoder.Encode(framed[grpcPrefixLength:]); err != nil {
			fail(err)
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "load:", err)
	os.Exit(1)
}
