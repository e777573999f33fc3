//! A token bucket whose rate falls with throttles, and recovers.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// What a bucket gives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The most requests a second: how many there are to begin with.
    pub(super) highest: f64,
    /// The fewest.
    pub(super) lowest: f64,
    /// Requests at once, after a silence.
    pub(super) burst: f64,
    /// By how many requests a second the rate rises in each second after a throttle.
    pub(super) recovery: f64,
    /// The rate above which it rises more slowly: whoever took the rest may still be there.
    pub(super) cautious: f64,
    /// By how many it rises there.
    pub(super) rise: f64,
}

/// What a throttle leaves of the rate.
const FALL: f64 = 0.7;
/// Requests that were under way together are throttled together: that is one reason to fall, not many.
const ONE_FALL: Duration = Duration::from_secs(1);

/// A token bucket whose rate changes.
#[derive(Debug)]
pub(super) struct TokenBucket {
    limits: Limits,
    /// Held by whoever is next: they are served in order.
    turn: tokio::sync::Mutex<()>,
    level: Mutex<Level>,
}

#[derive(Debug)]
struct Level {
    /// Requests that may be sent now. Below zero: what the SDK's own attempts owe.
    tokens: f64,
    rate: f64,
    at: Instant,
    fell_at: Option<Instant>,
}

impl TokenBucket {
    pub(super) fn new(limits: Limits) -> Self {
        TokenBucket {
            limits,
            turn: tokio::sync::Mutex::new(()),
            level: Mutex::new(Level {
                tokens: limits.burst,
                rate: limits.highest,
                at: Instant::now(),
                fell_at: None,
            }),
        }
    }

    pub(super) async fn take(&self) {
        let _turn = self.turn.lock().await;
        loop {
            // A statement of its own: the level is not kept locked while this waits.
            let until = self.level().take(self.limits);
            match until {
                None => return,
                Some(until) => sleep_until(until).await,
            }
        }
    }

    /// Takes a token that need not be there.
    pub(super) fn owe(&self) {
        let mut level = self.level();
        level.refill(self.limits);
        level.tokens -= 1.0;
    }

    pub(super) fn fall(&self) {
        self.level().fall(self.limits);
    }

    fn level(&self) -> MutexGuard<'_, Level> {
        self.level.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Level {
    fn refill(&mut self, limits: Limits) {
        let now = Instant::now();
        let passed = now.duration_since(self.at).as_secs_f64();
        self.at = now;
        self.tokens = (self.tokens + passed * self.rate).min(limits.burst);
        let rise = if self.rate < limits.cautious {
            limits.recovery
        } else {
            limits.rise
        };
        self.rate = (self.rate + passed * rise).min(limits.highest);
    }

    /// Takes a token, or says when there will be one.
    fn take(&mut self, limits: Limits) -> Option<Instant> {
        self.refill(limits);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return None;
        }
        // A little more than it takes: rounding must not make this wait for nothing again and again.
        let seconds = (1.0 - self.tokens) / self.rate + 0.001;
        Some(self.at + Duration::from_secs_f64(seconds))
    }

    fn fall(&mut self, limits: Limits) {
        self.refill(limits);
        self.tokens = self.tokens.min(0.0);
        let fell = self
            .fell_at
            .is_some_and(|at| self.at.duration_since(at) < ONE_FALL);
        if !fell {
            self.fell_at = Some(self.at);
            self.rate = (self.rate * FALL).max(limits.lowest);
        }
    }
}
