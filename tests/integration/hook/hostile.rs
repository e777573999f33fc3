//! URLs that must not be asked, servers that answer as nobody should, and events that make no sense.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::bucket::Bucket;
use super::{event, message, outcome, stack_event};

const FAIL: (&str, &str) = ("GATEWATCH_HOOK_ON_ERROR", "FAIL");

#[test]
fn a_url_that_is_none_of_s3_is_not_asked_and_no_secret_is_shown() {
    let bucket = Bucket::start();
    let function = bucket.function(&[FAIL]);
    let own = bucket.url("stack");
    for url in [
        "https://169.254.169.254/latest/meta-data?X-Amz-Signature=5ec4e7",
        "http://169.254.169.254/latest/meta-data?X-Amz-Signature=5ec4e7",
        "https://example.com/stack?X-Amz-Signature=5ec4e7",
        "https://bucket.s3.eu-west-1.amazonaws.com.example.com/stack?X-Amz-Signature=5ec4e7",
        "file:///etc/passwd",
        "stack",
        &own.replace("127.0.0.1", "localhost"),
        &own.replace("http://", "http://user@"),
        &own.replace("http", "https"),
    ] {
        let answer = function.answer(stack_event(url));
        assert_eq!(outcome(&answer), ("FAILED", "InternalFailure"), "{url}");
        assert!(
            message(&answer).contains("the event's URL "),
            "{url}: {answer}"
        );
        assert!(!answer.to_string().contains("5ec4e7"), "{answer}");
    }
    assert_eq!(*bucket.asked.lock().unwrap(), [""; 0]);
}

#[test]
fn a_server_that_answers_as_nobody_should_is_neither_believed_nor_waited_for() {
    let bucket = Bucket::start();
    bucket.put("text", b"no JSON".to_vec());
    bucket.put("list", b"[]".to_vec());
    bucket.put("empty", b"{}".to_vec());
    bucket.put("blank", br#"{"template": "  "}"#.to_vec());
    bucket.put("object", br#"{"template": {"Resources": {}}}"#.to_vec());
    bucket.put(
        "deep",
        [b"[".repeat(100_000), b"]".repeat(100_000)].concat(),
    );
    let function = bucket.function(&[FAIL]);
    for (key, says) in [
        ("missing", "status 404"),
        ("expired", "status 403"),
        ("elsewhere", "status 302"),
        ("compressed", "compressed"),
        ("hang-up", "the connection broke"),
        ("garbage", "the connection broke"),
        ("cut", "the connection broke"),
        ("endless", "more than 16777216 bytes"),
        ("large", "more than 16777216 bytes"),
        ("text", "no object with a template"),
        ("list", "has no template"),
        ("deep", "no object with a template"),
        ("object", "no object with a template"),
        ("empty", "has no template"),
        ("blank", "has no template"),
    ] {
        let begun = Instant::now();
        let answer = function.answer(stack_event(&bucket.url(key)));
        assert_eq!(
            outcome(&answer),
            ("FAILED", "InternalFailure"),
            "{key}: {answer}"
        );
        assert!(message(&answer).contains(says), "{key}: {answer}");
        assert!(!answer.to_string().contains("5ec4e7"), "{answer}");
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{key}: {:?}",
            begun.elapsed()
        );
    }
    // No redirect is followed, and nothing is asked twice.
    assert_eq!(bucket.asked.lock().unwrap().len(), 15);
}

#[test]
fn an_answer_comes_before_lambda_ends_the_function() {
    let bucket = Bucket::start();
    let begun = Instant::now();
    let event = stack_event(&bucket.url("silent"));
    let time = Duration::from_secs(5);
    let answer = bucket.function(&[]).answer_within(event.clone(), time);
    assert!(begun.elapsed() < time, "{:?}", begun.elapsed());
    assert_eq!(outcome(&answer), ("SUCCESS", "-"));
    assert!(
        message(&answer)
            .contains("and lets it pass unjudged, as HookOnError says: it took longer than"),
        "{answer}"
    );
    let answer = bucket.function(&[FAIL]).answer_within(event, time);
    assert_eq!(outcome(&answer), ("FAILED", "InternalFailure"));
}

#[test]
fn s3_that_cannot_be_reached_is_a_failure_of_ours() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let endpoint = format!("http://{address}");
    let function = super::function::Function::start(&[("AWS_ENDPOINT_URL", &endpoint), FAIL]);
    let answer = function.answer(stack_event(&format!(
        "{endpoint}/b/stack?X-Amz-Signature=5ec4e7"
    )));
    assert_eq!(outcome(&answer), ("FAILED", "InternalFailure"));
    assert!(message(&answer).contains("takes no connection"), "{answer}");
}

#[test]
fn an_event_that_makes_no_sense_gets_an_answer_with_its_token() {
    let bucket = Bucket::start();
    let function = bucket.function(&[FAIL]);
    let mut events = Vec::new();
    for (field, value) in [
        ("requestData", Value::Null),
        (
            "requestData",
            json!({"targetName": "STACK", "targetType": "STACK"}),
        ),
        ("actionInvocationPoint", json!("POST_PROVISION")),
    ] {
        let mut event = event("hook-stack.json");
        event[field] = value;
        events.push(event);
    }
    for event in events {
        let answer = function.answer(event.clone());
        assert_eq!(outcome(&answer), ("FAILED", "InternalFailure"), "{event}");
        assert_eq!(answer["clientRequestToken"], event["clientRequestToken"]);
    }
    let mut without = event("hook-stack.json");
    without["clientRequestToken"] = Value::Null;
    assert_eq!(function.answer(without)["clientRequestToken"], Value::Null);
}
