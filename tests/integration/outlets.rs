//! What leaves the house, held against AWS's own wire format: calls that AWS takes in part, and writes that
//! somebody else was ahead of.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_types::body::SdkBody;
use gatewatch::aws::client::{Clients, in_full};
use gatewatch::aws::deliver::Outlet as _;
use gatewatch::aws::deliver::{
    Outlets, SecurityHubError, TopicArn, audience, import_findings, publish_batch, put_evaluations,
    put_events,
};
use gatewatch::aws::store::{Memory as _, Store, StoreError, Tag};
use gatewatch::ledger::Audience;
use gatewatch::render::{About, ConfigAsk};
use gatewatch::render::{
    Asff, BusEvent, Evaluation, bus_events, digest_notice, imports, single_notices,
};
use gatewatch::render::{LIMIT, Notice};
use http::{Request, Response};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::digest::{ACCOUNT, Account, REGION, Shelf, day};

const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

/// A request, as it was sent.
#[derive(Debug, Clone)]
struct Sent {
    /// Such as `PUT /key`.
    line: String,
    host: String,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Sent {
    fn of(request: &Request<SdkBody>) -> Self {
        let headers = request.headers().iter();
        let headers = headers.map(|(name, value)| {
            let value = value.to_str().unwrap().to_owned();
            (name.as_str().to_owned(), value)
        });
        let body = request.body().bytes().unwrap_or_default();
        Sent {
            line: format!("{} {}", request.method(), request.uri().path()),
            host: request.uri().host().unwrap().to_owned(),
            headers: headers.collect(),
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The parameters of a call to SNS.
    fn form(&self) -> BTreeMap<String, String> {
        let decoded = |text: &str| {
            let text = text.replace('+', " ");
            percent_decode_str(&text)
                .decode_utf8()
                .unwrap()
                .into_owned()
        };
        let pairs = self.body.split('&').filter_map(|it| it.split_once('='));
        pairs
            .map(|(name, value)| (decoded(name), decoded(value)))
            .collect()
    }
}

/// An answer: the status, the headers and the body.
type Answer = (u16, &'static [(&'static str, &'static str)], String);

fn ok(body: impl ToString) -> Answer {
    (200, &[], body.to_string())
}

/// What was sent.
type Log = Arc<Mutex<Vec<Sent>>>;

/// Clients that get these answers, in this order, and what they send. There is no answer after the last.
async fn answered(answers: Vec<Answer>) -> (Clients, Log) {
    let log = Log::default();
    let sent = Arc::clone(&log);
    let answers = Mutex::new(VecDeque::from(answers));
    let http = infallible_client_fn(move |request: Request<SdkBody>| {
        sent.lock().unwrap().push(Sent::of(&request));
        let answer = answers.lock().unwrap().pop_front();
        let none = || (400, &[] as &[_], "no call was expected".to_owned());
        let (status, headers, body) = answer.unwrap_or_else(none);
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        response.body(SdkBody::from(body)).unwrap()
    });
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "fake", None, None, "test"))
        .load()
        .await;
    (Clients::new(config), log)
}

fn calls(log: &Log) -> Vec<Sent> {
    log.lock().unwrap().clone()
}

/// What is made of a digest on so many open methods.
pub(crate) fn made<T>(count: usize, make: impl FnOnce(&gatewatch::ledger::Digest<'_>) -> T) -> T {
    let report = Account::open(count).seen_on(0);
    let mut shelf = Shelf::new();
    shelf.take(&report);
    make(&shelf.due(&report, 0).unwrap())
}

fn notices(count: usize) -> Vec<(String, Notice)> {
    made(count, |digest| single_notices(digest, LIMIT))
}

/// The answer to PublishBatch: those that were taken, and those that were not.
fn batch(taken: &[&str], failed: &[&str]) -> Answer {
    let taken = taken
        .iter()
        .map(|id| format!("<member><Id>{id}</Id><MessageId>m-{id}</MessageId></member>"));
    let failed = failed.iter().map(|id| {
        format!(
            "<member><Id>{id}</Id><Code>InternalError</Code><Message>try again</Message>\
             <SenderFault>false</SenderFault></member>"
        )
    });
    ok(format!(
        "<PublishBatchResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishBatchResult>\
         <Successful>{}</Successful><Failed>{}</Failed></PublishBatchResult></PublishBatchResponse>",
        taken.collect::<String>(),
        failed.collect::<String>()
    ))
}

fn published() -> Answer {
    ok(
        "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
        <MessageId>m</MessageId></PublishResult></PublishResponse>",
    )
}

fn refused_by_sns(status: u16, code: &str) -> Answer {
    let body = format!(
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
    );
    (status, &[], body)
}

#[tokio::test(start_paused = true)]
async fn a_message_that_a_batch_did_not_take_is_published_alone() {
    let notices = notices(3);
    let ids: Vec<&str> = notices.iter().map(|(id, _)| id.as_str()).collect();
    let answers = vec![batch(&[ids[0], ids[2]], &[ids[1]]), published()];
    let (clients, log) = answered(answers).await;
    let topic: TopicArn = TOPIC.parse().unwrap();
    publish_batch(&clients, &topic, &notices).await.unwrap();
    let calls = calls(&log);
    assert_eq!(calls.len(), 2);
    let first = calls[0].form();
    assert_eq!(first["Action"], "PublishBatch");
    assert_eq!(first["TopicArn"], TOPIC);
    for (number, (id, notice)) in notices.iter().enumerate() {
        let of = |field: &str| {
            let name = format!("PublishBatchRequestEntries.member.{}.{field}", number + 1);
            first[&name].clone()
        };
        assert_eq!(of("Id"), *id);
        assert_eq!(of("Subject"), notice.subject);
        assert_eq!(of("Message"), notice.message);
        assert_eq!(of("MessageStructure"), "json");
    }
    let second = calls[1].form();
    assert_eq!(second["Action"], "Publish");
    assert_eq!(second["Message"], notices[1].1.message);
    assert_eq!(second["Subject"], notices[1].1.subject);
}

#[tokio::test(start_paused = true)]
async fn ten_messages_a_call_and_each_that_stays_unsent_is_named() {
    let notices = notices(23);
    let ids: Vec<&str> = notices.iter().map(|(id, _)| id.as_str()).collect();
    let answers = vec![
        batch(&ids[..9], &ids[9..10]),
        refused_by_sns(400, "InvalidParameter"),
        batch(&ids[10..20], &[]),
        batch(&ids[20..], &[]),
    ];
    let (clients, log) = answered(answers).await;
    let topic: TopicArn = TOPIC.parse().unwrap();
    let error = publish_batch(&clients, &topic, &notices).await.unwrap_err();
    assert_eq!(error.unsent.len(), 1);
    assert_eq!(error.unsent[0].id, ids[9]);
    assert!(error.to_string().starts_with("1 of 23 messages"), "{error}");
    let actions = calls(&log)
        .into_iter()
        .map(|it| it.form()["Action"].clone());
    let wanted = ["PublishBatch", "Publish", "PublishBatch", "PublishBatch"];
    assert_eq!(actions.collect::<Vec<_>>(), wanted);
}

#[tokio::test(start_paused = true)]
async fn where_a_topic_refuses_all_nothing_more_is_tried() {
    let notices = notices(23);
    let (clients, log) = answered(vec![refused_by_sns(403, "AuthorizationError")]).await;
    let topic: TopicArn = TOPIC.parse().unwrap();
    let error = publish_batch(&clients, &topic, &notices).await.unwrap_err();
    assert_eq!(error.unsent.len(), 23);
    assert_eq!(calls(&log).len(), 1);
}

/// The answer to GetTopicAttributes.
fn topic_attributes(attributes: &[(&str, &str)]) -> Answer {
    let entries = attributes
        .iter()
        .map(|(key, value)| format!("<entry><key>{key}</key><value>{value}</value></entry>"));
    ok(format!(
        "<GetTopicAttributesResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
         <GetTopicAttributesResult><Attributes>{}</Attributes></GetTopicAttributesResult>\
         </GetTopicAttributesResponse>",
        entries.collect::<String>()
    ))
}

#[tokio::test(start_paused = true)]
async fn whether_anybody_gets_it_is_what_sns_says_of_the_subscriptions() {
    let topic: TopicArn = TOPIC.parse().unwrap();
    let owned = |pending| Audience::Nobody {
        topic: TOPIC.to_owned(),
        pending,
    };
    let attributes = |confirmed, pending| {
        topic_attributes(&[
            ("Owner", ACCOUNT),
            ("SubscriptionsConfirmed", confirmed),
            ("SubscriptionsPending", pending),
            ("SubscriptionsDeleted", "7"),
        ])
    };
    for (answer, wanted) in [
        (attributes("1", "0"), Audience::Confirmed),
        (attributes("12", "3"), Audience::Confirmed),
        (attributes("0", "0"), owned(0)),
        (attributes("0", "2"), owned(2)),
        (
            topic_attributes(&[("SubscriptionsConfirmed", "0")]),
            owned(0),
        ),
    ] {
        let (clients, log) = answered(vec![answer]).await;
        assert_eq!(audience(&clients, &topic).await, wanted);
        let form = calls(&log)[0].form();
        assert_eq!(form["Action"], "GetTopicAttributes");
        assert_eq!(form["TopicArn"], TOPIC);
    }
    // Denied: it never can be asked. Anything else, and what cannot be understood: not this time.
    let (clients, _) = answered(vec![refused_by_sns(403, "AuthorizationError")]).await;
    let hidden = audience(&clients, &topic).await;
    assert!(matches!(hidden, Audience::Hidden { .. }), "{hidden:?}");
    for answer in [
        refused_by_sns(404, "NotFound"),
        refused_by_sns(403, "ExpiredToken"),
        refused_by_sns(403, "InvalidClientTokenId"),
        topic_attributes(&[("Owner", ACCOUNT)]),
        attributes("many", "0"),
    ] {
        let (clients, _) = answered(vec![answer]).await;
        let unknown = audience(&clients, &topic).await;
        assert!(matches!(unknown, Audience::Unknown { .. }), "{unknown:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn single_messages_are_those_of_what_the_digest_names() {
    // More than one message names: the batches are no more than that.
    let report = Account::open(2_000).seen_on(0);
    let mut shelf = Shelf::new();
    shelf.take(&report);
    let digest = shelf.due(&report, 0).unwrap();
    let named = digest_notice(&digest, LIMIT).listed;
    assert!(named < 2_000);
    let ids: Vec<&str> = digest.news.iter().map(|it| it.entry.id.as_str()).collect();
    let batches = ids[..named].chunks(10).map(|ids| batch(ids, &[]));
    let answers = batches.chain([published()]).collect();
    let (clients, log) = answered(answers).await;
    let mut outlets = Outlets::new(&clients, TOPIC.parse().unwrap(), day(0));
    outlets.message_per_finding = true;
    assert_eq!(outlets.send(&digest).await.unwrap(), named);
    assert_eq!(calls(&log).len(), named.div_ceil(10) + 1);
}

fn findings(count: usize) -> Vec<Vec<Asff>> {
    made(count, |digest| imports(digest, REGION, day(0)))
}

fn imported(count: usize, failed: &[&str]) -> Answer {
    let each = failed
        .iter()
        .map(|id| json!({"Id": id, "ErrorCode": "InternalError", "ErrorMessage": "try again"}));
    let each: Vec<Value> = each.collect();
    ok(
        json!({"FailedCount": failed.len(), "SuccessCount": count - failed.len(), "FailedFindings": each}),
    )
}

#[tokio::test(start_paused = true)]
async fn findings_are_imported_a_hundred_a_call() {
    let rounds = findings(230);
    let answers = vec![imported(100, &[]), imported(100, &[]), imported(30, &[])];
    let (clients, log) = answered(answers).await;
    let count = import_findings(&clients, REGION, &rounds).await.unwrap();
    assert_eq!(count, 230);
    let calls = calls(&log);
    let sizes = calls.iter().map(|it| {
        assert_eq!(it.line, "POST /findings/import");
        it.json()["Findings"].as_array().unwrap().len()
    });
    assert_eq!(sizes.collect::<Vec<_>>(), [100, 100, 30]);
    let first = &calls[0].json()["Findings"][0];
    assert_eq!(first["SchemaVersion"], "2018-10-08");
    assert_eq!(first["AwsAccountId"], ACCOUNT);
    assert_eq!(first["Severity"]["Label"], "CRITICAL");
    assert_eq!(
        first["ProductArn"],
        "arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default"
    );
    assert_eq!(first["Id"], rounds[0][0].id);
    // What is sent is what was made, field for field.
    let made = serde_json::to_value(&rounds[0][0]).unwrap();
    assert_eq!(*first, made);
}

#[tokio::test(start_paused = true)]
async fn a_finding_that_was_not_taken_is_imported_once_more_alone() {
    let rounds = findings(3);
    let failed = rounds[0][1].id.clone();
    let answers = vec![imported(3, &[&failed]), imported(1, &[])];
    let (clients, log) = answered(answers).await;
    let count = import_findings(&clients, REGION, &rounds).await.unwrap();
    assert_eq!(count, 3);
    let calls = calls(&log);
    assert_eq!(calls.len(), 2);
    let again = calls[1].json()["Findings"].clone();
    assert_eq!(again.as_array().unwrap().len(), 1);
    assert_eq!(again[0]["Id"], failed.as_str());
    // Twice is enough.
    let answers = vec![imported(3, &[&failed]), imported(1, &[&failed])];
    let (clients, _) = answered(answers).await;
    let error = import_findings(&clients, REGION, &rounds).await;
    let error = error.unwrap_err();
    let SecurityHubError::Findings {
        imported, refused, ..
    } = &error
    else {
        panic!("{error}");
    };
    assert_eq!((*imported, refused.len()), (2, 1));
    assert_eq!(refused[0].id, failed);
    assert!(error.to_string().contains("try again"), "{error}");
}

fn events(count: usize) -> Vec<BusEvent> {
    made(count, bus_events)
}

/// The answer to PutEvents: for each event whether it was taken.
fn put(taken: &[bool]) -> Answer {
    let entries = taken.iter().map(|taken| match taken {
        true => json!({"EventId": "e"}),
        false => json!({"ErrorCode": "ThrottlingException", "ErrorMessage": "too many"}),
    });
    let failed = taken.iter().filter(|it| !**it).count();
    ok(json!({"FailedEntryCount": failed, "Entries": entries.collect::<Vec<_>>()}))
}

#[tokio::test(start_paused = true)]
async fn an_event_that_was_not_taken_is_put_once_more() {
    let events = events(3);
    let answers = vec![put(&[true, false, true]), put(&[true])];
    let (clients, log) = answered(answers).await;
    put_events(&clients, "security", &events).await.unwrap();
    let calls = calls(&log);
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].header("x-amz-target"), Some("AWSEvents.PutEvents"));
    let entries = calls[0].json()["Entries"].clone();
    assert_eq!(entries.as_array().unwrap().len(), 3);
    assert_eq!(entries[0]["EventBusName"], "security");
    assert_eq!(entries[0]["Source"], "gatewatch");
    assert_eq!(entries[0]["DetailType"], "gatewatch finding change");
    assert_eq!(entries[0]["Detail"], events[0].detail);
    let again = calls[1].json()["Entries"].clone();
    assert_eq!(again, json!([entries[1]]));

    let answers = vec![put(&[true, false, true]), put(&[false])];
    let (clients, _) = answered(answers).await;
    let error = put_events(&clients, "security", &events).await.unwrap_err();
    assert_eq!(error.unsent.len(), 1);
    assert_eq!(error.unsent[0].id, events[1].id);
    assert_eq!(error.unsent[0].why, "ThrottlingException: too many");
}

/// What AWS Config asks about all APIs.
pub(crate) fn about_everything() -> ConfigAsk {
    ConfigAsk {
        result_token: "fake-result-token".to_owned(),
        test_mode: false,
        about: About::Everything,
        region: REGION.to_owned(),
        left_scope: false,
        ordering: day(0),
    }
}

#[tokio::test(start_paused = true)]
async fn an_evaluation_that_was_not_taken_is_put_once_more() {
    let ask = about_everything();
    let evaluation = |id: &str| Evaluation {
        resource_type: "AWS::ApiGateway::RestApi".to_owned(),
        resource_id: id.to_owned(),
        compliant: Some(false),
        annotation: "1 critical".to_owned(),
        ordering: ask.ordering,
    };
    let evaluations = ["a", "b"].map(evaluation);
    let failed = json!({"FailedEvaluations": [{
        "ComplianceResourceType": "AWS::ApiGateway::RestApi", "ComplianceResourceId": "b",
        "ComplianceType": "NON_COMPLIANT", "Annotation": "1 critical",
        "OrderingTimestamp": ask.ordering.as_second(),
    }]});
    let (clients, log) = answered(vec![ok(&failed), ok(json!({}))]).await;
    put_evaluations(&clients, &ask, &evaluations).await.unwrap();
    let calls = calls(&log);
    assert_eq!(calls.len(), 2);
    let (first, second) = (calls[0].json(), calls[1].json());
    assert_eq!(first["ResultToken"], "fake-result-token");
    assert_eq!(second["ResultToken"], "fake-result-token");
    assert_eq!(second["Evaluations"], json!([first["Evaluations"][1]]));

    let (clients, _) = answered(vec![ok(&failed), ok(&failed)]).await;
    let error = put_evaluations(&clients, &ask, &evaluations).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("RestApi b"), "{error}");
}

const KEY: &str = "ledger/111122223333/eu-west-1.json";
const LINE: &str = "/state/ledger/111122223333/eu-west-1.json";

fn store(clients: &Clients) -> Store {
    Store::open("s3://bucket/state".parse().unwrap(), clients)
}

fn refused_by_s3(status: u16, code: &str) -> Answer {
    let body = format!("<Error><Code>{code}</Code><Message>no</Message></Error>");
    (status, &[], body)
}

#[tokio::test(start_paused = true)]
async fn a_ledger_is_written_only_over_what_was_read() {
    let written = |tag: &'static [(&'static str, &'static str)]| (200, tag, String::new());
    let answers = vec![
        (200, &[("etag", "\"1\"")][..], "{}\n".to_owned()),
        written(&[("etag", "\"2\"")]),
        written(&[("etag", "\"3\"")]),
        written(&[("etag", "\"4\"")]),
    ];
    let (clients, log) = answered(answers).await;
    let store = store(&clients);
    let kept = store.read(KEY).await.unwrap().unwrap();
    assert_eq!(kept.tag, Tag::new("\"1\"".to_owned()));
    let tag = store.write(KEY, "two", Some(&kept.tag)).await.unwrap();
    assert_eq!(kept.text().unwrap(), "{}\n");
    assert_eq!(tag, Tag::new("\"2\"".to_owned()));
    store.write(KEY, "three", None).await.unwrap();
    store.replace(KEY, "four").await.unwrap();
    let calls = calls(&log);
    let lines: Vec<&str> = calls.iter().map(|it| it.line.as_str()).collect();
    let put = format!("PUT {LINE}");
    assert_eq!(lines, [&format!("GET {LINE}"), &put, &put, &put]);
    let conditions = calls.iter().map(|it| {
        let header = |name: &str| it.header(name);
        (
            header("if-match"),
            header("if-none-match"),
            it.body.as_str(),
        )
    });
    assert_eq!(
        conditions.skip(1).collect::<Vec<_>>(),
        [
            (Some("\"1\""), None, "two"),
            (None, Some("*"), "three"),
            (None, None, "four"),
        ]
    );
    assert_eq!(calls[1].header("content-type"), Some("application/json"));
    assert!(calls[1].host.starts_with("bucket.s3."), "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn who_is_ahead_is_a_conflict_and_nothing_else_is() {
    let tag = Tag::new("\"1\"".to_owned());
    let cases = [
        (412, "PreconditionFailed", true),
        (409, "ConditionalRequestConflict", true),
        // It was deleted since it was read.
        (404, "NoSuchKey", true),
        (404, "NoSuchBucket", false),
        (403, "AccessDenied", false),
    ];
    for (status, code, conflict) in cases {
        // A request that is refused for another one under way may be tried again before it is given up.
        let answers = vec![refused_by_s3(status, code); 6];
        let (clients, log) = answered(answers).await;
        let error = store(&clients).write(KEY, "two", Some(&tag)).await;
        let error = error.unwrap_err();
        let is_conflict = matches!(error, StoreError::Conflict(_));
        assert_eq!(is_conflict, conflict, "{code}: {}", in_full(&error));
        let named = format!("s3://bucket/state/{KEY}");
        assert!(error.to_string().contains(&named), "{error}");
        assert_eq!(calls(&log)[0].header("if-match"), Some("\"1\""));
    }
}

#[tokio::test(start_paused = true)]
async fn only_a_key_that_is_not_there_is_an_empty_ledger() {
    let cases = [
        (404, "NoSuchKey", true),
        (404, "NoSuchBucket", false),
        (403, "AccessDenied", false),
        (301, "PermanentRedirect", false),
    ];
    for (status, code, empty) in cases {
        let (clients, _) = answered(vec![refused_by_s3(status, code)]).await;
        match store(&clients).read(KEY).await {
            Ok(kept) => assert!(kept.is_none() && empty, "{code}: {kept:?}"),
            Err(error) => {
                assert!(!empty, "{code}");
                let error = in_full(&error);
                assert!(
                    error.contains("s3:GetObject") && error.contains(code),
                    "{error}"
                );
            }
        }
    }
    // Without a tag it could not be written safely; and not every 404 speaks of the key.
    let odd: [Answer; 2] = [ok("{}"), (404, &[], String::new())];
    for answer in odd {
        let (clients, _) = answered(vec![answer.clone()]).await;
        assert!(store(&clients).read(KEY).await.is_err(), "{answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_of_ledgers_that_is_not_whole_is_no_shorter_list() {
    let page = |inner: &str| ok(format!("<ListBucketResult>{inner}</ListBucketResult>"));
    let object = "<Contents><Key>state/ledger/111122223333/eu-west-1.json</Key></Contents>";
    let whole = page(&format!("<IsTruncated>false</IsTruncated>{object}"));
    let (clients, _) = answered(vec![whole]).await;
    let keys = store(&clients).keys("ledger/").await.unwrap();
    assert_eq!(keys, ["ledger/111122223333/eu-west-1.json"]);
    for inner in [
        "<IsTruncated>true</IsTruncated>",
        "<IsTruncated>true</IsTruncated><NextContinuationToken></NextContinuationToken>",
        "<Contents><Size>1</Size></Contents>",
    ] {
        let (clients, _) = answered(vec![page(&format!("{object}{inner}"))]).await;
        let error = store(&clients).keys("ledger/").await.unwrap_err();
        assert!(
            in_full(&error).contains("s3:ListBucket: malformed"),
            "{}",
            in_full(&error)
        );
    }
}
