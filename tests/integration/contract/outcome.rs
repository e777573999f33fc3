//! What comes of an account that is read, and of what is sent.

use std::collections::BTreeSet;

use gatewatch::aws::client::{Clients, MemberRole};
use gatewatch::aws::collect::{self, Reading};
use gatewatch::aws::deliver::{
    audience, import_findings, publish, publish_batch, put_evaluations, put_events,
};
use gatewatch::inventory::Scope;
use gatewatch::policy_file::PolicyFile;
use gatewatch::render::LIMIT;
use gatewatch::render::{Evaluation, bus_events, imports, single_notices};
use gatewatch::run::scan::judge;
use serde_json::{Value, json};

use crate::digest::{REGION, day};
use crate::outlets::{about_everything, made};

const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

/// Demands enough for every part of an account to have a say in some finding.
const POLICY: &str = "version: 1\nrequire: [{authorization: [AWS_IAM]}]\n\
    groups: [{name: a, policies: AmazonAPIGatewayInvokeFullAccess}]\n\
    invokers: [{groups: [nobody]}]\n";

/// What came of a run.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Outcome {
    pub(super) findings: BTreeSet<String>,
    /// What could not be read, or was not taken.
    pub(super) gaps: BTreeSet<String>,
    pub(super) all: Value,
}

/// Reads the account, and judges it unless it is what another one is.
pub(super) async fn read(clients: &Clients, plain: Option<&Outcome>) -> Outcome {
    let mut outcome = Outcome::default();
    let identity = match clients.identity().await {
        Ok(identity) => identity,
        Err(failure) => {
            outcome.gaps.insert(failure.to_string());
            return outcome;
        }
    };
    let (regions, missing) = collect::enabled_regions(clients, &identity).await;
    let accounts = collect::accounts(clients).await;
    let role = MemberRole {
        name: "r".to_owned(),
        external_id: None,
    };
    let member = clients.in_account(&identity, "222233334444", &role).await;
    let failures = [accounts.as_ref().err(), member.as_ref().err()];
    let failures = failures.into_iter().flatten().map(ToString::to_string);
    outcome.gaps.extend(failures);
    let scope = Scope::new(regions, Vec::new());
    let reading = Reading {
        gaps: missing,
        ..Reading::default()
    };
    let now = day(0);
    let inventory = collect::inventory_of(clients, identity, scope, &reading, now).await;
    outcome.all = json!({
        "accounts": accounts.ok(),
        "member": member.ok().map(|(_, it)| [it.account, it.arn]),
        "inventory": inventory,
    });
    if let Some(plain) = plain.filter(|it| it.all == outcome.all) {
        outcome.findings = plain.findings.clone();
        return outcome;
    }
    let policy = PolicyFile::from_yaml("gatewatch.yaml", POLICY).unwrap();
    let evaluation = judge(&inventory, &policy, now).evaluation;
    let gaps = evaluation.gaps.iter().map(|gap| gap.in_words());
    outcome.gaps.extend(gaps);
    let findings = evaluation.findings.iter().map(|it| {
        let place = it.place.in_words();
        format!("{} {} at {place}", it.severity, it.rule)
    });
    outcome.findings = findings.collect();
    outcome
}

/// Sends one thing of each kind.
pub(super) async fn send(clients: &Clients) -> Outcome {
    let taken = deliveries(clients).await.into_iter();
    let refused = taken.filter_map(|(name, taken)| Some(format!("{name}: {}", taken.err()?)));
    Outcome {
        gaps: refused.collect(),
        ..Outcome::default()
    }
}

/// What was taken of one thing of each kind that is sent.
async fn deliveries(clients: &Clients) -> Vec<(&'static str, Result<(), String>)> {
    let topic = TOPIC.parse().unwrap();
    let mut notices = made(1, |digest| single_notices(digest, LIMIT));
    notices[0].0 = "a".to_owned();
    let batch = publish_batch(clients, &topic, &notices).await;
    let single = publish(clients, &topic, &notices[0].1).await;
    let events = made(1, bus_events);
    let rounds = made(1, |digest| imports(digest, REGION, day(0)));
    let ask = about_everything();
    let evaluation = Evaluation {
        resource_type: "AWS::ApiGateway::RestApi".to_owned(),
        resource_id: "a".to_owned(),
        compliant: Some(false),
        annotation: "1 critical".to_owned(),
        ordering: ask.ordering,
    };
    let evaluated = put_evaluations(clients, &ask, &[evaluation]).await;
    let put = put_events(clients, "security", &events).await;
    let imported = import_findings(clients, REGION, &rounds).await;
    let heard = match audience(clients, &topic).await {
        gatewatch::ledger::Audience::Confirmed => Ok(()),
        other => Err(format!("{other:?}")),
    };
    vec![
        ("messages", batch.map_err(|it| it.to_string())),
        ("message", single.map(|_| ()).map_err(|it| it.to_string())),
        ("evaluations", evaluated.map_err(|it| it.to_string())),
        ("events", put.map_err(|it| it.to_string())),
        ("imports", imported.map(|_| ()).map_err(|it| it.to_string())),
        ("subscribers", heard),
    ]
}
