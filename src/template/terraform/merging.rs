//! Definitions that are merged into what the API has: the methods that an earlier one had stay.
//!
//! Source: [`put_rest_api_mode`](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/api_gateway_rest_api#put_rest_api_mode-1).

use super::attributes::Attributes;
use super::changes::Changes;
use super::instances::{Instance, Instances};
use super::types::{REST_API, V2_API};
use crate::template::reading::Reading;
use crate::template::tree::Unknown;

/// Says of each API whose definition is merged what is not known of its methods.
pub(super) fn what_stays(
    reading: &mut Reading,
    instances: &Instances<'_>,
    attributes: &[Attributes],
    changes: &Changes<'_, '_>,
) {
    for (instance, known) in instances.read.iter().zip(attributes) {
        if let Some(why) = stays_behind(instance, known, changes)
            && let Some(api) = reading.apis.get_mut(&instance.address)
        {
            let at = instance.at;
            api.misses_methods(Unknown { why, at });
            continue;
        }
        let is_merged = instance.kind == REST_API
            && (known.text("put_rest_api_mode") == Some("merge")
                || known.is_unknown("put_rest_api_mode"))
            && (known.text("body").is_some() || known.is_unknown("body"));
        let Some(api) = reading
            .apis
            .get_mut(&instance.address)
            .filter(|_| is_merged)
        else {
            continue;
        };
        if changes.is_made(&instance.address) {
            continue;
        }
        let before = changes.text_before(&instance.address, "body");
        if before.is_some() && before.as_deref() != known.text("body") {
            api.misses_methods(Unknown {
                why: "keeps the methods that its earlier definition had, as `put_rest_api_mode` is `merge`, and the definition changes: \
                      check the earlier one too"
                    .to_owned(),
                at: instance.at,
            });
        } else {
            let says = "`put_rest_api_mode` is `merge`: methods of earlier definitions that this one does not have are taken to be gone";
            api.assumed.push((says.to_owned(), instance.at));
        }
    }
}

/// What the provider leaves as it is where the plan takes it away: it imports no definition that is empty, and changes no route
/// that an HTTP API got when it was made.
fn stays_behind(
    instance: &Instance<'_>,
    known: &Attributes,
    changes: &Changes<'_, '_>,
) -> Option<String> {
    let is_http = instance.kind == V2_API;
    if !(is_http || instance.kind == REST_API) || changes.is_made(&instance.address) {
        return None;
    }
    let was = |name: &str| {
        let before = changes.text_before(&instance.address, name);
        before.filter(|it| !it.trim().is_empty())
    };
    let is_there = |name: &str| {
        known.is_unknown(name) || known.text(name).is_some_and(|it| !it.trim().is_empty())
    };
    if was("body").is_some() && !is_there("body") {
        return Some(
            "keeps the methods of its earlier definition, as an empty `body` is not imported: take them away one by one"
                .to_owned(),
        );
    }
    let changed = ["target", "route_key"]
        .into_iter()
        .find(|name| was(name).is_some_and(|before| known.text(name) != Some(before.as_str())));
    changed.filter(|_| is_http).map(|name| {
        format!(
            "keeps the route that its earlier `{name}` made: check the API once the plan is applied"
        )
    })
}
