//! The requests to the methods of one stage.

use std::collections::BTreeMap;

use super::expected::{Anonymous, Entrance, Expected};
use super::path::{encoded, requested_path};
use super::planned::{LeftOut, MethodPlace, Plan, Planned};
use super::questions::Questions;
use super::verb::{is_writing, verbs};
use super::ways::{Way, ways};
use crate::audit::access::requests;
use crate::audit::exposure::DomainNames;
use crate::audit::exposure::outsiders::Outsiders;
use crate::audit::surface::Protection;
use crate::iam::Outsider;
use crate::inventory::served::{Routed, ServedMethod, ServedMethods};
use crate::inventory::{Api, ApiKind, Gap, GapKind, Inventory, Reason, Requested, Stage, listed};

/// As many methods are named in a gap.
const NAMED: usize = 3;

/// One stage whose methods are asked.
pub(super) struct AtStage<'a> {
    inventory: &'a Inventory,
    api: &'a Api,
    stage: &'a Stage,
    questions: &'a Questions,
    served: ServedMethods<'a>,
    outsiders: Outsiders,
    ways: Vec<Way>,
    refused: Vec<String>,
}

/// Which methods cannot be asked, by why.
#[derive(Default)]
struct Unasked(BTreeMap<String, Vec<String>>);

impl<'a> AtStage<'a> {
    pub(super) fn new(
        inventory: &'a Inventory,
        names: &DomainNames<'_>,
        api: &'a Api,
        stage: &'a Stage,
        questions: &'a Questions,
    ) -> Self {
        let (ways, refused) = ways(inventory, names, api, stage);
        AtStage {
            inventory,
            api,
            stage,
            questions,
            served: ServedMethods::of(api, stage),
            outsiders: names.policies.at_stage(inventory, api, stage),
            ways,
            refused,
        }
    }

    pub(super) fn add_to(&self, plan: &mut Plan) {
        let mut unasked = Unasked::default();
        let methods = self.served.iter().filter(|it| it.is_served());
        let mut any = false;
        for method in methods {
            any = true;
            self.add_method(method, plan, &mut unasked);
        }
        if any {
            let refused = self.refused.iter();
            plan.gaps.extend(refused.map(|why| Gap {
                reason: Reason::Unreachable,
                ..self.gap(why.clone())
            }));
        }
        let gaps = unasked.0.into_iter();
        plan.gaps.extend(gaps.map(|(why, methods)| {
            let methods = listed(methods.into_iter(), NAMED);
            self.gap(format!("{why}: {methods}"))
        }));
    }

    fn gap(&self, message: String) -> Gap {
        Gap::malformed(GapKind::Probe, message).at_stage(self.api, &self.stage.name)
    }

    fn add_method(&self, method: &ServedMethod<'a>, plan: &mut Plan, unasked: &mut Unasked) {
        let expected = self.expected(method);
        let (verbs, left_out) = verbs(method, self.api.cors, &expected, self.questions);
        if let Some(why) = left_out {
            plan.left_out.push(LeftOut {
                method: self.place(method),
                why,
            });
        }
        let executing = verbs
            .iter()
            .any(|verb| self.signs(&expected) && !self.may_sign(verb));
        if executing {
            plan.left_out.push(LeftOut {
                method: self.place(method),
                why: "a signed request with a writing verb would execute it: give --i-know-it-executes to send that, too"
                    .to_owned(),
            });
        }
        for verb in verbs {
            let path = match self.path(method, verb) {
                Ok(path) => path,
                Err(why) => {
                    unasked.add(why, format!("{verb} {}", method.path));
                    continue;
                }
            };
            for way in &self.ways {
                match self.url(way, verb, &path) {
                    Ok(url) => self.add_request(method, (verb, &path, url), way, &expected, plan),
                    Err(why) => unasked.add(why, format!("{verb} {}{path}", way.base)),
                }
            }
        }
    }

    fn add_request(
        &self,
        method: &ServedMethod<'a>,
        (verb, path, url): (&str, &str, String),
        way: &Way,
        expected: &Expected,
        plan: &mut Plan,
    ) {
        let unsigned = Planned {
            method: self.place(method),
            kind: self.api.kind,
            verb: verb.to_owned(),
            url,
            signed: false,
            arn: self.arn(method, verb, path),
            expected: Expected {
                entrance: way.entrance,
                ..expected.clone()
            },
        };
        let is_signed = self.signs(expected) && self.may_sign(verb);
        let signed = is_signed.then(|| Planned {
            signed: true,
            ..unsigned.clone()
        });
        plan.requests.push(unsigned);
        plan.requests.extend(signed);
    }

    /// Whether a method gets signed requests.
    fn signs(&self, expected: &Expected) -> bool {
        self.questions.signed && expected.has(Protection::Iam)
    }

    /// Whether a request with this verb may be signed: it is executed where its caller is let in.
    fn may_sign(&self, verb: &str) -> bool {
        self.questions.executes || !is_writing(verb)
    }

    fn expected(&self, method: &ServedMethod<'a>) -> Expected {
        let snapshots = method.snapshots();
        let mut asks: Vec<Protection> = snapshots.map(Protection::asked_by).collect();
        asks.sort_unstable();
        asks.dedup();
        let name = || format!("{} {}", method.verb, method.path);
        let place = (self.api, self.stage);
        let template = || {
            requests(
                self.inventory,
                place,
                method.asked(),
                (method.verb, method.path),
            )
        };
        let said = self.outsiders.said(Outsider::Anonymous, name, template);
        let has_own = self.served.own.is_none() || method.own.is_some();
        let has_canary = self.served.canary.is_none() || method.canary.is_some();
        Expected {
            asks,
            may_be_absent: !has_own || !has_canary,
            anonymous: Anonymous::new(self.api, said),
            entrance: Entrance::DefaultEndpoint,
        }
    }

    fn place(&self, method: &ServedMethod<'a>) -> MethodPlace {
        MethodPlace {
            region: self.api.region.clone(),
            api: self.api.id.clone(),
            stage: self.stage.name.clone(),
            path: method.path.to_owned(),
            verb: method.verb.to_owned(),
        }
    }

    /// The path below the stage that is asked for a method, which answers there and no other one does.
    fn path(&self, method: &ServedMethod<'a>, verb: &str) -> Result<String, String> {
        if self.api.kind == ApiKind::WebSocket {
            return Ok("/".to_owned());
        }
        let path = requested_path(method.path, &self.questions.parameters)?;
        let is_it =
            |other: &&ServedMethod<'_>| (other.verb, other.path) == (method.verb, method.path);
        match self.served.routed(self.api.kind, verb, &path) {
            Routed::Methods(methods) if methods.iter().all(is_it) => Ok(path),
            _ => Err(
                "another method answers there, or may: give values for its parameters with --param"
                    .to_owned(),
            ),
        }
    }

    /// The whole URL, which leads to the stage and to no other one.
    fn url(&self, way: &Way, verb: &str, path: &str) -> Result<String, String> {
        let is_websocket = self.api.kind == ApiKind::WebSocket;
        let below = if is_websocket { "" } else { path };
        let (scheme, rest) = way.base.split_once("://").unwrap_or_default();
        let (host, base) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let plain = format!("{verb} {scheme}://{host}{base}{below}");
        let requested = Requested::read(&plain);
        let leads_to = requested.map(|it| it.leads_to(self.inventory));
        match leads_to {
            Some(Err(_)) => Err(
                "where the URL leads was not read completely, or it leads to several stages"
                    .to_owned(),
            ),
            Some(Ok(stages)) => {
                let is_here = |(api, stage, at): &(&Api, &Stage, String)| {
                    std::ptr::eq(*api, self.api) && stage.name == self.stage.name && at == path
                };
                if !stages.is_empty() && stages.iter().all(is_here) {
                    Ok(format!(
                        "{scheme}://{host}{}",
                        encoded(&format!("{base}{below}"))
                    ))
                } else {
                    Err("by what was read, the URL leads elsewhere".to_owned())
                }
            }
            None => Err("the path cannot be asked for by a URL".to_owned()),
        }
    }

    /// What `execute-api:Invoke` is asked for.
    ///
    /// Source: [ARN format of execute-api](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html).
    fn arn(&self, method: &ServedMethod<'a>, verb: &str, path: &str) -> String {
        let Inventory {
            partition, account, ..
        } = self.inventory;
        let Api { region, id, .. } = self.api;
        let stage = &self.stage.name;
        let resource = match self.api.kind {
            ApiKind::WebSocket => method.path.to_owned(),
            ApiKind::Rest | ApiKind::Http => format!("{verb}{path}"),
        };
        format!("arn:{partition}:execute-api:{region}:{account}:{id}/{stage}/{resource}")
    }
}

impl Unasked {
    fn add(&mut self, why: String, what: String) {
        self.0.entry(why).or_default().push(what);
    }
}
