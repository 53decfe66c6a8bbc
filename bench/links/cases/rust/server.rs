//! A thread a connection; each request's call is made by one of a pool of threads fed over a channel. MODE `submit`: the
//! connection's thread waits for it and answers. MODE `answer`: the pool's thread answers.

use std::collections::hash_map::RandomState;
use std::env;
use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{channel, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const THREADS: usize = 4;

type Job = Box<dyn FnOnce() + Send>;

struct Reader {
    stream: TcpStream,
    kept: Vec<u8>,
}

impl Reader {
    fn new(stream: TcpStream) -> Reader {
        stream.set_nodelay(true).expect("nodelay");
        Reader { stream, kept: Vec::new() }
    }

    /// A head and `body` bytes more; None at the end of the connection.
    fn message(&mut self, body: usize) -> Option<String> {
        loop {
            if let Some(head) = self.kept.windows(4).position(|window| window == b"\r\n\r\n") {
                let end = head + 4 + body;
                if self.kept.len() >= end {
                    return Some(String::from_utf8_lossy(&self.kept.drain(..end).collect::<Vec<u8>>()).into_owned());
                }
            }
            let mut buffer = [0; 4096];
            match self.stream.read(&mut buffer) {
                Ok(n) if n > 0 => self.kept.extend_from_slice(&buffer[..n]),
                _ => return None,
            }
        }
    }
}

struct Upstream {
    port: u16,
    records: File,
    idle: Mutex<Vec<Reader>>,
}

impl Upstream {
    fn get(&self, path: &str, label: &str) {
        let pause = RandomState::new().build_hasher().finish() % 2000;
        thread::sleep(Duration::from_micros(pause));
        let kept = self.idle.lock().expect("idle").pop();
        let mut connection =
            kept.unwrap_or_else(|| Reader::new(TcpStream::connect(("127.0.0.1", self.port)).expect("connect")));
        (&self.records).write_all(format!("{label}\n").as_bytes()).expect("record");
        let request = format!("GET {path} HTTP/1.1\r\nhost: b\r\nx-label: {label}\r\n\r\n");
        connection.stream.write_all(request.as_bytes()).expect("call");
        connection.message(2).expect("answer");
        self.idle.lock().expect("idle").push(connection);
    }
}

fn number(name: &str) -> u16 {
    env::var(name).expect(name).parse().expect(name)
}

/// The path, and the label of the request's first call.
fn parse(head: &str) -> (String, String) {
    let path = head.split(' ').nth(1).expect("path").to_string();
    let at = head.find("x-label: ").expect("label") + 9;
    (path, format!("{}1", &head[at..at + 11]))
}

fn serve(stream: TcpStream, submit: bool, upstream: Arc<Upstream>, jobs: Sender<Job>) {
    let mut connection = Reader::new(stream);
    while let Some(head) = connection.message(0) {
        let (path, label) = parse(&head);
        let upstream = upstream.clone();
        let mut writer = connection.stream.try_clone().expect("clone");
        let (done, wait) = channel();
        jobs.send(Box::new(move || {
            upstream.get(&path, &label);
            if submit {
                done.send(()).expect("done");
            } else {
                writer.write_all(OK).expect("answer");
            }
        }))
        .expect("submit");
        if submit {
            wait.recv().expect("wait");
            connection.stream.write_all(OK).expect("answer");
        }
    }
}

fn main() {
    let records = OpenOptions::new()
        .create(true)
        .append(true)
        .open(format!("{}/calls-rust", env::var("RECORDS").expect("RECORDS")))
        .expect("records");
    let upstream = Arc::new(Upstream { port: number("UPSTREAM"), records, idle: Mutex::new(Vec::new()) });
    let (jobs, queue) = channel::<Job>();
    let queue = Arc::new(Mutex::new(queue));
    for _ in 0..THREADS {
        let queue = queue.clone();
        thread::spawn(move || loop {
            let job = queue.lock().expect("queue").recv();
            match job {
                Ok(job) => job(),
                Err(_) => return,
            }
        });
    }
    let submit = env::var("MODE").expect("MODE") == "submit";
    let listener = TcpListener::bind(("127.0.0.1", number("PORT"))).expect("listen");
    for stream in listener.incoming().flatten() {
        let (upstream, jobs) = (upstream.clone(), jobs.clone());
        thread::spawn(move || serve(stream, submit, upstream, jobs));
    }
}
