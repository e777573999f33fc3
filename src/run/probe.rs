//! A probe of the deployed URLs: sent at a pace, and judged when it is over.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use tokio::time::{MissedTickBehavior, interval};

use super::scan::day;
use crate::audit::Report;
use crate::audit::probe::{Outcome, Plan, Planned, Probed};
use crate::aws::collect::Interrupt;
use crate::aws::probe::Sender;
use crate::inventory::{Inventory, Reason};
use crate::policy_file::PolicyFile;

/// How fast requests are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How many requests are begun in a second, at most; at least one.
    pub per_second: u32,
    /// How many are under way at the same time, at most; at least one.
    pub at_once: usize,
}

/// Whoever sends requests.
pub trait Asks {
    /// Sends a request.
    fn ask(&self, planned: &Planned) -> impl Future<Output = Outcome>;

    /// Whether a request would not be sent, as its host does not answer. It takes no turn then.
    fn is_given_up(&self, planned: &Planned) -> bool;
}

impl Asks for Sender {
    async fn ask(&self, planned: &Planned) -> Outcome {
        Sender::ask(self, planned).await
    }

    fn is_given_up(&self, planned: &Planned) -> bool {
        Sender::is_given_up(self, planned)
    }
}

/// Sends the requests of a plan, and judges what became of them. Those that have no answer when somebody interrupts are
/// *not read yet*. `answered` counts.
pub async fn ask_all<A: Asks>(
    plan: Plan,
    asks: &A,
    pace: Pace,
    interrupt: &Interrupt,
    answered: &AtomicUsize,
) -> Probed {
    let period = Duration::from_secs(1) / pace.per_second.max(1);
    let mut ticks = interval(period);
    // Turns that were missed are not made up for.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut outcomes: BTreeMap<usize, Outcome> = BTreeMap::new();
    {
        let requests = plan.requests.iter().enumerate();
        let turns = stream::unfold((requests, ticks), async |(mut requests, mut ticks)| {
            let (at, planned) = requests.next()?;
            if !asks.is_given_up(planned) {
                ticks.tick().await;
            }
            Some(((at, planned), (requests, ticks)))
        });
        let asked = turns.map(async |(at, planned)| (at, asks.ask(planned).await));
        let asked = asked.buffer_unordered(pace.at_once.max(1));
        let each = asked.for_each(|(at, outcome)| {
            outcomes.insert(at, outcome);
            answered.fetch_add(1, Ordering::Relaxed);
            std::future::ready(())
        });
        // What is left out of `outcomes` by an interruption is made up for below.
        interrupt.or(each).await;
    }
    let all = 0..plan.requests.len();
    let outcomes = all.map(|at| outcomes.remove(&at).unwrap_or_else(unanswered));
    let outcomes: Vec<Outcome> = outcomes.collect();
    Probed::new(plan, outcomes)
}

/// What became of a request that the interruption came before.
fn unanswered() -> Outcome {
    Outcome::Failed {
        reason: Reason::NotReadYet,
        message: "the probe was interrupted before there was an answer".to_owned(),
    }
}

/// Judges an inventory together with what its deployed URLs answered. `now` says which day it is.
pub fn judge(inventory: &Inventory, probed: Probed, policy: &PolicyFile, now: Timestamp) -> Report {
    Report::of_probe(inventory, probed, policy, day(now))
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, sleep};

    use super::*;
    use crate::audit::probe::{Questions, plan};

    /// Answers after some time, and counts.
    #[derive(Default)]
    struct Slow {
        takes: Duration,
        under_way: AtomicUsize,
        most: AtomicUsize,
        gives_up: bool,
    }

    impl Asks for Slow {
        async fn ask(&self, planned: &Planned) -> Outcome {
            let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            sleep(self.takes).await;
            self.under_way.fetch_sub(1, Ordering::SeqCst);
            Outcome::Failed {
                reason: Reason::Timeout,
                message: planned.url.clone(),
            }
        }

        fn is_given_up(&self, _: &Planned) -> bool {
            self.gives_up
        }
    }

    fn many(count: usize) -> Plan {
        let methods: Vec<_> = (0..count)
            .map(|it| {
                serde_json::json!({"verb": "GET", "path": format!("/{it}"), "authorization": "AWS_IAM",
                                   "api_key_required": false})
            })
            .collect();
        let inventory = serde_json::json!({
            "schema_version": 1, "account": "111122223333", "partition": "aws",
            "taken_at": "2026-06-15T06:00:00Z", "scope": {"regions": ["eu-west-1"]},
            "apis": [{"region": "eu-west-1", "id": "a1b2c3d4e5", "name": "PetStore", "kind": "REST",
                      "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false,
                      "resource_policy": null, "stages": [{"name": "prod", "deployment_id": "dep111"}],
                      "deployments": [{"id": "dep111", "created_at": null, "methods": methods}], "draft": []}],
            "domains": [], "iam": null, "gaps": []
        });
        let inventory = Inventory::from_json(&inventory.to_string()).unwrap();
        plan(&inventory, &Questions::default()).unwrap()
    }

    async fn ask_all(plan: Plan, slow: &Slow, pace: Pace) -> Probed {
        let (interrupt, answered) = (Interrupt::default(), AtomicUsize::new(0));
        let all = plan.requests.len();
        let probed = super::ask_all(plan, slow, pace, &interrupt, &answered).await;
        assert_eq!(answered.into_inner(), all);
        probed
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_no_answer_at_an_interruption_is_a_gap() {
        let slow = Slow {
            takes: Duration::from_millis(150),
            ..Slow::default()
        };
        let (interrupt, answered) = (Interrupt::default(), AtomicUsize::new(0));
        let pace = Pace {
            per_second: 10,
            at_once: 8,
        };
        let asked = super::ask_all(many(100), &slow, pace, &interrupt, &answered);
        let later = async {
            sleep(Duration::from_millis(1040)).await;
            interrupt.raise();
        };
        let (probed, ()) = futures_util::future::join(asked, later).await;
        // Eleven were sent, and the last two have no answer.
        assert_eq!(answered.into_inner(), 9);
        let lacks = |it: &&crate::audit::probe::Judged| matches!(&it.outcome, Outcome::Failed { reason, .. } if *reason == Reason::NotReadYet);
        assert_eq!(probed.requests.iter().filter(lacks).count(), 91);
        assert!(lacks(&&probed.requests[9]));
        let yet = |it: &&crate::inventory::Gap| it.reason == Reason::NotReadYet;
        assert_eq!(
            probed.gaps.iter().filter(yet).count(),
            1,
            "{:?}",
            probed.gaps
        );
    }

    #[tokio::test(start_paused = true)]
    async fn requests_keep_their_pace_and_their_order() {
        let slow = Slow {
            takes: Duration::from_millis(30),
            ..Slow::default()
        };
        let begun = Instant::now();
        let pace = Pace {
            per_second: 20,
            at_once: 8,
        };
        let probed = ask_all(many(41), &slow, pace).await;
        // The first is sent at once, and the others follow.
        assert!(
            begun.elapsed() >= Duration::from_secs(2),
            "{:?}",
            begun.elapsed()
        );
        assert!(
            begun.elapsed() < Duration::from_millis(2200),
            "{:?}",
            begun.elapsed()
        );
        assert_eq!(slow.most.load(Ordering::SeqCst), 1);
        for judged in probed.requests {
            let Outcome::Failed { message, .. } = judged.outcome else {
                panic!("nobody answers")
            };
            assert_eq!(message, judged.planned.url);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_requests_are_under_way_than_were_allowed() {
        let slow = Slow {
            takes: Duration::from_secs(10),
            ..Slow::default()
        };
        let pace = Pace {
            per_second: 100,
            at_once: 3,
        };
        let begun = Instant::now();
        ask_all(many(9), &slow, pace).await;
        assert_eq!(slow.most.load(Ordering::SeqCst), 3);
        assert!(
            begun.elapsed() < Duration::from_secs(32),
            "{:?}",
            begun.elapsed()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_was_given_up_takes_no_turns() {
        let slow = Slow {
            gives_up: true,
            ..Slow::default()
        };
        let begun = Instant::now();
        let pace = Pace {
            per_second: 1,
            at_once: 1,
        };
        let probed = ask_all(many(500), &slow, pace).await;
        assert!(
            begun.elapsed() < Duration::from_secs(2),
            "{:?}",
            begun.elapsed()
        );
        assert_eq!(probed.count("not-judged"), 500);
        // One gap for all that failed alike would name each URL: here each message is another one.
        assert_eq!(probed.gaps.len(), 500);
    }
}
