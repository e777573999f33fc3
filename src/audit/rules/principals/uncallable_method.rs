//! `uncallable-method`

use std::collections::BTreeMap;

use crate::audit::access::{CallableMethod, Holder};
use crate::audit::context::{AccessView, Context};
use crate::audit::finding::{
    Confidence, Evidence, EvidenceList, Place, Remedy, RuleId, Severity, Source, Text, Violation,
};
use crate::audit::method::MethodAt;
use crate::audit::remedy::{commands, grant};
use crate::audit::rules::holders::{self, asks_iam_alone};
use crate::audit::rules::{Look, Rule, Subject, Violations, documented};
use crate::iam::document::Arn;
use crate::inventory::Stage;

documented! {
    /// # `uncallable-method`
    ///
    /// Fires when a deployed method has the authorization type `AWS_IAM`, no group, user or role of the account may
    /// call it, and its API has no resource policy that could let somebody in.
    ///
    /// ## Severity
    /// low
    ///
    /// ## Why this is bad
    /// Nobody but the account's root user can call it. Either it is not used, and should go, or a grant is missing, and
    /// the next outage is waiting for a quick way out: `NONE`.
    ///
    /// ## What it looks at
    /// Every group, user and role, with conditions taken in their favor. An API with a resource policy is left out, as
    /// principals of other accounts may call it.
    ///
    /// ## Examples
    /// Both are the policy of the only group; the API has `GET /pets` and `POST /pets`.
    ///
    /// ### Bad
    ///
    /// ```json
    /// {
    ///   "Effect": "Allow",
    ///   "Action": "execute-api:Invoke",
    ///   "Resource": "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets"
    /// }
    /// ```
    ///
    /// ### Good
    ///
    /// ```json
    /// {
    ///   "Effect": "Allow",
    ///   "Action": "execute-api:Invoke",
    ///   "Resource": [
    ///     "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets",
    ///     "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/POST/pets"
    ///   ]
    /// }
    /// ```
    ///
    /// ## How to fix
    /// Grant `execute-api:Invoke` to the group whose members should call the method, or delete the method. Where a
    /// grant nearly fits, the report names it and the mistake in it.
    ///
    /// ## Exemption
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: uncallable-method
    ///     match: {api: PetStore, path: /pets, verb: POST}
    ///     severity: low
    ///     reason: its callers are granted access at the launch
    ///     owner: shop-team@example.com
    ///     expires: 2027-03-31
    /// ```
    ///
    /// ## References
    /// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html>
    pub struct UncallableMethod;
}

impl Rule for UncallableMethod {
    fn id(&self) -> RuleId {
        RuleId::UncallableMethod
    }

    fn summary(&self) -> &'static str {
        "a method asks for AWS_IAM, and nobody of the account may call it"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::Principals]
    }

    fn subject(&self) -> Subject {
        Subject::IamMethods
    }

    fn inventory<'c>(&self, context: Context<'c>) -> Violations<'c> {
        let Some(access) = context.access else {
            return Violations::none();
        };
        // Whoever was not read may be able to call it.
        if ["group", "user", "role"]
            .into_iter()
            .any(|it| context.hides_some(it))
        {
            return Violations::none();
        }
        let methods = access.estate.methods().iter();
        let asked = methods.filter(|it| is_asked_about(it));
        let asked: Vec<&CallableMethod<'_>> = asked.collect();
        let uncallable = access.estate.uncallable(&asked);
        if uncallable.is_empty() {
            return Violations::none();
        }
        let naming = naming(access);
        let mut told = Told::new(context, access);
        // There may be hundreds of thousands: each is made when it is asked for.
        let violations = uncallable
            .into_iter()
            .enumerate()
            .map(move |(place, method)| {
                let near = if place < LOOKED_AT {
                    near_misses(access, &naming, method)
                } else {
                    Vec::new()
                };
                told.violation(method).also(near)
            });
        Violations::of(violations)
    }
}

/// Whether the rule asks who can call a method: only the policies of principals can let somebody.
pub(in crate::audit::rules) fn is_asked_about(method: &CallableMethod<'_>) -> bool {
    asks_iam_alone(method) && method.api.resource_policy.is_none()
}

const MESSAGE: &str =
    "nobody may call this method: it asks for AWS_IAM, and no policy of the account allows it";

const ADVICE: &str = "grant invoke to the group whose members should call it, or delete the method";

/// What very many findings say in the same words.
struct Told<'c> {
    context: Context<'c>,
    /// What is read of every method whose deployment tells its type.
    deployed: EvidenceList,
    /// What is read of every other method, behind what its type was inferred from.
    others: [Evidence; 2],
    /// What is wrong.
    message: Text,
    /// What to do.
    advice: Text,
    /// The place of the stage that was spoken of last: methods come stage by stage.
    last: Option<(&'c Stage, Place)>,
}

impl<'c> Told<'c> {
    fn new(context: Context<'c>, access: &AccessView<'_>) -> Self {
        let holders = access.estate.holders().len();
        let nobody = format!(
            "none of the account's groups, users and roles ({holders}) is allowed any of its requests"
        );
        let others = [
            Evidence::new(Source::Iam, nobody),
            Evidence::new(Source::Api, "the API has no resource policy"),
        ];
        let deployed = "the deployed authorization type is AWS_IAM";
        let deployed = EvidenceList::from(Evidence::new(Source::Deployment, deployed));
        Told {
            context,
            deployed: deployed.also(others.clone()),
            others,
            message: Text::from(MESSAGE),
            advice: Text::from(ADVICE),
            last: None,
        }
    }

    fn place(&mut self, method: &CallableMethod<'c>) -> Place {
        let account = &self.context.inventory.account;
        let of_stage = match &self.last {
            Some((stage, place)) if std::ptr::eq(*stage, method.stage) => place.clone(),
            _ => {
                let place = Place::of_stage(account, method.api, &method.stage.name);
                self.last = Some((method.stage, place.clone()));
                place
            }
        };
        of_stage.at_method(method.verb, method.path, method.route_key)
    }

    fn violation(&mut self, method: &CallableMethod<'c>) -> Violation {
        let context = self.context;
        let mut remedy = Remedy::new(self.advice.clone())
            .with_references([commands::ARTICLE, commands::PERMISSIONS]);
        let exposures = holders::exposures(context, method);
        grant::add(
            &mut remedy,
            grant::to_its_group(context, MethodAt::from(method), &exposures),
        );
        let evidence = match holders::inferred(method) {
            Some(inferred) => EvidenceList::from(inferred).also(self.others.clone()),
            None => self.deployed.clone(),
        };
        let violation = Violation::new(
            Severity::Low,
            self.place(method),
            self.message.clone(),
            evidence,
            remedy,
        );
        violation.with_confidence(if method.is_inferred() {
            Confidence::Medium
        } else {
            Confidence::High
        })
    }
}

/// As many grants that were meant for a method are named.
const NAMED: usize = 3;

/// So many holders are asked about the grants that were meant for a method of one API.
const ASKED: usize = 10;

/// For so many methods grants are looked for that were meant for them.
const LOOKED_AT: usize = 300;

/// Those who have a grant that names an API, by its id.
type Naming<'h> = BTreeMap<&'h str, Vec<&'h Holder>>;

fn naming<'h>(access: &'h AccessView<'_>) -> Naming<'h> {
    let mut naming: Naming<'_> = BTreeMap::new();
    for holder in access.estate.holders() {
        let grants = access.own_grants(holder);
        let patterns =
            grants.flat_map(|(_, _, it)| it.resources.iter().flat_map(|it| &it.patterns));
        for arn in patterns.filter_map(|it| Arn::read(it)) {
            let api = arn.resource.split('/').next().unwrap_or_default();
            let named = naming.entry(api).or_default();
            if named.len() < ASKED && named.last().is_none_or(|last| last.arn != holder.arn) {
                named.push(holder);
            }
        }
    }
    naming
}

/// The grants of anybody that name the method's API, were meant for the method and miss it.
fn near_misses(
    access: &AccessView<'_>,
    naming: &Naming<'_>,
    method: &CallableMethod<'_>,
) -> Vec<Evidence> {
    let holders = naming.get(method.api.id.as_str()).into_iter().flatten();
    let near = holders.flat_map(|holder| {
        let near = access.estate.near_misses(holder, method).into_iter();
        near.map(|it| holders::near_miss(holder, &it, &method.name()))
    });
    near.take(NAMED).collect()
}
