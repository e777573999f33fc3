//! The real Lambda binary, behind the runtime API that Lambda speaks to it.
//!
//! Source: [the runtime API](https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).

use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;

use super::http::{reply, serve};
use crate::schemas::assert_fits;

/// A function that waits for events. It ends when this is dropped.
pub(super) struct Function {
    child: Child,
    events: Sender<(Value, Duration)>,
    answers: Receiver<Result<Value, String>>,
}

impl Function {
    /// With these variables besides those that Lambda sets.
    pub(super) fn start(variables: &[(&str, &str)]) -> Self {
        let (events, waiting) = channel::<(Value, Duration)>();
        let (answered, answers) = channel();
        let (waiting, answered) = (Arc::new(Mutex::new(waiting)), Mutex::new(answered));
        let api = serve(move |request, stream| {
            let answered = answered.lock().unwrap().clone();
            if request.line.ends_with("/invocation/next") {
                let Ok((event, time)) = waiting.lock().unwrap().recv() else {
                    return false;
                };
                let end = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + time;
                let headers = format!(
                    "lambda-runtime-aws-request-id: 1\r\nlambda-runtime-deadline-ms: {}\r\n\
                     lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-west-1:111122223333:function:hook\r\n\
                     lambda-runtime-trace-id: Root=1\r\ncontent-type: application/json\r\n",
                    end.as_millis()
                );
                return reply(stream, "200 OK", &headers, event.to_string().as_bytes());
            }
            let body = String::from_utf8(request.body).unwrap();
            let _ = answered.send(match request.line.ends_with("/response") {
                true => Ok(serde_json::from_str(&body).unwrap()),
                false => Err(body),
            });
            reply(stream, "202 Accepted", "", b"")
        });
        let child = Command::new(cargo_bin("gatewatch-lambda"))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", api)
            .env("AWS_LAMBDA_FUNCTION_NAME", "hook")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ACCESS_KEY_ID", "111122223333")
            .env("AWS_SECRET_ACCESS_KEY", "fake")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Function {
            child,
            events,
            answers,
        }
    }

    /// The answer to an event, held against its schema.
    pub(super) fn answer(&self, event: Value) -> Value {
        self.answer_within(event, Duration::from_secs(29))
    }

    /// The same, where Lambda gives it so much time.
    pub(super) fn answer_within(&self, event: Value, time: Duration) -> Value {
        self.events.send((event, time)).unwrap();
        let answer = self.answers.recv_timeout(Duration::from_secs(60));
        let answer = answer.unwrap().unwrap();
        assert_fits("hook", &answer);
        answer
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
