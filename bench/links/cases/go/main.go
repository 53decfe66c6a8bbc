// A net/http server whose requests make calls the way Go programs do; MODE says which, and all of them are recorded.
package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/go-redis/redis/v8"
	_ "github.com/lib/pq"
)

const labelHeader = "X-Label"

// A service holds what its requests share.
type service struct {
	records  *records
	upstream string
	client   *http.Client
	db       *sql.DB
	cache    *redis.Client
	workers  *workers
}

func main() {
	mode, port := os.Getenv("MODE"), os.Getenv("PORT")
	s := &service{
		records:  openRecords(),
		upstream: "http://127.0.0.1:" + os.Getenv("UPSTREAM"),
		client:   &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableKeepAlives: mode == "new-connections"}},
	}
	if address := os.Getenv("DATABASE_URL"); address != "" {
		db, err := sql.Open("postgres", address)
		check(err)
		db.SetMaxOpenConns(8)
		db.SetMaxIdleConns(8)
		s.db = db
		s.cache = redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + os.Getenv("REDIS_PORT"), PoolSize: 8})
	}
	handlers := map[string]http.HandlerFunc{
		"client":          s.one,
		"new-connections": s.one,
		"databases":       s.databases,
		"fan-out":         s.fanOut,
		"nested":          s.nested,
		"mixed":           s.mixed,
		"workers":         s.queued,
		"lazy-workers":    s.queued,
	}
	var handler http.Handler = handlers[mode]
	switch mode {
	case "proxy":
		target, err := url.Parse(s.upstream)
		check(err)
		handler = httputil.NewSingleHostReverseProxy(target)
	case "timeout":
		handler = http.TimeoutHandler(http.HandlerFunc(s.one), time.Minute, "late")
	case "workers":
		s.workers = startWorkers(16)
	case "lazy-workers":
		s.workers = &workers{most: 16, jobs: make(chan func())}
	}
	if handler == nil {
		panic("MODE is '" + mode + "'")
	}
	if os.Getenv("TICKER") != "" {
		go s.tick()
	}
	check(http.ListenAndServe("127.0.0.1:"+port, handler))
}

// tick makes calls that belong to no request.
func (s *service) tick() {
	for n := 1; ; n++ {
		time.Sleep(5 * time.Millisecond)
		s.get("/tick", fmt.Sprintf("LBL-b%05d-1", n))
	}
}

func answer(w http.ResponseWriter) {
	w.Header().Set("Content-Length", strconv.Itoa(2))
	fmt.Fprint(w, "ok")
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
