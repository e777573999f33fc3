//! What is tried in a Region, held against AWS's own wire format: what no emulator shows.

use std::sync::{Arc, Mutex};

use gatewatch::aws::collect::try_region;

use crate::support::package;
use crate::wire::{Script, clients};

#[tokio::test(start_paused = true)]
async fn every_read_is_tried_in_the_form_of_a_scan() {
    let script = Script::read(&package("tests/doctor/every-read"));
    let script = Arc::new(Mutex::new(script));
    let clients = clients(Arc::clone(&script)).await;
    let trial = try_region(&clients, "eu-west-1", None).await;
    // Each request of the script, and no other.
    assert_eq!(script.lock().unwrap().leftovers(), Vec::<String>::new());
    let verbs: Vec<&str> = trial.summary_verbs.iter().map(String::as_str).collect();
    assert_eq!(verbs, ["ANY", "GET"]);
    assert_eq!((trial.summaries, trial.drafts), ((1, 1), (1, 1)));
    // The other operation with a form has a JWT authorizer, and the other route with AWS_IAM is not deployed.
    let forms: Vec<&str> = trial.export_forms.iter().map(String::as_str).collect();
    assert_eq!(forms, ["x-amazon-apigateway-auth"]);
    let failed = trial.tried.iter().filter(|it| it.outcome.is_err());
    let failed: Vec<&str> = failed.map(|it| it.operation).collect();
    assert_eq!(failed, ["apigateway:ListRoutingRules"]);
}
