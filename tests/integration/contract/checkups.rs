//! What a checkup makes of answers that lack something: nothing is in order that AWS does not say is.
//!
//! What each comes to stands in `tests/data/absent-members-of-checkups.json`; what is not read of an answer is listed as
//! `unread`.

use std::collections::BTreeMap;
use std::sync::Arc;

use gatewatch::aws::client::Clients;
use gatewatch::render::Light;
use gatewatch::run::doctor::{Asked, Destination, Front, PolicySource, examine};
use gatewatch::run::{Regions, Watched};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::answers::outermost;
use super::played::{clients, operations_of_checkups};
use crate::digest::{REGION, day};
use crate::doctor::OF_A_STACK;
use crate::support::blessed::assert_blessed;
use crate::support::package;

/// What each step came to: the worst, of several of one name.
type Steps = BTreeMap<&'static str, Light>;

async fn checkup(clients: &Clients) -> Steps {
    let watched = Watched::new(Regions::Listed(vec![REGION.to_owned()]));
    let bus = Destination::EventBus("security".to_owned());
    let asked = Asked {
        clients,
        watched: &watched,
        state: None,
        policy: PolicySource::Defaults,
        topic: "arn:aws:sns:eu-west-1:111122223333:alerts".parse().ok(),
        chat: None,
        destinations: vec![bus, Destination::SecurityHub],
        members: None,
        max_age: SignedDuration::from_hours(48),
        stack: Some("gatewatch".to_owned()),
        front: Front::CommandLine { profile: None },
        now: day(0),
    };
    let mut steps = Steps::new();
    for check in examine(asked).await.checks {
        let worst = steps.entry(check.name).or_insert(Light::Ok);
        *worst = check.light.max(*worst);
    }
    steps
}

/// The steps that are not in order, in words.
fn not_in_order(steps: &Steps, whole: &Steps) -> Vec<String> {
    let changed = steps
        .iter()
        .filter(|(name, it)| whole.get(*name) != Some(*it));
    let changed = changed.map(|(name, it)| format!("{name}: {}", it.as_str()));
    // A step that is not taken any more is none that is in order, either.
    let gone = whole.keys().filter(|name| !steps.contains_key(*name));
    changed
        .chain(gone.map(|name| format!("{name}: not taken")))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn what_an_answer_lacks_is_never_in_order() {
    let operations = Arc::new(operations_of_checkups());
    let whole = checkup(&clients(&operations, None).await).await;
    let in_order = |name: &str| whole.get(name) == Some(&Light::Ok);
    for step in ["event-bus", "security-hub"].into_iter().chain(OF_A_STACK) {
        assert!(in_order(step), "{step}: {whole:?}");
    }
    let mut effects: BTreeMap<&str, BTreeMap<&str, Value>> = BTreeMap::new();
    for (operation, answers) in operations.iter() {
        let mut of_operation = BTreeMap::new();
        let mut unread = Vec::new();
        for (lack, text) in &answers.variants {
            let changed = Some((operation.clone(), text.clone()));
            let steps = checkup(&clients(&operations, changed).await).await;
            match not_in_order(&steps, &whole).as_slice() {
                [] => unread.push(lack.as_str()),
                effects => {
                    of_operation.insert(lack.as_str(), json!(effects.join(", ")));
                }
            }
        }
        if !answers.variants.is_empty() {
            of_operation.insert("unread", json!(outermost(&unread)));
            effects.insert(operation, of_operation);
        }
    }
    let file = package("tests/data/absent-members-of-checkups.json");
    assert_blessed(&file, &json!(effects));
}
