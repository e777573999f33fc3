//! How many requests were sent, and how many were throttled.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Counts requests, each attempt for itself.
#[derive(Debug, Clone, Default)]
pub(in crate::aws) struct RequestTally(Arc<RequestCounts>);

#[derive(Debug, Default)]
struct RequestCounts {
    /// By service and operation.
    calls: Mutex<BTreeMap<String, u64>>,
    throttles: AtomicU64,
}

impl RequestTally {
    pub(in crate::aws) fn calls(&self) -> u64 {
        self.by_operation().values().sum()
    }

    pub(in crate::aws) fn by_operation(&self) -> BTreeMap<String, u64> {
        let calls = self.0.calls.lock();
        calls.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(in crate::aws) fn throttles(&self) -> u64 {
        self.0.throttles.load(Ordering::Relaxed)
    }
}

impl Intercept for RequestTally {
    fn name(&self) -> &'static str {
        "count requests"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let called = config
            .load::<Metadata>()
            .map(|it| format!("{} {}", it.service(), it.name()));
        let mut calls = self.0.calls.lock().unwrap_or_else(PoisonError::into_inner);
        *calls.entry(called.unwrap_or_default()).or_insert(0) += 1;
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if is_throttled(context.response()) {
            self.0.throttles.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Whether an answer asks to slow down.
pub(in crate::aws) fn is_throttled(answer: &HttpResponse) -> bool {
    let named = answer.headers().get("x-amzn-errortype").unwrap_or_default();
    let throttled = ["Throttl", "TooManyRequests"];
    answer.status().as_u16() == 429 || throttled.iter().any(|it| named.contains(it))
}
