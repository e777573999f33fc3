//! One request and its answer, over a connection that is closed afterwards.

use std::future::poll_fn;
use std::pin::Pin;

use http_body::Body as _;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::task::JoinHandle;

use super::connection::Connection;
use super::fault::Fault;
use crate::audit::probe::{Heard, MOST_OF_A_BODY};

/// The most bytes of a status line with its headers. API Gateway sends no more than ten thousand.
const MOST_OF_A_HEAD: usize = 64 * 1024;

/// The driver of a connection, which ends with its value: so does the connection, whatever the server still sends.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The answer as it comes: its head is there, its body perhaps not yet.
pub(super) struct Answered {
    heard: Heard,
    body: Incoming,
    _driver: Driver,
}

/// Sends a request, and waits for the head of the answer.
pub(super) async fn ask(
    connection: Connection,
    request: Request<String>,
) -> Result<Answered, Fault> {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(MOST_OF_A_HEAD);
    let broken = |error: hyper::Error| Fault::broken(&error);
    let handshake = builder.handshake(TokioIo::new(connection)).await;
    let (mut sender, driver) = handshake.map_err(broken)?;
    let driver = tokio::spawn(async move {
        // What breaks here breaks the request as well, which says so.
        let _ = driver.await;
    });
    let driver = Driver(driver);
    let response = sender.send_request(request).await;
    let response = response.map_err(|error| match error.is_parse() {
        true => Fault::malformed("what came back is no answer of HTTP".to_owned()),
        false => broken(error),
    })?;
    Ok(Answered {
        heard: head(&response),
        body: response.into_body(),
        _driver: driver,
    })
}

fn head(response: &Response<Incoming>) -> Heard {
    let headers = response.headers();
    let marks = ["x-amzn-requestid", "apigw-requestid"];
    Heard {
        status: response.status().as_u16(),
        error_type: text(headers, "x-amzn-errortype"),
        is_of_waf: headers.contains_key("x-amzn-waf-action"),
        has_request_id: marks.iter().any(|it| headers.contains_key(*it)),
        body: Vec::new(),
        is_cut: true,
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?;
    value.to_str().ok().map(str::to_owned)
}

impl Answered {
    /// Reads on, as far as a body is read at all.
    pub(super) async fn read_body(&mut self) {
        let Answered { heard, body, .. } = self;
        loop {
            let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await;
            let data = match frame {
                None => {
                    heard.is_cut = false;
                    return;
                }
                // What was read of it counts.
                Some(Err(_)) => return,
                Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
            };
            let room = MOST_OF_A_BODY.saturating_sub(heard.body.len());
            let taken = data.get(..room).unwrap_or(&data);
            heard.body.extend_from_slice(taken);
            if taken.len() < data.len() {
                return;
            }
        }
    }

    /// What was heard so far.
    pub(super) fn heard(self) -> Heard {
        self.heard
    }
}
