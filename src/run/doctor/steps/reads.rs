//! Whether what a scan reads may be read.

use super::account::disabled;
use super::grants::{ALLOWED, Grant, is_refusal, refused, simulation};
use super::not_asked::not_asked;
use crate::audit::finding::command;
use crate::aws::client::Failure;
use crate::aws::collect::Tried;
use crate::inventory::Reason;
use crate::render::Check;
use crate::run::doctor::facts::Facts;

/// A step about reads: some calls that one grant allows.
struct Read {
    name: &'static str,
    /// The calls, with the resource that the simulator is asked about, where there is nothing to try one on.
    calls: &'static [(&'static str, &'static str)],
    grant: Grant,
    /// A call that reads the same, for whoever looks into a failure that is no refusal.
    look: &'static [&'static str],
    /// The list that names what the calls are tried on. `None`: they need none.
    list: Option<&'static str>,
    /// What it has none of, where there is nothing to try a call on.
    lacks: &'static str,
}

const REST: &[&str] = &["apigateway", "get-rest-apis", "--max-items", "1"];
const HTTP: &[&str] = &["apigatewayv2", "get-apis", "--max-items", "1"];
const NAMES: &[&str] = &["apigateway", "get-domain-names", "--max-items", "1"];
const DETAILS: &[&str] = &[
    "iam",
    "get-account-authorization-details",
    "--max-items",
    "1",
];
const POLICIES: &[&str] = &["iam", "list-policies", "--max-items", "1"];

const READS: [Read; 9] = [
    Read {
        name: "read-rest-apis",
        calls: &[("apigateway:GetRestApis", "/restapis")],
        grant: Grant::Apis,
        look: REST,
        list: None,
        lacks: "",
    },
    Read {
        name: "read-rest-details",
        calls: &[
            ("apigateway:GetStages", "/restapis/ID/stages"),
            ("apigateway:GetDeployment", "/restapis/ID/deployments/ID"),
            ("apigateway:GetResources", "/restapis/ID/resources"),
        ],
        grant: Grant::Apis,
        look: REST,
        list: Some("apigateway:GetRestApis"),
        lacks: "deployed REST API",
    },
    Read {
        name: "read-http-apis",
        calls: &[("apigateway:GetApis", "/apis")],
        grant: Grant::Apis,
        look: HTTP,
        list: None,
        lacks: "",
    },
    Read {
        name: "read-http-details",
        calls: &[
            ("apigateway:GetStages (v2)", "/apis/ID/stages"),
            ("apigateway:GetRoutes", "/apis/ID/routes"),
            ("apigateway:GetAuthorizers", "/apis/ID/authorizers"),
            ("apigateway:ExportApi", "/apis/ID/exports/OAS30"),
        ],
        grant: Grant::Apis,
        look: HTTP,
        list: Some("apigateway:GetApis"),
        lacks: "HTTP API with a stage without automatic deployment",
    },
    Read {
        name: "read-domain-names",
        calls: &[("apigateway:GetDomainNames", "/domainnames")],
        grant: Grant::Apis,
        look: NAMES,
        list: None,
        lacks: "",
    },
    Read {
        name: "read-mappings",
        calls: &[
            ("apigateway:GetApiMappings", "/domainnames/ID/apimappings"),
            (
                "apigateway:GetBasePathMappings",
                "/domainnames/ID/basepathmappings",
            ),
        ],
        grant: Grant::Apis,
        look: NAMES,
        list: Some("apigateway:GetDomainNames"),
        lacks: "custom domain name of either kind",
    },
    Read {
        name: "read-routing-rules",
        calls: &[("apigateway:ListRoutingRules", "/domainnames/ID")],
        grant: Grant::RoutingRules,
        look: NAMES,
        list: Some("apigateway:GetDomainNames"),
        lacks: "custom domain name with routing rules",
    },
    Read {
        name: "read-principals",
        calls: &[("iam:GetAccountAuthorizationDetails", "")],
        grant: Grant::Principals,
        look: DETAILS,
        list: None,
        lacks: "",
    },
    Read {
        name: "read-policies",
        calls: &[("iam:GetPolicy", ""), ("iam:GetPolicyVersion", "")],
        grant: Grant::Policies,
        look: POLICIES,
        list: None,
        lacks: "",
    },
];

pub(super) fn checks(facts: &Facts) -> Vec<Check> {
    READS.iter().flat_map(|it| it.checks(facts)).collect()
}

impl Read {
    fn checks(&self, facts: &Facts) -> Vec<Check> {
        let Some(account) = &facts.account else {
            return vec![not_asked(self.name)];
        };
        let tried = account.trial.tried.iter();
        let tried: Vec<&Tried> = tried.filter(|it| self.has(it.operation)).collect();
        let mut checks = self.failures(&tried, facts);
        let is_tried = |call: &str| tried.iter().any(|it| it.operation == call);
        let untried: Vec<_> = self.calls.iter().filter(|it| !is_tried(it.0)).collect();
        // What was refused explains what could not be tried after it.
        if checks.is_empty() && !untried.is_empty() {
            checks.push(self.untried(&untried, facts));
        } else if untried.is_empty() {
            checks.splice(0..0, self.answered(&tried));
        }
        checks
    }

    /// Where every call was answered. A Region in which one failed is not among these, whatever else was answered there.
    fn answered(&self, tried: &[&Tried]) -> Option<Check> {
        let failed: Vec<_> = (tried.iter().filter(|it| it.outcome.is_err()))
            .map(|it| &it.region)
            .collect();
        let whole = tried.iter().filter(|it| !failed.contains(&&it.region));
        let whole: Vec<&&Tried> = whole.collect();
        let is_answered = |call: &&str| whole.iter().any(|it| it.operation == *call);
        let calls = self.calls.iter().map(|it| it.0).filter(is_answered);
        let calls = calls.collect::<Vec<_>>().join(", ");
        let at = places(whole.iter().map(|it| it.region.as_deref()));
        (!whole.is_empty()).then(|| Check::ok(self.name, format!("{calls}{at}: answered")))
    }

    fn has(&self, operation: &str) -> bool {
        self.calls.iter().any(|it| it.0 == operation)
    }

    /// The failures, those of one kind together: one command mends them.
    fn failures(&self, tried: &[&Tried], facts: &Facts) -> Vec<Check> {
        let failed = tried.iter().filter_map(|it| {
            let failure = it.outcome.as_ref().err()?;
            Some((it.region.as_deref(), failure))
        });
        let mut kinds: Vec<(Kind, Vec<RegionFailure<'_>>)> = Vec::new();
        for (region, failure) in failed {
            let kind = Kind::of(failure, region);
            // A Region is enabled by a command of its own.
            let is_shared = kind != Kind::NotEnabled;
            let known = kinds.iter_mut().find(|it| it.0 == kind);
            match known.filter(|_| is_shared) {
                Some((_, all)) => all.push((region, failure)),
                None => kinds.push((kind, vec![(region, failure)])),
            }
        }
        let check = |(kind, all): (Kind, Vec<RegionFailure<'_>>)| {
            let (region, failure) = *all.first()?;
            let at = places(all.iter().map(|it| it.0));
            Some(self.failure(kind, failure, region, &at, facts))
        };
        kinds.into_iter().filter_map(check).collect()
    }

    fn failure(
        &self,
        kind: Kind,
        failure: &Failure,
        region: Option<&str>,
        at: &str,
        facts: &Facts,
    ) -> Check {
        let message = format!(
            "{}{at}: {}: {}",
            failure.operation, failure.reason, failure.message
        );
        match kind {
            Kind::Denied => {
                let check = Check::failed(self.name, message);
                refused(check, &failure.message, &self.grant, facts)
            }
            Kind::NotEnabled => Check {
                name: self.name,
                message,
                ..disabled(region.unwrap_or_default())
            },
            Kind::OutOfReach => Check::failed(self.name, message)
                .advise(
                    "let the network reach the Region (proxy, firewall, VPC endpoint), or leave the Region out; this \
                     asks the same",
                )
                .by(self.look(region)),
            Kind::Other => Check::unknown(self.name, message)
                .advise("try again; this asks for something like it, and should answer with a list, which may be empty")
                .by(self.look(region)),
        }
    }

    fn look(&self, region: Option<&str>) -> String {
        let mut words = vec!["aws"];
        words.extend(self.look);
        if let Some(region) = region {
            words.extend(["--region", region]);
        }
        command(&words)
    }

    /// There was nothing to try some of the calls on.
    fn untried(&self, untried: &[&(&str, &str)], facts: &Facts) -> Check {
        let calls: Vec<&str> = untried.iter().map(|it| it.0).collect();
        let calls = calls.join(", ");
        let tried = facts.account.iter().flat_map(|it| &it.trial.tried);
        let mut lists = tried.filter(|it| Some(it.operation) == self.list);
        let is_unlisted = lists.any(|it| it.outcome.is_err());
        let why = match self.list {
            Some(list) if is_unlisted => format!("{list} was not answered everywhere"),
            Some(_) if !facts.has_tried_regions() => "no Region was asked".to_owned(),
            Some(_) => format!("no {} was found", self.lacks),
            None => {
                let message = format!("{calls} was not tried: no Region was asked");
                return Check::unknown(self.name, message).advise("mend the step regions");
            }
        };
        let message = format!("there is nothing to try {calls} on: {why}");
        let check = Check::unknown(self.name, message);
        let Ok(identity) = &facts.identity else {
            return check;
        };
        let (action, account) = match self.grant {
            Grant::RoutingRules => ("apigateway:ListRoutingRules", identity.account.as_str()),
            _ => ("apigateway:GET", ""),
        };
        let arn = |path: &str| {
            let (partition, region) = (&identity.partition, &facts.region);
            format!("arn:{partition}:apigateway:{region}:{account}:{path}")
        };
        let arns: Vec<String> = untried.iter().map(|it| arn(it.1)).collect();
        match simulation(facts, &[action], &arns) {
            Some(command) => check.advise(ALLOWED).by(command),
            None => check.advise("it is tried once there is one"),
        }
    }
}

/// A failure, and the Region that it was in.
type RegionFailure<'t> = (Option<&'t str>, &'t Failure);

/// The kinds of failures of a read, by what mends them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Denied,
    /// The account has not enabled the Region.
    NotEnabled,
    OutOfReach,
    Other,
}

/// What the credentials of an account that has not enabled a Region are answered there. They were good for STS.
///
/// Source: [managing Regions](https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html).
const NOT_ENABLED: [&str; 4] = [
    "UnrecognizedClient",
    "InvalidClientTokenId",
    "OptInRequired",
    "RegionDisabled",
];

impl Kind {
    fn of(failure: &Failure, region: Option<&str>) -> Self {
        let is = |code: &&str| failure.message.contains(*code);
        match failure.reason {
            _ if region.is_some() && NOT_ENABLED.iter().any(is) => Kind::NotEnabled,
            reason if is_refusal(Some(reason), &failure.message) => Kind::Denied,
            Reason::Unreachable | Reason::Timeout => Kind::OutOfReach,
            _ => Kind::Other,
        }
    }
}

/// The Regions in words, each once: ` in eu-west-1, us-east-1`. Empty: in none.
fn places<'a>(regions: impl Iterator<Item = Option<&'a str>>) -> String {
    let mut names: Vec<&str> = regions.flatten().collect();
    names.sort_unstable();
    names.dedup();
    match names.as_slice() {
        [] => String::new(),
        names => format!(" in {}", names.join(", ")),
    }
}
