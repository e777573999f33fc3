//! The steps of a run over an organisation, as the state machine of `template.yaml` asks for them.

use serde::Deserialize;
use serde_json::Value;

use crate::organization::{account_id, run_name};

/// A step of a run over an organisation.
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
        let list = json!({"step": "list", "execution": "e-1"});
        let execution = "e-1".to_owned();
        assert_eq!(step(&list, 1), Ok(Step::List { execution }));
        let account = json!({"step": "account", "run": "e-1", "account": "111122223333"});
        let expected = Step::Account {
            run: "e-1".to_owned(),
            account: "111122223333".to_owned(),
        };
        assert_eq!(step(&account, 1), Ok(expected));
        let run = "e-1".to_owned();
        let digest = json!({"step": "digest", "run": "e-1"});
        assert_eq!(step(&digest, 1), Ok(Step::Digest { run }));
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
