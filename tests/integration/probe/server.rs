//! A server that answers by the path it is asked for: as API Gateway does, or as nobody should.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What API Gateway's answers bear.
const MARK: &str = "x-amzn-RequestId: 5d3f\r\n";

/// A server on a port of its own, for as long as the test runs.
pub(super) struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let heard = Arc::clone(&heard);
                thread::spawn(move || answer(&mut stream.unwrap(), &heard));
            }
        });
        Server { port, asked }
    }

    /// The URL that gets every request.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The heads of the requests that came, in any order.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|it| it == 1) {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// Whoever asks may have hung up: an error ends the answer.
fn answer(stream: &mut TcpStream, heard: &Mutex<Vec<String>>) -> Option<()> {
    let head = head(stream);
    let path = head.split(' ').nth(1)?.to_owned();
    let is_signed = head.to_lowercase().contains("\r\nauthorization:");
    let is_head = head.starts_with("HEAD ");
    heard.lock().unwrap().push(head);
    let whole = |stream: &mut TcpStream, status: &str, headers: &str, body: &str| {
        let length = body.len();
        let body = if is_head { "" } else { body };
        let start = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}");
        stream.write_all(start.as_bytes()).ok()
    };
    let token = format!("{MARK}x-amzn-ErrorType: MissingAuthenticationTokenException\r\n");
    match path.rsplit('/').next()? {
        "signed" if is_signed => whole(stream, "200 OK", MARK, "{}"),
        "closed" | "signed" => whole(
            stream,
            "403 Forbidden",
            &token,
            r#"{"message":"Missing Authentication Token"}"#,
        ),
        "open" => whole(stream, "200 OK", MARK, "secret things"),
        "refused" => whole(
            stream,
            "403 Forbidden",
            &format!("{MARK}x-amzn-ErrorType: AccessDeniedException\r\n"),
            r#"{"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:x"}"#,
        ),
        "key" | "waf" => whole(
            stream,
            "403 Forbidden",
            &format!("{MARK}x-amzn-ErrorType: ForbiddenException\r\n"),
            r#"{"message":"Forbidden"}"#,
        ),
        "customized" => whole(stream, "404 Not Found", &token, "<h1>nothing here</h1>"),
        "own-404" => whole(stream, "404 Not Found", MARK, r#"{"message":"Not Found"}"#),
        "elsewhere" => whole(
            stream,
            "302 Found",
            "location: http://169.254.169.254/latest/meta-data/\r\n",
            "",
        ),
        "upgrade" => say(
            stream,
            "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n",
        )
        .and_then(|()| closed(stream, heard)),
        "silent" => sleep(60_000),
        "hang-up" => Some(()),
        "garbage" => say(stream, "SSH-2.0-OpenSSH_9.6\r\n"),
        "slow-body" => say(
            stream,
            &format!("HTTP/1.1 403 Forbidden\r\n{token}content-length: 90\r\n\r\n{{"),
        )
        .and_then(|()| sleep(60_000)),
        "endless-body" => endless(
            stream,
            &format!("HTTP/1.1 200 OK\r\n{MARK}\r\n"),
            "0123456789",
        ),
        "bomb" => endless(
            stream,
            &format!(
                "HTTP/1.1 200 OK\r\n{MARK}content-encoding: gzip\r\ncontent-length: 99999999999\r\n\r\n"
            ),
            "\u{1f}\u{8b}",
        ),
        "endless-head" => endless(stream, "HTTP/1.1 200 OK\r\n", "x-more: and more\r\n"),
        "endless-interim" => endless(stream, "", "HTTP/1.1 100 Continue\r\n\r\n"),
        "trickle" => trickle(stream, "HTTP/1.1 200 OK\r\nx-slow: "),
        _ => whole(stream, "404 Not Found", &token, ""),
    }
}

fn say(stream: &mut TcpStream, text: &str) -> Option<()> {
    stream.write_all(text.as_bytes()).ok()
}

fn sleep(milliseconds: u64) -> Option<()> {
    thread::sleep(Duration::from_millis(milliseconds));
    Some(())
}

/// Says something again and again, until nobody listens.
fn endless(stream: &mut TcpStream, first: &str, again: &str) -> Option<()> {
    stream.write_all(first.as_bytes()).ok()?;
    let piece = again.repeat(1000);
    loop {
        stream.write_all(piece.as_bytes()).ok()?;
    }
}

/// Says a byte now and then.
fn trickle(stream: &mut TcpStream, first: &str) -> Option<()> {
    stream.write_all(first.as_bytes()).ok()?;
    loop {
        stream.write_all(b"x").ok()?;
        sleep(50)?;
    }
}

/// Waits for the other side to close, and writes down what it said until then.
fn closed(stream: &mut TcpStream, heard: &Mutex<Vec<String>>) -> Option<()> {
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).ok()?;
    heard.lock().unwrap().push(format!("closed after {rest:?}"));
    Some(())
}
