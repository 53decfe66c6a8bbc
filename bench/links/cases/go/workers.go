package main

import "sync/atomic"

// workers take jobs from a channel. Without any at the start, requests that find none idle start them.
type workers struct {
	most    int32
	started int32
	jobs    chan func()
}

func startWorkers(n int) *workers {
	w := &workers{jobs: make(chan func())}
	for i := 0; i < n; i++ {
		go w.work()
	}
	return w
}

func (w *workers) work() {
	for job := range w.jobs {
		job()
	}
}

func (w *workers) do(job func()) {
	done := make(chan struct{})
	all := func() {
		job()
		close(done)
	}
	select {
	case w.jobs <- all:
	default:
		if atomic.AddInt32(&w.started, 1) <= w.most {
			go w.work()
		}
		w.jobs <- all
	}
	<-done
}
