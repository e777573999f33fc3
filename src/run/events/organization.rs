//! The steps of a run over an organization, as the state machine of `template.yaml` asks for them.

use serde::Deserialize;
use serde_json::Value;

use crate::ledger::organization::{account_id, run_name};

/// A step of a run over an organization.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "step", rename_all = "lowercase", deny_unknown_fields)]
pub enum Step {
    /// List the accounts.
    List {
        /// The name of the state machine's execution: the run is called like it.
        execution: String,
    },
    /// Read an account, or go on with it.
    Account {
        /// The run.
        run: String,
        /// The account's id.
        account: String,
    },
    /// Announce what became of all accounts.
    Digest {
        /// The run.
        run: String,
    },
}

pub(super) fn step(step: &Value, fields: usize) -> Result<Step, String> {
    if fields != 1 {
        return Err("beside `organization` there is something else".to_owned());
    }
    let step: Step = Step::deserialize(step).map_err(|error| format!("organization: {error}"))?;
    match &step {
        Step::List { execution } => run_name(execution)?,
        Step::Digest { run } => run_name(run)?,
        Step::Account { run, account } => {
            run_name(run)?;
            account_id(account)?
        }
    };
    Ok(step)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_step_is_told_by_its_name() {
        let sample = |text| {
            let event: Value = serde_json::from_str(text).unwrap();
            step(&event["organization"], 1).unwrap()
        };
        let run = || "2f4a8c1e-0000-4000-8000-000000000001".to_owned();
        let list = sample(include_str!("../../../events/organization-list.json"));
        assert_eq!(list, Step::List { execution: run() });
        let account = sample(include_str!("../../../events/organization-account.json"));
        let expected = Step::Account {
            run: run(),
            account: "200000000001".to_owned(),
        };
        assert_eq!(account, expected);
        let digest = sample(include_str!("../../../events/organization-digest.json"));
        assert_eq!(digest, Step::Digest { run: run() });
    }

    #[test]
    fn what_could_lead_elsewhere_is_refused() {
        for wrong in [
            json!({"step": "account", "run": "e-1", "account": "../ledger"}),
            json!({"step": "account", "run": "../ledger", "account": "111122223333"}),
            json!({"step": "list"}),
            json!({"step": "digest", "run": "e", "more": 1}),
            json!({"step": "everything"}),
            json!("list"),
        ] {
            assert!(step(&wrong, 1).is_err(), "{wrong}");
        }
        assert!(step(&json!({"step": "digest", "run": "e"}), 2).is_err());
    }
}
