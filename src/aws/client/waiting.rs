//! What is being waited for: whoever looks on should learn that a call hangs, or a lock is held, before its time is up.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
    FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use tokio::time::Instant;

/// How long an answer is waited for in silence.
const ANSWER: Duration = Duration::from_secs(4);
/// The same of a lock, which takes a moment unless another run holds it.
const LOCK: Duration = Duration::from_secs(2);

/// What is being waited for. Clones keep it together.
#[derive(Debug, Clone, Default)]
pub(in crate::aws) struct Waiting(Arc<Calls>);

#[derive(Debug, Default)]
struct Calls {
    number: AtomicU64,
    open: Mutex<BTreeMap<u64, Call>>,
}

/// A call that has no answer yet, or a lock that is not had.
#[derive(Debug)]
struct Call {
    /// What is waited for, in words.
    what: String,
    since: Instant,
    /// How long that is nothing to speak of.
    silent: Duration,
}

/// The number of a call, which all of its attempts share.
#[derive(Debug)]
struct Number(u64);

impl Storable for Number {
    type Storer = StoreReplace<Self>;
}

impl Waiting {
    /// What has been waited for longer than it should take, in words and each once.
    pub(in crate::aws) fn overdue(&self) -> Vec<String> {
        let open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        let long = open.values().filter(|it| it.since.elapsed() >= it.silent);
        let mut long: Vec<String> = long.map(|it| it.what.clone()).collect();
        long.sort();
        long.dedup();
        long
    }

    /// Waits for a lock. `what`: which lock it is, in words.
    pub(in crate::aws) fn for_lock<T>(&self, what: String, lock: impl FnOnce() -> T) -> T {
        let number = self.number();
        self.put(number, what, LOCK);
        let locked = lock();
        self.remove(number);
        locked
    }

    fn number(&self) -> u64 {
        self.0.number.fetch_add(1, Ordering::Relaxed)
    }

    fn put(&self, number: u64, what: String, silent: Duration) {
        let since = Instant::now();
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.insert(
            number,
            Call {
                what,
                since,
                silent,
            },
        );
    }

    fn remove(&self, number: u64) {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.remove(&number);
    }

    fn take(&self, config: &ConfigBag) {
        if let Some(Number(number)) = config.load::<Number>() {
            self.remove(*number);
        }
    }
}

fn operation(config: &ConfigBag) -> String {
    let called = config.load::<Metadata>();
    called.map_or_else(String::new, |it| format!("{} {}", it.service(), it.name()))
}

impl Intercept for Waiting {
    fn name(&self) -> &'static str {
        "note what is waited for"
    }

    fn read_before_execution(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let number = self.number();
        // Until the request is sent, it can only be the credentials that are asked for.
        self.put(
            number,
            format!("credentials, for {}", operation(config)),
            ANSWER,
        );
        config.interceptor_state().store_put(Number(number));
        Ok(())
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(Number(number)) = config.load::<Number>() {
            let uri = context.request().uri();
            let place = uri.split(['?', '#']).next().unwrap_or_default();
            let mut parts = place.splitn(4, '/');
            let host = parts.nth(2).unwrap_or(place);
            self.put(
                *number,
                format!("{host}, for {}", operation(config)),
                ANSWER,
            );
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        _context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.take(config);
        Ok(())
    }

    fn read_after_execution(
        &self,
        _context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.take(config);
        Ok(())
    }
}
