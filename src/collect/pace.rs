//! How fast the control plane is asked.
//!
//! API Gateway gives 10 requests a second with a burst of 40 to an account and Region, all operations and
//! callers together, and cannot be asked for more; `GetResources` has 5 requests in 2 seconds
//! ([quotas](https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html)). A scan stays
//! below, so that it does not slow down somebody's deployment.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// The pace of one scan in one Region.
#[derive(Debug)]
pub(super) struct Pace {
    all: DefaultDirectRateLimiter,
    resources: DefaultDirectRateLimiter,
}

impl Pace {
    /// 8 requests a second with a burst of 20; of them, 2 a second with a burst of 5 for `GetResources`.
    pub(super) fn new() -> Self {
        Pace {
            all: limiter(Duration::from_millis(125), 20),
            resources: limiter(Duration::from_millis(500), 5),
        }
    }

    /// Waits until the next request may be sent.
    pub(super) async fn request(&self) {
        self.all.until_ready().await;
    }

    /// Waits until the next `GetResources` may be sent.
    pub(super) async fn get_resources(&self) {
        self.resources.until_ready().await;
        self.request().await;
    }
}

fn limiter(replenish_one_in: Duration, burst: u32) -> DefaultDirectRateLimiter {
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    // `with_period` refuses only a period of zero.
    let quota = Quota::with_period(replenish_one_in).unwrap_or(Quota::per_second(NonZeroU32::MIN));
    RateLimiter::direct(quota.allow_burst(burst))
}
