//! What the answers of an account tell of AWS's own forms. Nothing in them names the account.

use crate::inventory::{ANY, Verbs};
use crate::render::Telling;
use crate::run::doctor::facts::Facts;

/// The call that lists HTTP and WebSocket APIs.
const HTTP_APIS: &str = "apigateway:GetApis";

pub(super) fn tellings(facts: &Facts) -> Vec<Telling> {
    let Some(account) = &facts.account else {
        return Vec::new();
    };
    let telling = |question, answer: String| Telling {
        question,
        answer: without_account(answer, facts),
    };
    vec![
        telling("any-in-summary", any(facts)),
        telling("embed", embed(facts)),
        telling("http-apis-everywhere", everywhere(facts)),
        telling(
            "export-of-iam-routes",
            match account.trial.export_forms.len() {
                0 => "not told: no stage without automatic deployment has a route with AWS_IAM"
                    .to_owned(),
                _ => {
                    let forms = account.trial.export_forms.iter().cloned();
                    format!("by {}", forms.collect::<Vec<_>>().join(" and "))
                }
            },
        ),
    ]
}

fn any(facts: &Facts) -> String {
    let verbs = facts.account.iter().flat_map(|it| &it.trial.summary_verbs);
    let verbs: Vec<&str> = verbs.map(String::as_str).collect();
    // What a request cannot have is how a summary writes every verb.
    let is_of_a_request = |verb: &str| Verbs::ALL.iter().any(|it| it == verb);
    let odd: Vec<&str> = (verbs.iter().copied())
        .filter(|it| !is_of_a_request(it))
        .collect();
    match (verbs.as_slice(), odd.as_slice()) {
        ([], _) => "not told: no summary of a deployment was read".to_owned(),
        (_, [ANY]) => "yes: as `ANY`".to_owned(),
        (verbs, []) => format!(
            "not told: the summaries that were tried have {}",
            verbs.join(", ")
        ),
        (_, odd) => format!("summaries have {}", odd.join(", ")),
    }
}

fn embed(facts: &Facts) -> String {
    let Some(account) = &facts.account else {
        return String::new();
    };
    let (summaries, deployments) = account.trial.summaries;
    let (methods, drafts) = account.trial.drafts;
    if deployments == 0 && drafts == 0 {
        return "not told: no deployment and no draft was answered".to_owned();
    }
    format!(
        "GetDeployment: {summaries} of {deployments} came with a summary; GetResources: {methods} of {drafts} came with \
         methods"
    )
}

fn everywhere(facts: &Facts) -> String {
    let Some(account) = &facts.account else {
        return String::new();
    };
    let tried = account.trial.tried.iter();
    let tried: Vec<_> = tried.filter(|it| it.operation == HTTP_APIS).collect();
    let failed = tried.iter().filter(|it| it.outcome.is_err());
    let failed: Vec<&str> = failed.filter_map(|it| it.region.as_deref()).collect();
    let all = tried.len();
    let regions = &account.regions;
    let asked = if regions.all && !regions.leaves_out && regions.trouble.is_none() {
        "all enabled"
    } else {
        "not all Regions were asked"
    };
    match failed.as_slice() {
        [] => format!("answered in {all} of {all} Regions ({asked})"),
        failed => format!(
            "answered in {} of {all} Regions ({asked}), not in {}",
            all.saturating_sub(failed.len()),
            failed.join(", ")
        ),
    }
}

/// The account's id may stand in a message of AWS's.
fn without_account(answer: String, facts: &Facts) -> String {
    match &facts.identity {
        Ok(identity) => answer.replace(&identity.account, "ACCOUNT"),
        Err(_) => answer,
    }
}
