// Serves GET /in/LABEL by a call GET /out/LABEL that a thread of a pool makes: PORT UPSTREAM_PORT WORKERS MODE.
use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{channel, Sender};
use std::sync::{Arc, Mutex};
use std::thread;

type Job = Box<dyn FnOnce() + Send>;

thread_local!(static CONNECTION: RefCell<Option<TcpStream>> = const { RefCell::new(None) });

fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    while !text.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(n) if n > 0 => text.extend_from_slice(&buffer[..n]),
            _ => return None,
        }
    }
    String::from_utf8(text).ok()
}

fn call(upstream: u16, label: &str) {
    CONNECTION.with(|cell| {
        let mut cell = cell.borrow_mut();
        let stream = cell.get_or_insert_with(|| TcpStream::connect(("127.0.0.1", upstream)).unwrap());
        stream.write_all(format!("GET /out/{label} HTTP/1.1\r\nHost: upstream\r\n\r\n").as_bytes()).unwrap();
        if read_head(stream).is_none() {
            *cell = None;
        }
    });
}

fn answer(stream: &mut TcpStream) {
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
}

fn handle(mode: &str, jobs: &Sender<Job>, upstream: u16, stream: &mut TcpStream, label: String) {
    match mode {
        "channel" => {
            let (done, result) = channel();
            jobs.send(Box::new(move || {
                call(upstream, &label);
                done.send(()).unwrap();
            }))
            .unwrap();
            result.recv().unwrap();
            answer(stream);
        }
        "async" => {
            let mut stream = stream.try_clone().unwrap();
            jobs.send(Box::new(move || {
                call(upstream, &label);
                answer(&mut stream);
            }))
            .unwrap();
        }
        "scope" => {
            thread::scope(|scope| {
                for _ in 0..3 {
                    scope.spawn(|| call(upstream, &label));
                }
            });
            answer(stream);
        }
        _ => panic!("mode {mode}"),
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let upstream: u16 = args[2].parse().unwrap();
    let (jobs, queue) = channel::<Job>();
    let queue = Arc::new(Mutex::new(queue));
    for _ in 0..args[3].parse().unwrap() {
        let queue = queue.clone();
        thread::spawn(move || loop {
            let job = queue.lock().unwrap().recv().unwrap();
            job();
        });
    }
    let listener = TcpListener::bind(("127.0.0.1", args[1].parse::<u16>().unwrap())).unwrap();
    println!("ready");
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        stream.set_nodelay(true).unwrap();
        let (jobs, mode) = (jobs.clone(), args[4].clone());
        thread::spawn(move || {
            while let Some(head) = read_head(&mut stream) {
                let label = head.split("/in/").nth(1).unwrap().split(' ').next().unwrap().to_string();
                handle(&mode, &jobs, upstream, &mut stream, label);
            }
        });
    }
}
