//! Deployments that a plan makes, and may make too early: a deployment freezes the methods that are there when it is made, and
//! Terraform makes it after what it depends on, and in no other order.
//!
//! Source: [`depends_on` and `triggers`](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/api_gateway_deployment).

use super::attributes::Attributes;
use super::changes::Changes;
use super::instances::Instance;
use super::links::{Link, Links, Wanted};
use super::order::Order;
use super::redeployment::made;
use super::types::{INTEGRATION, METHOD, PLACE, POLICY, ROUTE};
use crate::inventory::{AuthorizationType, OPTIONS, listed};
use crate::template::draft::ApiDraft;
use crate::template::reading::Reading;
use crate::template::tree::{Spot, Unknown};

/// How many resources one gap names.
const NAMED: usize = 3;

/// Says of each API what a deployment that its stages come to serve may miss. `before` is what was there before the plan.
pub(super) fn missed(
    reading: &mut Reading,
    before: &Reading,
    links: &Links<'_, '_>,
    changes: &Changes<'_, '_>,
) {
    let touched = touched(links, changes);
    let mut said = Vec::new();
    for (api, deployment, at) in made(links, changes) {
        let of_api: Vec<&Touched<'_, '_>> = touched.iter().filter(|it| it.api == api).collect();
        let gone = gone(&api, before, links, changes);
        let Some(draft) = reading.apis.get_mut(&api) else {
            continue;
        };
        let deployment = deployment.and_then(|index| links.estate.at(index));
        let Some((deployment, _)) = deployment else {
            if !of_api.is_empty() || !gone.is_empty() {
                let names = of_api.iter().map(|it| it.instance.address.clone());
                let names = names.chain(gone).collect();
                untold(draft, names, at);
            }
            continue;
        };
        // Several stages may serve the same one.
        if said.contains(&deployment.at) {
            continue;
        }
        said.push(deployment.at);
        let order = Order::of(links.estate.written, deployment);
        let missed = of_api.into_iter().filter(|it| {
            let it = it.instance;
            !order.has(&it.module, &it.kind, &it.name, it.key.as_ref())
        });
        let missed: Vec<String> = missed.map(|it| it.instance.address.clone()).collect();
        if !missed.is_empty() {
            let names = quoted(missed);
            draft.misses_methods(Unknown {
                why: match &order.untold {
                    None => format!(
                        "may be made before {names}, and serve what was there before: name them in its `depends_on`"
                    ),
                    Some(untold) => format!(
                        "may be made before {names}, and serve what was there before: what it waits for depends on `{untold}`, \
                         which the plan does not hold, so name them in its `depends_on`"
                    ),
                },
                at: deployment.at,
            });
        }
        if !gone.is_empty() {
            let names = quoted(gone);
            draft.misses_methods(Unknown {
                why: format!(
                    "may be made before {names} is taken away, and serve it still: Terraform promises no such order, so deploy once more \
                     when the plan is applied"
                ),
                at: deployment.at,
            });
        }
    }
}

fn quoted(names: Vec<String>) -> String {
    listed(names.into_iter().map(|it| format!("`{it}`")), NAMED)
}

fn untold(api: &mut ApiDraft, names: Vec<String>, at: Spot) {
    api.misses_methods(Unknown {
        why: format!(
            "serves a deployment that cannot be told, which need not have what becomes of {}",
            quoted(names)
        ),
        at,
    });
}

/// A resource that is made or changed, and bears on what callers get of an API.
struct Touched<'i, 'a> {
    api: String,
    instance: &'i Instance<'a>,
}

fn touched<'i, 'a>(links: &Links<'i, 'a>, changes: &Changes<'_, '_>) -> Vec<Touched<'i, 'a>> {
    let mut touched = Vec::new();
    for (index, instance, known) in links.estate.all() {
        let wanted = match instance.kind.as_str() {
            METHOD | POLICY if changes.is_touched(&instance.address) => Wanted::RestApi,
            INTEGRATION if changes.is_touched(&instance.address) && may_be_preflight(known) => {
                Wanted::RestApi
            }
            // One that is new bears on the methods alone that are on it.
            PLACE if changes.is_changed(&instance.address) => Wanted::RestApi,
            ROUTE if changes.is_touched(&instance.address) => Wanted::V2Api,
            _ => continue,
        };
        let attribute = match wanted {
            Wanted::V2Api => "api_id",
            _ => "rest_api_id",
        };
        if let Link::Here(api) | Link::Id(api) = links.link(index, attribute, wanted) {
            touched.push(Touched { api, instance });
        }
    }
    touched
}

/// Whether an integration may be what an `OPTIONS` is judged by.
fn may_be_preflight(known: &Attributes) -> bool {
    let verb = known.text("http_method");
    verb.is_none_or(|it| it.eq_ignore_ascii_case(OPTIONS))
}

/// The resources of an API that are taken away, and leave more to callers while they are still served: methods that do not ask
/// for IAM, and resource policies.
fn gone(
    api: &str,
    before: &Reading,
    links: &Links<'_, '_>,
    changes: &Changes<'_, '_>,
) -> Vec<String> {
    let methods = before.apis.get(api).map(|it| it.methods.as_slice());
    let open = methods.unwrap_or_default().iter().filter(|it| {
        let caller = it.caller.as_ref();
        caller.is_ok_and(|it| it.authorization != AuthorizationType::AwsIam) || it.caller.is_err()
    });
    let open: Vec<&String> = open.filter_map(|it| before.addresses.get(&it.at)).collect();
    let is_open = |it: &&str| open.iter().any(|open| open.as_str() == *it);
    let methods = [METHOD, ROUTE].into_iter();
    let methods = methods.flat_map(|kind| changes.taken_away(kind).filter(is_open));
    let known = links.estate.instances.index_of(api);
    let known = known.and_then(|index| links.estate.attributes.get(index));
    let id = known.and_then(|it| it.text("id"));
    let policies = changes.taken_away(POLICY);
    let policies = policies.filter(|it| {
        let of = changes.text_before(it, "rest_api_id");
        of.is_some() && of.as_deref() == id
    });
    methods.chain(policies).map(str::to_owned).collect()
}
