package main

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"
)

// callLabel is the label of a request's n-th call: the same number, another last character.
func callLabel(r *http.Request, n int) string {
	label := r.Header.Get(labelHeader)
	return label[:len(label)-1] + string("0123456789abcdefghijklmnopqrstuvwxyz"[n])
}

func (s *service) get(path, label string) {
	request, err := http.NewRequest("GET", s.upstream+path, nil)
	check(err)
	request.Header.Set(labelHeader, label)
	s.records.add(label)
	response, err := s.client.Do(request)
	check(err)
	_, err = io.Copy(io.Discard, response.Body)
	check(err)
	check(response.Body.Close())
}

func (s *service) query(label string) {
	var found string
	s.records.add(label)
	check(s.db.QueryRow("SELECT $1::text", label).Scan(&found))
}

func (s *service) cached(label string) {
	s.records.add(label)
	if err := s.cache.Get(context.Background(), label).Err(); err != nil && err.Error() != "redis: nil" {
		panic(err)
	}
}

func (s *service) one(w http.ResponseWriter, r *http.Request) {
	s.get(r.URL.Path, callLabel(r, 1))
	answer(w)
}

func (s *service) databases(w http.ResponseWriter, r *http.Request) {
	s.query(callLabel(r, 1))
	s.cached(callLabel(r, 2))
	s.query(callLabel(r, 3))
	answer(w)
}

func (s *service) fanOut(w http.ResponseWriter, r *http.Request) {
	s.spread(r, 1, 8)
	answer(w)
}

// spread makes calls from..to, each on a goroutine of its own, and waits for them.
func (s *service) spread(r *http.Request, from, to int) {
	var all sync.WaitGroup
	for n := from; n <= to; n++ {
		all.Add(1)
		go func(n int) {
			defer all.Done()
			s.get(r.URL.Path, callLabel(r, n))
		}(n)
	}
	all.Wait()
}

// nested calls from goroutines that goroutines started, some of which have ended by then.
func (s *service) nested(w http.ResponseWriter, r *http.Request) {
	var all sync.WaitGroup
	all.Add(4)
	for n := 1; n <= 4; n++ {
		go func(n int) {
			go func() {
				defer all.Done()
				time.Sleep(time.Millisecond)
				deep(64, func() { s.get(r.URL.Path, callLabel(r, n)) })
			}()
		}(n)
	}
	all.Wait()
	answer(w)
}

// deep runs f on a stack that has to grow, and so to move, several times.
func deep(n int, f func()) {
	var room [512]byte
	room[n] = byte(n)
	if n == 0 {
		f()
	} else {
		deep(n-1, f)
	}
	if room[n] != byte(n) {
		panic("the stack is not what it was")
	}
}

func (s *service) mixed(w http.ResponseWriter, r *http.Request) {
	s.get(r.URL.Path, callLabel(r, 1))
	s.query(callLabel(r, 2))
	s.spread(r, 3, 5)
	s.cached(callLabel(r, 6))
	answer(w)
}

// queued has its call made by a worker that other requests share.
func (s *service) queued(w http.ResponseWriter, r *http.Request) {
	s.workers.do(func() { s.get(r.URL.Path, callLabel(r, 1)) })
	answer(w)
}
