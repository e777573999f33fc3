//! Each way in which a finding ends is called by its name, with its reason, wherever it is said.

use gatewatch::audit::Report;
use gatewatch::inventory::Inventory;
use gatewatch::ledger::{Breadth, Entry, Kind, Settings, Standing, entries};
use gatewatch::policy_file::PolicyFile;
use gatewatch::render::{
    chat_notices, digest_document, digest_text, history_document, history_text, imports, pretty,
};
use gatewatch::run::Ledger;
use jiff::ToSpan as _;
use jiff::civil::date;
use serde_json::{Value, json};

use crate::crash::World;
use crate::schemas::assert_fits;

const STRICT: &str = "version: 1\nrequire:\n  - authorization: [AWS_IAM]\n";

/// An account with one REST API, of one method, on one stage.
fn account(name: &str, stage: &str, authorization: &str) -> Value {
    let method = json!({"verb": "GET", "path": "/a", "authorization": authorization, "api_key_required": false});
    let mut draft = method.clone();
    draft["resource_id"] = json!("abc123");
    draft["integration"] = json!("HTTP");
    json!({
        "schema_version": 1, "account": "111122223333", "partition": "aws", "taken_at": "2026-06-15T06:00:00Z",
        "scope": {"regions": ["eu-west-1"]},
        "apis": [{
            "region": "eu-west-1", "id": "a1b2c3d4e5", "name": name, "kind": "REST",
            "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false, "resource_policy": null,
            "stages": [{"name": stage, "deployment_id": "dep111"}],
            "deployments": [{"id": "dep111", "created_at": "2026-06-01T08:00:00Z", "methods": [method]}],
            "draft": [draft],
        }],
        "domains": [], "iam": {"groups": [], "users": [], "roles": [], "policies": []}, "gaps": [],
    })
}

fn open() -> Value {
    account("PetStore", "prod", "NONE")
}

fn without_apis() -> Value {
    let mut account = open();
    account["apis"] = json!([]);
    account
}

/// What the last of some runs says of the finding of a rule.
pub(crate) struct Said {
    pub(crate) kind: Option<Kind>,
    pub(crate) standing: Standing,
    pub(crate) mail: String,
    chat: String,
    json: Value,
    pub(crate) history: String,
    security_hub: Vec<(String, String)>,
}

impl Said {
    /// Whether mail, chat and history all give this reason. A chat would take quotes for code: they are other letters there.
    pub(crate) fn assert_reason(&self, reason: &str) {
        let chat = self.chat.replace('ˋ', "`");
        for text in [&self.mail, &chat, &self.history] {
            assert!(text.contains(reason), "{reason}: {text}");
        }
    }
}

async fn after(runs: &[(&Value, &str)], rule: &str) -> Said {
    after_at(runs, rule, "GET /a").await
}

pub(crate) async fn after_at(runs: &[(&Value, &str)], rule: &str, subject: &str) -> Said {
    let world = World::default();
    let mut said = None;
    for (day, (account, policy)) in (0..).zip(runs) {
        let inventory = Inventory::from_json(&account.to_string()).unwrap();
        let policy = PolicyFile::from_yaml("gatewatch.yaml", policy).unwrap();
        let mut report = Report::new(&inventory, &policy, date(2026, 6, 15));
        let at = report.taken_at.checked_add((24 * day).hours()).unwrap();
        (report.taken_at, report.begun_at, report.read_until) = (at, at, at);
        said = Some(run(&world, (&report, &inventory, &policy), (rule, subject)).await);
    }
    said.unwrap()
}

async fn run(
    world: &World,
    (report, inventory, policy): (&Report, &Inventory, &PolicyFile),
    (rule, subject): (&str, &str),
) -> Said {
    let ledger = Ledger::open(world, &inventory.account, &inventory.scope);
    let mut ledger = ledger.await.unwrap();
    let accepted = ledger.accepted(report, inventory, policy).await.unwrap();
    let account = &inventory.account;
    ledger.keep_policy(account, policy).await.unwrap();
    let is_part = !inventory.scope.apis.is_empty();
    let breadth = if is_part {
        Breadth::Part
    } else {
        Breadth::Whole
    };
    let found = ledger.found(report, &accepted, breadth);
    found.await.unwrap();
    let books = ledger.books().to_vec();
    let is_it = |it: &Entry| it.rule == rule && it.place.subject().as_deref() == Some(subject);
    let entry = entries(&books).find(|it| is_it(it)).unwrap();
    let mut said = Said {
        kind: None,
        standing: entry.standing,
        mail: String::new(),
        chat: String::new(),
        json: Value::Null,
        history: history_text(&books, &[]),
        security_hub: Vec::new(),
    };
    assert_fits("history", &history_document(&books, &[]));
    let now = report.taken_at;
    if let Some(digest) = ledger.due(&books, report, Settings::default(), now) {
        let mut news = digest.news.iter();
        said.kind = news.find(|it| is_it(it.entry)).map(|it| it.kind);
        said.mail = digest_text(&digest, usize::MAX);
        said.chat = chat_notices(&digest)
            .iter()
            .map(|it| {
                let notice: Value = serde_json::from_str(&it.message).unwrap();
                assert_fits("chat", &notice);
                notice["content"]["description"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        let document = pretty(&digest_document(&digest, 100)).unwrap();
        said.json = serde_json::from_str(&document).unwrap();
        assert_fits("digest", &said.json);
        let imports = imports(&digest, "eu-west-1", now).concat();
        let imports = imports.iter().map(|it| {
            let json = serde_json::to_value(it).unwrap();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (
                text(&json["Compliance"]["Status"]),
                text(&json["RecordState"]),
            )
        });
        said.security_hub = imports.collect();
        let told = digest.told(digest.news.len(), now);
        ledger.note(&told, &[], Some(now)).await.unwrap();
    }
    said
}

#[tokio::test]
async fn a_finding_is_gone_with_its_api_or_its_stage() {
    let without_stage = account("PetStore", "test", "AWS_IAM");
    for (after_that, reason) in [
        (without_apis(), "the API is no longer there"),
        (without_stage, "stage `prod` is no longer there"),
    ] {
        let said = after(&[(&open(), STRICT), (&after_that, STRICT)], "open-method").await;
        assert_eq!(said.standing, Standing::Gone);
        assert_eq!(said.kind, Some(Kind::Gone));
        said.assert_reason(reason);
        assert!(said.mail.contains("GONE WITH ITS API (1)"), "{}", said.mail);
        assert!(!said.mail.contains("resolved"), "{}", said.mail);
        assert!(said.history.contains(" gone "), "{}", said.history);
        let changes = said.json["changes"].as_array().unwrap();
        let change = changes.iter().find(|it| it["rule"] == "open-method");
        let change = change.unwrap();
        assert_eq!(
            (&change["change"], &change["standing"]),
            (&json!("gone"), &json!("gone"))
        );
        assert_eq!(change["gone"]["how"], reason);
        assert_eq!(change["resolved_at"], Value::Null);
        let archived = ("NOT_AVAILABLE".to_owned(), "ARCHIVED".to_owned());
        assert!(said.security_hub.contains(&archived));
        let is_passed = |it: &(String, String)| it.0 == "PASSED";
        assert!(!said.security_hub.iter().any(is_passed));
        // Said once; and where the API or the stage is back, so is the finding.
        let runs = [
            (&open(), STRICT),
            (&after_that, STRICT),
            (&after_that, STRICT),
        ];
        assert_eq!(after(&runs, "open-method").await.kind, None);
        let runs = [(&open(), STRICT), (&after_that, STRICT), (&open(), STRICT)];
        let said = after(&runs, "open-method").await;
        assert_eq!(
            (said.standing, said.kind),
            (Standing::Open, Some(Kind::Reopened))
        );
    }
}

#[tokio::test]
async fn what_was_not_read_is_not_gone() {
    let mut unread = without_apis();
    unread["gaps"] = json!([{
        "kind": "region", "region": "eu-west-1", "operation": "apigateway:GetRestApis",
        "reason": "throttled", "message": "apigateway:GetRestApis failed: TooManyRequestsException",
    }]);
    let mut stages_unread = open();
    stages_unread["apis"][0]["stages"] = Value::Null;
    for later in [unread, stages_unread] {
        let said = after(&[(&open(), STRICT), (&later, STRICT)], "open-method").await;
        assert_eq!(said.standing, Standing::Open);
    }
}

/// A policy file that goes by names or tags may accept an open method after somebody has changed these.
#[tokio::test]
async fn a_change_of_what_the_policy_file_goes_by_mends_nothing() {
    let by_name = format!("{STRICT}  - match: {{api: Pets}}\n    authorization: [NONE, CUSTOM]\n");
    let by_tag = format!(
        "{STRICT}  - match: {{tags: {{open: 'yes'}}}}\n    authorization: [NONE, CUSTOM]\n"
    );
    let mut tagged = open();
    tagged["apis"][0]["tags"] = json!({"open": "yes"});
    let renamed = account("Pets", "prod", "NONE");
    for (policy, later) in [(&by_name, &renamed), (&by_tag, &tagged)] {
        let said = after(&[(&open(), policy), (later, policy)], "open-method").await;
        assert_eq!(said.standing, Standing::Accepted, "{policy}");
        said.assert_reason("line 4 of the policy file accepts it; it is not fixed");
    }
    let custom = account("PetStore", "prod", "CUSTOM");
    let renamed = account("Pets", "prod", "CUSTOM");
    let runs = [(&custom, by_name.as_str()), (&renamed, &by_name)];
    let said = after(&runs, "foreign-authorizer").await;
    assert_eq!(said.standing, Standing::Accepted);
    // With the edit of another line at once: the earlier policy file accepts it by its name as well.
    let edited = format!("{by_name}# edited\n");
    let renamed = account("Pets", "prod", "NONE");
    let runs = [(&open(), by_name.as_str()), (&renamed, &edited)];
    assert_eq!(
        after(&runs, "open-method").await.standing,
        Standing::Accepted
    );
}

/// What is mended stays resolved, though the policy file accepts more of the API than before.
#[tokio::test]
async fn what_is_mended_under_another_name_is_resolved() {
    let by_name =
        format!("{STRICT}  - match: {{api: Pets}}\n    authorization: [AWS_IAM, CUSTOM]\n");
    let jwt = account("PetStore", "prod", "JWT");
    for (before, rule) in [(open(), "open-method"), (jwt, "foreign-authorizer")] {
        for fixed in ["AWS_IAM", "CUSTOM"] {
            let mut fixed = account("Pets", "prod", fixed);
            fixed["apis"][0]["stages"][0]["deployment_id"] = json!("dep222");
            fixed["apis"][0]["deployments"][0]["id"] = json!("dep222");
            let runs = [(&before, by_name.as_str()), (&fixed, &by_name)];
            let said = after(&runs, rule).await;
            assert_eq!(said.standing, Standing::Resolved, "{rule} {fixed}");
        }
    }
}

/// An exemption, an accepting line and a successor give their reasons in the chat and the history, too.
#[tokio::test]
async fn every_reason_is_said_everywhere() {
    let exempting = format!(
        "{STRICT}exemptions:\n  - rule: open-method\n    severity: critical\n    match: {{path: /a}}\n    reason: a landing \
         page\n    owner: web-team\n    expires: 2026-07-01\n"
    );
    let lax = "version: 1\nrequire:\n  - authorization: [NONE]\n";
    let mut in_the_draft = open();
    in_the_draft["apis"][0]["draft"][0]["authorization"] = json!("AWS_IAM");
    let open = open();
    for (later, policy, standing, reason) in [
        (
            &open,
            exempting.as_str(),
            Standing::Exempt,
            "a landing page, owner web-team, until 2026-07-01",
        ),
        (
            &open,
            lax,
            Standing::Accepted,
            "line 3 of the policy file accepts it; it is not fixed",
        ),
        (
            &in_the_draft,
            STRICT,
            Standing::Became,
            "it is high undeployed-fix now, and not fixed",
        ),
    ] {
        let said = after(&[(&open, STRICT), (later, policy)], "open-method").await;
        assert_eq!(said.standing, standing);
        said.assert_reason(reason);
    }
}

/// A stage whose canary, of another deployment, lacks a method and has an open route that may answer in its place.
fn with_canary(canary: Option<&str>, type_of_route: &Value) -> Value {
    let method = |verb: &str, path: &str, kind: &Value| json!({"verb": verb, "path": path, "authorization": kind, "api_key_required": false});
    let iam = json!("AWS_IAM");
    let mut account = open();
    let api = &mut account["apis"][0];
    let both = json!([
        method("GET", "/admin", &iam),
        method("ANY", "/{proxy+}", &iam)
    ]);
    let mut draft = both.clone();
    for drafted in draft.as_array_mut().unwrap() {
        drafted["resource_id"] = json!("abc123");
        drafted["integration"] = json!("HTTP");
    }
    api["draft"] = draft;
    api["deployments"] =
        json!([{"id": "dep111", "created_at": "2026-06-01T08:00:00Z", "methods": both}]);
    if let Some(id) = canary {
        let route = method("ANY", "/{proxy+}", type_of_route);
        let deployment =
            json!({"id": id, "created_at": "2026-06-02T08:00:00Z", "methods": [route]});
        api["deployments"].as_array_mut().unwrap().push(deployment);
        api["stages"][0]["canary"] = json!({"deployment_id": id, "percent_traffic": 10.0});
    }
    account
}

/// What rests on a route of the canary is not over because the draft stands in for that route's type.
#[tokio::test]
async fn a_canary_is_not_closed_by_what_is_inferred_of_its_route() {
    let before = with_canary(Some("dep222"), &json!("NONE"));
    let untold = with_canary(Some("dep333"), &Value::Null);
    let closed = with_canary(Some("dep333"), &json!("AWS_IAM"));
    let without = with_canary(None, &Value::Null);
    for (later, expected) in [
        (&untold, Standing::Open),
        (&closed, Standing::Resolved),
        (&without, Standing::Resolved),
    ] {
        let runs = [(&before, STRICT), (later, STRICT)];
        let said = after_at(&runs, "open-canary", "GET /admin").await;
        assert_eq!(said.standing, expected);
    }
}
