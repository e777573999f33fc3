//! A stand-in for S3, which gives what it was given, or behaves as nobody should.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::function::Function;
use super::http::{reply, serve};
use super::stack_event;

/// A bucket, and how often it was asked.
pub(super) struct Bucket {
    address: String,
    objects: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    pub(super) asked: Arc<Mutex<Vec<String>>>,
}

impl Bucket {
    pub(super) fn start() -> Self {
        let objects: Arc<Mutex<BTreeMap<String, Vec<u8>>>> = Arc::default();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (held, heard) = (Arc::clone(&objects), Arc::clone(&asked));
        let address = serve(move |request, stream| {
            let path = request
                .line
                .strip_prefix("GET ")
                .unwrap_or_default()
                .to_owned();
            heard.lock().unwrap().push(path.clone());
            let key = path.split('?').next().unwrap_or_default();
            let mut write = |bytes: &[u8]| stream.write_all(bytes).is_ok();
            match key {
                "/silent" => thread::sleep(Duration::from_secs(60)),
                "/hang-up" => {}
                "/garbage" => drop(write(b"I am no HTTP at all\r\n\r\n")),
                "/endless" => {
                    write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
                    let chunk = [b"10000\r\n", [b' '; 65_536].as_slice(), b"\r\n"].concat();
                    while write(&chunk) {}
                }
                "/large" => {
                    write(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n{");
                    thread::sleep(Duration::from_secs(60));
                }
                "/cut" => drop(write(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{")),
                "/elsewhere" => {
                    return reply(stream, "302 Found", "location: /stack\r\n", b"");
                }
                "/compressed" => {
                    return reply(stream, "200 OK", "content-encoding: gzip\r\n", b"\x1f\x8b");
                }
                "/expired" => return reply(stream, "403 Forbidden", "", b"<Error/>"),
                key => {
                    let object = held.lock().unwrap().get(key).cloned();
                    return match object {
                        Some(body) => reply(stream, "200 OK", "", &body),
                        None => reply(stream, "404 Not Found", "", b""),
                    };
                }
            }
            false
        });
        Bucket {
            address,
            objects,
            asked,
        }
    }

    /// The URL of an object, with a signature that nobody may see.
    pub(super) fn url(&self, key: &str) -> String {
        format!("http://{}/{key}?X-Amz-Signature=5ec4e7", self.address)
    }

    pub(super) fn put(&self, key: &str, body: Vec<u8>) {
        self.objects.lock().unwrap().insert(format!("/{key}"), body);
    }

    /// A function whose environment says that this is S3, with these variables besides.
    pub(super) fn function(&self, variables: &[(&str, &str)]) -> Function {
        let endpoint = format!("http://{}", self.address);
        let own = [("AWS_ENDPOINT_URL_S3", endpoint.as_str())];
        Function::start(&[own.as_slice(), variables].concat())
    }

    /// The event of a stack with these templates. Empty: there was none before.
    pub(super) fn stack(&self, template: &str, previous: &str) -> Value {
        let payload = json!({"template": template, "previousTemplate": previous});
        self.put("stack", payload.to_string().into_bytes());
        stack_event(&self.url("stack"))
    }
}
