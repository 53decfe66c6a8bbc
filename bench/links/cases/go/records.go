package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// records is the file that says which calls were made.
type records struct {
	lock sync.Mutex
	file *os.File
}

func openRecords() *records {
	name := filepath.Join(os.Getenv("RECORDS"), fmt.Sprintf("calls-%d", os.Getpid()))
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	check(err)
	return &records{file: file}
}

func (r *records) add(label string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	_, err := r.file.WriteString(label + "\n")
	check(err)
}
