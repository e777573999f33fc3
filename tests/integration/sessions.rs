//! Sessions of a role in another account, held against STS's own wire format: which endpoint gives them, and how
//! they are renewed.

use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_types::body::SdkBody;
use gatewatch::aws::client::{Clients, Failure, Identity, MemberRole};
use http::{Request, Response};

const HUB: &str = "111122223333";
const MEMBER: &str = "444455556666";

/// The host of each request, and the access key that signed it.
type Log = Arc<Mutex<Vec<(String, String)>>>;

/// Says what STS of a Region answers to AssumeRole: a session that lasts until then, or an error.
type Answer = fn(&str) -> Result<&'static str, (u16, &'static str)>;

/// The hub's clients in a Region, with an STS that gives a key with a number of its own to each session.
async fn hub(region: &'static str, answer: Answer) -> (Clients, Log) {
    known_at(region, answer, |_| true).await
}

/// The same, where STS knows the account at some hosts alone.
async fn known_at(region: &'static str, answer: Answer, knows: fn(&str) -> bool) -> (Clients, Log) {
    let log = Log::default();
    let sent = Arc::clone(&log);
    let http = infallible_client_fn(move |request: Request<SdkBody>| {
        let host = request.uri().host().unwrap().to_owned();
        let signed = request.headers()["authorization"].to_str().unwrap();
        let key = signed.split(['=', '/']).nth(1).unwrap().to_owned();
        let body = String::from_utf8(request.body().bytes().unwrap().to_vec()).unwrap();
        let mut log = sent.lock().unwrap();
        log.push((host.clone(), key));
        let count = log.len();
        let (status, body) = if body.contains("Action=AssumeRole") {
            assumed(answer(&host), count)
        } else if knows(&host) {
            (200, identity())
        } else {
            assumed(Err((403, "InvalidClientTokenId")), count)
        };
        let response = Response::builder().status(status);
        response.body(SdkBody::from(body)).unwrap()
    });
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .region(Region::new(region))
        .credentials_provider(Credentials::new("AKIDHUB", "fake", None, None, "test"))
        .load()
        .await;
    (Clients::new(config), log)
}

fn assumed(answer: Result<&str, (u16, &str)>, count: usize) -> (u16, String) {
    match answer {
        Ok(until) => {
            let body = format!(
                "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
                 <AssumedRoleUser><Arn>arn:aws:sts::{MEMBER}:assumed-role/gatewatch-member/gatewatch</Arn>\
                 <AssumedRoleId>AROA:gatewatch</AssumedRoleId></AssumedRoleUser><Credentials>\
                 <AccessKeyId>ASIA{count}</AccessKeyId><SecretAccessKey>fake</SecretAccessKey>\
                 <SessionToken>fake</SessionToken><Expiration>{until}</Expiration></Credentials>\
                 </AssumeRoleResult></AssumeRoleResponse>"
            );
            (200, body)
        }
        Err((status, code)) => {
            let body = format!(
                "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
                 <Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
            );
            (status, body)
        }
    }
}

/// The answer to GetCallerIdentity.
fn identity() -> String {
    format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:aws:sts::{MEMBER}:assumed-role/gatewatch-member/gatewatch</Arn><UserId>u</UserId>\
         <Account>{MEMBER}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
}

async fn enter(hub: &Clients, partition: &str) -> Result<(Clients, Identity), Failure> {
    let own = Identity {
        account: HUB.to_owned(),
        partition: partition.to_owned(),
        arn: format!("arn:{partition}:iam::{HUB}:user/audit"),
    };
    let role = MemberRole {
        name: "gatewatch-member".to_owned(),
        external_id: None,
    };
    hub.in_account(&own, MEMBER, &role).await
}

fn sent(log: &Log) -> Vec<(String, String)> {
    log.lock().unwrap().clone()
}

fn pair(host: &str, key: &str) -> (String, String) {
    (host.to_owned(), key.to_owned())
}

/// Where a member has not enabled the hub's Region, or has switched STS off there.
const ONLY_US_EAST_1: Answer = |host| match host {
    "sts.us-east-1.amazonaws.com" => Ok("2126-01-01T00:00:00Z"),
    _ => Err((403, "RegionDisabledException")),
};

#[tokio::test(start_paused = true)]
async fn the_hubs_own_region_gives_the_session() {
    let (hub, log) = hub("me-south-1", |_| Ok("2126-01-01T00:00:00Z")).await;
    let (clients, identity) = enter(&hub, "aws").await.unwrap();
    assert_eq!(identity.account, MEMBER);
    clients.identity().await.unwrap();
    clients.in_region("us-east-1").identity().await.unwrap();
    let host = "sts.me-south-1.amazonaws.com";
    let wanted = [
        pair(host, "AKIDHUB"),
        pair(host, "ASIA1"),
        // One session for all Regions.
        pair("sts.us-east-1.amazonaws.com", "ASIA1"),
    ];
    assert_eq!(sent(&log), wanted);
}

#[tokio::test(start_paused = true)]
async fn a_region_that_the_member_has_not_enabled_is_not_the_only_one_that_is_asked() {
    let (hub, log) = hub("me-south-1", ONLY_US_EAST_1).await;
    let (clients, _) = enter(&hub, "aws").await.unwrap();
    clients.in_region("eu-west-1").identity().await.unwrap();
    let wanted = [
        pair("sts.me-south-1.amazonaws.com", "AKIDHUB"),
        pair("sts.us-east-1.amazonaws.com", "AKIDHUB"),
        pair("sts.eu-west-1.amazonaws.com", "ASIA2"),
    ];
    assert_eq!(sent(&log), wanted);
}

#[tokio::test(start_paused = true)]
async fn what_both_regions_say_is_told() {
    let refusing: Answer = |host| match host {
        "sts.us-east-1.amazonaws.com" => Err((403, "AccessDenied")),
        _ => Err((403, "RegionDisabledException")),
    };
    let (clients, _) = hub("me-south-1", refusing).await;
    let error = enter(&clients, "aws").await.unwrap_err().to_string();
    for part in ["RegionDisabledException", "in us-east-1: AccessDenied"] {
        assert!(error.contains(part), "{error}");
    }
    // Any other refusal is the last word, and another partition has no such Region.
    let denied: Answer = |_| Err((403, "AccessDenied"));
    for (region, answer, partition) in [
        ("me-south-1", denied, "aws"),
        (
            "us-east-1",
            |_: &str| Err((403, "RegionDisabledException")),
            "aws",
        ),
        ("cn-north-1", ONLY_US_EAST_1, "aws-cn"),
    ] {
        let (clients, log) = hub(region, answer).await;
        assert!(enter(&clients, partition).await.is_err());
        assert_eq!(sent(&log).len(), 1, "{region}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_over_is_renewed() {
    // Each has expired when it is given: every call needs another one, but that the first is used once.
    let (hub, log) = hub("eu-west-1", |_| Ok("2020-01-01T00:00:00Z")).await;
    let (clients, _) = enter(&hub, "aws").await.unwrap();
    for _ in 0..3 {
        clients.identity().await.unwrap();
    }
    let keys: Vec<String> = sent(&log).into_iter().map(|(_, key)| key).collect();
    assert_eq!(
        keys,
        ["AKIDHUB", "ASIA1", "AKIDHUB", "ASIA3", "AKIDHUB", "ASIA5"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_session_that_cannot_be_renewed_says_so() {
    static REFUSED: Mutex<bool> = Mutex::new(false);
    let (hub, _) = hub("eu-west-1", |_| match *REFUSED.lock().unwrap() {
        true => Err((403, "AccessDenied")),
        false => Ok("2020-01-01T00:00:00Z"),
    })
    .await;
    let (clients, _) = enter(&hub, "aws").await.unwrap();
    clients.identity().await.unwrap();
    *REFUSED.lock().unwrap() = true;
    let error = clients.identity().await.unwrap_err().to_string();
    assert!(
        error.contains("sts:AssumeRole") && error.contains("AccessDenied"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_account_is_known_though_it_has_not_enabled_the_first_region() {
    let nothing: Answer = |_| Err((403, "AccessDenied"));
    let global = |host: &str| host == "sts.us-east-1.amazonaws.com";
    let (clients, log) = known_at("me-south-1", nothing, global).await;
    assert_eq!(clients.identity().await.unwrap().account, MEMBER);
    assert_eq!(clients.region(), Some("me-south-1"));
    assert_eq!(sent(&log).len(), 2);
    // Keys that nobody knows are told of the Region that was asked for, and another partition has no such Region.
    for (region, calls) in [("me-south-1", 2), ("us-east-1", 1), ("cn-north-1", 1)] {
        let (clients, log) = known_at(region, nothing, |_| false).await;
        let error = clients.identity().await.unwrap_err();
        assert!(error.message.contains("InvalidClientTokenId"), "{error}");
        assert_eq!(sent(&log).len(), calls, "{region}");
    }
}
