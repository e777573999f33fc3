//! One Region's control plane.

use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::StreamExt as _;

use super::known::EarlierReads;
use super::reading::{Progress, Reading, Time};
use crate::aws::client::{Clients, Pace};
use crate::inventory::{Api, ApiKind, Gap, GapKind, Pool};

/// One Region's control plane, in both families of operations, and how fast it is asked: the two share
/// the account's limit.
pub(super) struct ControlPlane<'a> {
    pub(super) region: String,
    pub(super) rest: aws_sdk_apigateway::Client,
    pub(super) http: aws_sdk_apigatewayv2::Client,
    pub(super) pace: Pace,
    pub(super) known: EarlierReads<'a>,
    pub(super) progress: Progress,
    time: Time,
    texts: Mutex<Pool>,
}

impl<'a> ControlPlane<'a> {
    pub(super) fn new(clients: &Clients, region: &str, reading: &'a Reading) -> Self {
        let pace = Pace::new(reading.requests_per_second);
        ControlPlane {
            region: region.to_owned(),
            rest: clients.api_gateway(region, &pace),
            http: clients.api_gateway_v2(region, &pace),
            pace,
            known: EarlierReads::new(reading, region),
            progress: reading.progress.clone(),
            time: reading.time(),
            texts: Mutex::default(),
        }
    }

    /// The texts that its APIs have in common.
    pub(super) fn texts(&self) -> MutexGuard<'_, Pool> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads, if the time is not up before. `None`: it is.
    pub(super) async fn in_time<T>(&self, read: impl Future<Output = T>) -> Option<T> {
        self.time.in_time(read).await
    }

    /// An API that was not read in time: what an unfinished run read of it, or what the list shows, and its gaps.
    pub(super) fn not_read(&self, listed: Api) -> (Api, Vec<Gap>) {
        if let Some(so_far) = self.known.so_far(&listed) {
            return so_far;
        }
        let gap = self.not_read_yet(GapKind::Api).at(&listed);
        (listed, vec![gap])
    }

    /// What an unfinished run read of the APIs of these kinds, which could not be listed again in time.
    pub(super) fn with_unlisted(
        &self,
        kinds: &[ApiKind],
        mut gaps: Vec<Gap>,
    ) -> (Vec<Api>, Vec<Gap>) {
        let unlisted = self.known.unlisted(kinds);
        let mut apis = Vec::with_capacity(unlisted.len());
        for (api, missing) in unlisted {
            apis.push(api);
            gaps.extend(missing);
        }
        (apis, gaps)
    }

    /// The gap of what was not read in time.
    pub(super) fn not_read_yet(&self, kind: GapKind) -> Gap {
        self.time.not_read_yet(kind)
    }
}

/// Does many things, so many at once, in whatever order they end.
pub(super) async fn each<T>(
    at_once: usize,
    all: impl IntoIterator<Item = impl Future<Output = T>>,
    mut then: impl FnMut(T),
) {
    let mut all = futures_util::stream::iter(all).buffer_unordered(at_once);
    while let Some(one) = all.next().await {
        then(one);
    }
}
