//! One harmless call for each read that a scan makes: whether it may be made, without reading the account.
//!
//! The lists are asked for their first entries, and what a scan reads of an API is asked of these. What cannot be tried,
//! because there is nothing to try it on, is not in the answer.

mod http;
mod outcome;
mod plane;
mod principals;
mod rest;

pub use outcome::{Trial, Tried};

use plane::Plane;

use crate::aws::client::{Clients, Pace};

/// Tries the reads of one Region. `requests_per_second`: the most that are sent to its control plane.
pub async fn try_region(
    clients: &Clients,
    region: &str,
    requests_per_second: Option<f64>,
) -> Trial {
    let pace = Pace::new(requests_per_second);
    let plane = Plane {
        region,
        rest: clients.api_gateway(region, &pace),
        http: clients.api_gateway_v2(region, &pace),
        pace,
    };
    let (mut trial, apis, names) = futures_util::future::join3(
        rest::try_apis(&plane),
        http::try_apis(&plane),
        http::try_names(&plane),
    )
    .await;
    trial.add(apis);
    trial.add(names);
    trial
}

/// Tries the reads of IAM, which are of no Region. `partition`: whose own policies are asked for.
pub async fn try_principals(clients: &Clients, partition: &str) -> Trial {
    principals::try_principals(&clients.iam(), partition).await
}
