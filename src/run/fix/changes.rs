//! Whoever changes things, and where the journal is written.

use std::io;
use std::time::Duration;

use crate::audit::fix::{Action, Entry, Frozen, State};
use crate::aws::change::Changer;
use crate::aws::client::Failure;
use crate::aws::store::JournalFile;

/// Whoever changes an account.
pub trait Changes {
    /// How what a step changes is now.
    fn read(&self, action: &Action) -> impl Future<Output = Result<State, Failure>>;

    /// Makes the change of a step that deploys nothing.
    fn change(&self, action: &Action) -> impl Future<Output = Result<(), Failure>>;

    /// Makes a deployment that no stage serves, and gives its id.
    fn deploy(&self, action: &Action) -> impl Future<Output = Result<String, Failure>>;

    /// The deployment of a REST API that was made for this step, if there is one: its description names the run.
    fn made(&self, action: &Action) -> impl Future<Output = Result<Option<String>, Failure>>;

    /// The methods that a deployment froze; of an HTTP API, which has no such list, those of the draft.
    fn frozen(
        &self,
        action: &Action,
        deployment: &str,
    ) -> impl Future<Output = Result<Vec<Frozen>, Failure>>;

    /// What a deployment of the API of a step says of itself. That there is no such deployment is a failure.
    fn described(
        &self,
        action: &Action,
        deployment: &str,
    ) -> impl Future<Output = Result<Option<String>, Failure>>;

    /// Has the stage of a step serve a deployment.
    fn point(&self, action: &Action, deployment: &str)
    -> impl Future<Output = Result<(), Failure>>;

    /// Makes what a step changed as it was before.
    fn restore(&self, action: &Action, to: &State) -> impl Future<Output = Result<(), Failure>>;
}

impl Changes for Changer {
    async fn read(&self, action: &Action) -> Result<State, Failure> {
        Changer::read(self, action).await
    }

    async fn change(&self, action: &Action) -> Result<(), Failure> {
        Changer::change(self, action).await
    }

    async fn deploy(&self, action: &Action) -> Result<String, Failure> {
        Changer::deploy(self, action).await
    }

    async fn made(&self, action: &Action) -> Result<Option<String>, Failure> {
        Changer::made(self, action).await
    }

    async fn frozen(&self, action: &Action, deployment: &str) -> Result<Vec<Frozen>, Failure> {
        Changer::frozen(self, action, deployment).await
    }

    async fn described(
        &self,
        action: &Action,
        deployment: &str,
    ) -> Result<Option<String>, Failure> {
        Changer::described(self, action, deployment).await
    }

    async fn point(&self, action: &Action, deployment: &str) -> Result<(), Failure> {
        Changer::point(self, action, deployment).await
    }

    async fn restore(&self, action: &Action, to: &State) -> Result<(), Failure> {
        Changer::restore(self, action, to).await
    }
}

/// Where the journal is written.
pub trait Notes {
    /// Writes an entry, and returns once the disk keeps it.
    ///
    /// # Errors
    /// Where it may not be kept.
    fn note(&mut self, entry: &Entry) -> io::Result<()>;
}

impl Notes for JournalFile {
    fn note(&mut self, entry: &Entry) -> io::Result<()> {
        let line = serde_json::to_string(entry).map_err(io::Error::other)?;
        self.append(&line)
    }
}

/// How long a change is waited for that was made and is not seen yet: IAM answers reads from copies that lag behind.
///
/// Source: [eventual consistency](https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How often it is read again, at most.
    pub reads: u32,
    /// How long is waited before the second read; then twice as long each time.
    pub first_wait: Duration,
}

impl Default for Patience {
    /// About half a minute.
    fn default() -> Self {
        Patience {
            reads: 6,
            first_wait: Duration::from_secs(1),
        }
    }
}
