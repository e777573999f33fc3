//! How fast the control plane is asked.
//!
//! API Gateway gives 10 requests a second with a burst of 40 to an account and Region, all operations and
//! callers together, and cannot be asked for more; `GetResources` has 5 requests in 2 seconds
//! ([quotas](https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html)). Most accounts have so few APIs
//! that the burst is a good part of what there is to ask, so a scan uses it. It leaves some of it, and never asks for all of
//! the rate: a deployment that begins beside a scan makes several requests at once and finds room for them. A scan falls back
//! as soon as anybody is asked to slow down.
//!
//! No crate that keeps a pace can change it while requests wait in order, so that this one is ours.

use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::tally::is_throttled;
use super::token_bucket::{Limits, TokenBucket};

/// The pace of one scan in one account and Region.
#[derive(Debug, Clone)]
pub(in crate::aws) struct Pace(Arc<TokenBuckets>);

#[derive(Debug)]
struct TokenBuckets {
    all: TokenBucket,
    resources: TokenBucket,
}

const ALL: Limits = Limits {
    highest: 9.8,
    lowest: 1.0,
    // Four are left to others, and one more every five seconds as the rate leaves something, too.
    burst: 36.0,
    recovery: 0.4,
    cautious: 8.0,
    rise: 0.1,
};

const RESOURCES: Limits = Limits {
    highest: 2.45,
    lowest: 0.25,
    burst: 4.0,
    recovery: 0.1,
    cautious: 2.0,
    rise: 0.025,
};

impl Pace {
    /// The pace that a scan begins with. `highest`: the most requests a second, where somebody wants fewer.
    pub(in crate::aws) fn new(highest: Option<f64>) -> Self {
        let all = highest.map_or(ALL, |highest| Limits {
            highest: ALL.highest.min(highest),
            lowest: ALL.lowest.min(highest),
            burst: ALL.burst.min(highest * 2.0).max(1.0),
            ..ALL
        });
        Pace(Arc::new(TokenBuckets {
            all: TokenBucket::new(all),
            resources: TokenBucket::new(RESOURCES),
        }))
    }

    /// Waits until the next request may be sent.
    pub(in crate::aws) async fn request(&self) {
        self.0.all.take().await;
    }

    /// Waits until the next `GetResources` may be sent.
    pub(in crate::aws) async fn get_resources(&self) {
        self.0.resources.take().await;
        // A request that has waited for its own bucket does not wait for the shared one as well: it takes its token there
        // in advance. In one queue with all others, the few slow requests would be left over at the end, or come in a
        // bunch.
        self.0.all.owe();
    }

    /// The buckets that a request of this operation is taken from.
    fn buckets(&self, operation: &str) -> impl Iterator<Item = &TokenBucket> {
        let resources = (operation == "GetResources").then_some(&self.0.resources);
        resources.into_iter().chain([&self.0.all])
    }
}

/// Sees what was not waited for: the SDK's own further attempts, and answers that ask to slow down.
impl Intercept for Pace {
    fn name(&self) -> &'static str {
        "keep the pace"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let attempt = config.load::<RequestAttempts>();
        if attempt.is_some_and(|it| it.attempts() > 1) {
            for bucket in self.buckets(operation(config)) {
                bucket.owe();
            }
        }
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if is_throttled(context.response()) {
            for bucket in self.buckets(operation(config)) {
                bucket.fall();
            }
        }
        Ok(())
    }
}

fn operation(config: &ConfigBag) -> &str {
    config.load::<Metadata>().map_or("", |it| it.name())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use tokio::time::Instant;

    use super::*;

    async fn seconds(pace: &Pace, requests: u32) -> f64 {
        let begun = Instant::now();
        for _ in 0..requests {
            pace.request().await;
        }
        begun.elapsed().as_secs_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_passes_at_once_and_the_rest_in_time() {
        let pace = Pace::new(None);
        assert_eq!(seconds(&pace, 36).await, 0.0);
        let slow = seconds(&pace, 98).await;
        assert!((10.0..=10.2).contains(&slow), "{slow}");
    }

    #[tokio::test(start_paused = true)]
    async fn it_never_goes_beyond_what_aws_gives() {
        let pace = Pace::new(None);
        // AWS's own bucket: 10 a second, 40 at once. Some of it is always there for others.
        let (mut given, mut at) = (40.0_f64, Instant::now());
        for _ in 0..3_000 {
            pace.request().await;
            given = (given + at.elapsed().as_secs_f64() * 10.0).min(40.0) - 1.0;
            at = Instant::now();
            assert!(given >= 4.0, "{given}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_comes_close_to_the_limit_where_nobody_else_asks() {
        // Calls of some 10 to 1,000 APIs.
        for calls in [100, 180, 500, 1_800, 3_000] {
            let took = seconds(&Pace::new(None), calls).await;
            let limit = f64::from(calls - 40) / 10.0;
            assert!(took <= 1.1 * limit, "{calls}: {took} of {limit}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttle_lowers_the_pace_and_it_recovers() {
        let pace = Pace::new(None);
        seconds(&pace, 300).await;
        let before = seconds(&pace, 50).await;
        for _ in 0..5 {
            pace.0.all.fall();
        }
        let after = seconds(&pace, 50).await;
        assert!(after > 1.2 * before, "{after} after {before}");
        seconds(&pace, 600).await;
        let again = seconds(&pace, 50).await;
        assert!(again < 1.02 * before, "{again} after {before}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttle_is_heard_while_others_wait() {
        let pace = Pace::new(None);
        let throttled = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            pace.0.all.owe();
            pace.0.all.fall();
        };
        let (took, ()) = futures_util::future::join(seconds(&pace, 76), throttled).await;
        assert!(took > 5.0, "{took}");
    }

    #[tokio::test(start_paused = true)]
    async fn it_never_stops_however_often_it_is_throttled() {
        let pace = Pace::new(None);
        for _ in 0..100 {
            pace.0.all.fall();
            tokio::time::advance(Duration::from_secs(2)).await;
        }
        let slowest = seconds(&pace, 10).await;
        assert!(slowest <= 10.0, "{slowest}");
    }

    #[tokio::test(start_paused = true)]
    async fn further_attempts_are_paid_for_later() {
        let pace = Pace::new(None);
        seconds(&pace, 36).await;
        for _ in 0..16 {
            pace.0.all.owe();
        }
        let waited = seconds(&pace, 1).await;
        assert!((1.7..=1.8).contains(&waited), "{waited}");
    }

    #[tokio::test(start_paused = true)]
    async fn get_resources_has_a_pace_of_its_own() {
        let pace = Pace::new(None);
        let begun = Instant::now();
        for _ in 0..24 {
            pace.get_resources().await;
        }
        let took = begun.elapsed().as_secs_f64();
        assert!((8.1..=8.3).contains(&took), "{took}");
        // It took nothing from the others but what it used.
        assert_eq!(seconds(&pace, 35).await, 0.0);
        let begun = Instant::now();
        let others = async {
            for _ in 0..200 {
                pace.request().await;
            }
        };
        let drafts = async {
            for _ in 0..40 {
                pace.get_resources().await;
            }
            begun.elapsed().as_secs_f64()
        };
        // However many others wait.
        let ((), took) = futures_util::future::join(others, drafts).await;
        assert!(took <= 40.0 / 2.4, "{took}");
    }

    #[tokio::test(start_paused = true)]
    async fn get_resources_never_comes_in_a_bunch() {
        let pace = Pace::new(None);
        let others = async {
            for _ in 0..400 {
                pace.request().await;
            }
        };
        let sent = Mutex::new(Vec::new());
        let drafts = (0..4).map(async |_| {
            for _ in 0..20 {
                pace.get_resources().await;
                sent.lock().unwrap().push(Instant::now());
            }
        });
        let many = (0..16).map(async |_| {
            for _ in 0..20 {
                pace.request().await;
            }
        });
        let drafts = futures_util::future::join_all(drafts);
        let many = futures_util::future::join_all(many);
        futures_util::future::join3(others, drafts, many).await;
        // AWS's bucket, as far as it is known: 5 in 2 seconds.
        let (mut given, mut at) = (5.0_f64, None);
        for sent in sent.into_inner().unwrap() {
            let passed = at.map_or(Duration::ZERO, |at| sent.duration_since(at));
            given = (given + passed.as_secs_f64() * 2.5).min(5.0) - 1.0;
            at = Some(sent);
            assert!(given >= 0.0, "{given}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_asked_first_is_served_first() {
        let pace = Pace::new(Some(0.5));
        let order = Mutex::new(Vec::new());
        let waiting = (0..5).map(async |number| {
            pace.request().await;
            order.lock().unwrap().push(number);
        });
        futures_util::future::join_all(waiting).await;
        assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lower_pace_can_be_asked_for() {
        let pace = Pace::new(Some(2.0));
        let took = seconds(&pace, 44).await;
        assert!((20.0..=20.2).contains(&took), "{took}");
    }
}
