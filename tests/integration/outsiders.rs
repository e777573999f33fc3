//! What a resource policy says to outsiders, held against trying every request from everywhere; and which URLs
//! lead to a stage, held against looking at every domain name.

use std::collections::{BTreeMap, BTreeSet};

use gatewatch::audit::finding::{Exposure, RuleId, Text};
use gatewatch::audit::rules::evaluate;
use gatewatch::iam::document::Policy;
use gatewatch::iam::{Admission, Admissions, Outsider, Template, resource_policy};
use gatewatch::inventory::{Api, Inventory, Stage};
use gatewatch::policy_file::PolicyFile;
use jiff::civil::date;
use proptest::collection;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::decisions::wild_text;
use crate::shortcuts::{ACCOUNT, REGIONS, actions, add, one_of, whole, with_stages};

const OWN_API: &str = "arn:aws:execute-api:eu-west-1:111122223333:aaaaaaaaaa/*";

/// What speaks of a whole API, in the ways in which it is mostly written.
const WHOLE_API: [&str; 3] = ["*", "execute-api:/*", OWN_API];

/// The resource policy of an API. `parts`: it may speak of parts of it.
fn policy_for_outsiders(parts: bool) -> impl Strategy<Value = Value> {
    let principals = vec![
        json!({"Principal": "*"}),
        json!({"Principal": "*"}),
        json!({"Principal": {"AWS": "*"}}),
        json!({"Principal": {"AWS": ["arn:aws:iam::444455556666:root", "*"]}}),
        json!({"Principal": {"AWS": "444455556666"}}),
        json!({"Principal": {"Service": "apigateway.amazonaws.com"}}),
        json!({"NotPrincipal": {"AWS": "arn:aws:iam::444455556666:root"}}),
    ];
    let mut resources = vec![
        json!({}),
        json!({"Resource": "*"}),
        json!({"Resource": "execute-api:/*"}),
        json!({"Resource": OWN_API}),
        json!({"Resource": ["execute-api:/*", OWN_API]}),
        json!({"NotResource": OWN_API}),
    ];
    if parts {
        for part in [
            "execute-api:/prod/*",
            "execute-api:/dev/*",
            "execute-api:/*/GET/*",
            "execute-api:/prod/*/a",
            "execute-api:/",
            "execute-api:*",
            "arn:aws:execute-api:*:*:*",
            "arn:aws:execute-api:eu-west-1:111122223333:bbbbbbbbbb/*",
            "arn:aws:execute-api:eu-west-1:111122223333:aaaaaaaaaa/prod/GET/?*",
        ] {
            resources.push(json!({"Resource": part}));
        }
        resources.push(json!({"Resource": ["execute-api:/*", "execute-api:/prod/GET/a"]}));
        resources.push(json!({"NotResource": "execute-api:/*/GET/*"}));
    }
    let conditions = vec![
        json!({}),
        json!({}),
        json!({}),
        json!({"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}),
        json!({"Condition": {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.7"]}}}),
        json!({"Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}),
        json!({"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}),
        json!({"Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}),
        json!({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-example"}}}),
        json!({"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-example"}}}),
        json!({"Condition": {"StringLike": {"aws:Referer": "https://example.com/*"}}}),
    ];
    let statement = (
        one_of(&["Allow", "Allow", "Allow", "Deny"]),
        select(actions()),
        select(principals),
        select(resources),
        select(conditions),
    );
    let statement = statement.prop_map(|(effect, action, principal, resource, condition)| {
        let mut statement = json!({"Effect": effect});
        for elements in [action, principal, resource, condition] {
            add(&mut statement, &elements);
        }
        statement
    });
    collection::vec(statement, 0..7)
        .prop_map(|statements| json!({"Version": "2012-10-17", "Statement": statements}))
}

/// Every pattern of a policy.
fn patterns(policy: &Value) -> Vec<String> {
    let statements = policy["Statement"].as_array().unwrap().iter();
    let elements = statements.flat_map(|it| [it.get("Resource"), it.get("NotResource")]);
    let texts = elements.flatten().flat_map(|it| match it {
        Value::Array(list) => list.clone(),
        single => vec![single.clone()],
    });
    texts.map(|it| it.as_str().unwrap().to_owned()).collect()
}

/// A request of an outsider, with everything that the policies of these tests look at.
#[derive(Debug, Clone, Copy)]
struct Request {
    verb: &'static str,
    path: &'static str,
    address: Option<&'static str>,
    endpoint: Option<&'static str>,
    organization: Option<&'static str>,
    referer: &'static str,
}

/// Whether a policy lets a request to a stage in. Plain: statement by statement, as the documentation has it. Where
/// it is not known what API Gateway makes of a pattern, the caller is let in.
fn lets_in(policy: &Value, stage: &str, request: Request) -> bool {
    let own = |rest: &str| format!("arn:aws:execute-api:eu-west-1:{ACCOUNT}:aaaaaaaaaa/{rest}");
    let arn = own(&format!("{stage}/{}{}", request.verb, request.path));
    // `None`: not known.
    let meets = |pattern: &str| match pattern.strip_prefix("execute-api:/") {
        Some(rest) => Some(wild_text(&own(rest), &arn)),
        None if pattern.starts_with("execute-api:") => None,
        None => Some(wild_text(pattern, &arn)),
    };
    let speaks = |statement: &Value, unknown: bool| {
        let texts = |element: &Value| match element {
            Value::Array(list) => list.clone(),
            single => vec![single.clone()],
        };
        let text = |it: &Value| it.as_str().unwrap().to_owned();
        let any = |element: &str| {
            let patterns = texts(&statement[element]);
            patterns
                .iter()
                .any(|it| meets(&text(it)).unwrap_or(unknown))
        };
        let invoke = |element: &str| {
            let actions = texts(&statement[element]);
            let mut actions = actions.iter().map(text);
            actions.any(|it| wild_text(&it.to_lowercase(), "execute-api:invoke"))
        };
        let acts = match statement.get("NotAction") {
            Some(_) => !invoke("NotAction"),
            None => invoke("Action"),
        };
        let resource = match (statement.get("Resource"), statement.get("NotResource")) {
            (None, None) => true,
            (Some(_), _) => any("Resource"),
            (None, Some(_)) => !any("NotResource"),
        };
        let everybody = match statement.get("Principal") {
            None => true,
            Some(Value::String(text)) => text == "*",
            Some(of) => texts(&of["AWS"]).iter().any(|it| it == "*"),
        };
        let conditions = statement["Condition"].as_object();
        let holds = conditions.into_iter().flatten().all(|(operator, keys)| {
            let (key, values) = keys.as_object().unwrap().iter().next().unwrap();
            let has = |value: &str| texts(values).iter().any(|it| it == value);
            match (operator.as_str(), key.as_str()) {
                ("IpAddress", _) => request.address.is_some_and(|it| ranges(values, it)),
                ("NotIpAddress", _) => !request.address.is_some_and(|it| ranges(values, it)),
                ("StringEquals", "aws:SourceVpce") => request.endpoint.is_some_and(has),
                ("StringNotEquals", "aws:SourceVpce") => !request.endpoint.is_some_and(has),
                ("StringEquals", _) => request.organization.is_some_and(has),
                ("StringNotEquals", _) => !request.organization.is_some_and(has),
                ("StringLike", _) => request.referer.starts_with("https://example.com/"),
                other => panic!("{other:?}"),
            }
        });
        acts && resource && everybody && holds
    };
    let statements = policy["Statement"].as_array().unwrap();
    let says = |effect: &str, unknown| {
        let mut own = statements.iter().filter(|it| it["Effect"] == effect);
        own.any(|it| speaks(it, unknown))
    };
    says("Allow", true) && !says("Deny", false)
}

/// Whether one of the ranges of these tests has an address.
fn ranges(values: &Value, address: &str) -> bool {
    let known = |range: &str| match range {
        "0.0.0.0/0" => !address.contains(':'),
        "203.0.113.0/24" => address.starts_with("203.0.113."),
        single => single == address,
    };
    match values {
        Value::Array(list) => list.iter().any(|it| known(it.as_str().unwrap())),
        single => known(single.as_str().unwrap()),
    }
}

/// Whom a policy lets in to some request of a method, by trying all of them from everywhere.
fn plainly_admitted(
    policy: &Value,
    who: Outsider,
    stage: &str,
    requests: &[(&'static str, &'static str)],
) -> Admission {
    let organizations: &[Option<&str>] = match who {
        Outsider::Anonymous => &[None],
        Outsider::Stranger => &[None, Some("o-other")],
    };
    let from = |address: Option<&'static str>, endpoint: Option<&'static str>| {
        requests.iter().any(|(verb, path)| {
            organizations.iter().any(|organization| {
                ["https://example.com/", ""].iter().any(|referer| {
                    let request = Request {
                        verb,
                        path,
                        address,
                        endpoint,
                        organization: *organization,
                        referer,
                    };
                    lets_in(policy, stage, request)
                })
            })
        })
    };
    let narrow = ["203.0.113.9", "198.51.100.7", "10.1.2.3"];
    let vpcs = [Some("vpce-1"), Some("vpce-2")];
    if ["8.8.8.8", "2600::1"].iter().any(|it| from(Some(it), None)) {
        Admission::FromAnywhere
    } else if narrow.iter().any(|it| from(Some(it), None)) || vpcs.iter().any(|it| from(None, *it))
    {
        Admission::FromNetworks
    } else {
        Admission::Refused
    }
}

/// How far a caller is let in.
fn openness(admission: Admission) -> usize {
    match admission {
        Admission::Refused => 0,
        Admission::FromNetworks => 1,
        Admission::FromAnywhere => 2,
        Admission::Undecided => panic!("undecided"),
    }
}

/// The methods that are asked about, with requests that tell apart what the patterns of these tests do.
const METHODS: [(&str, &[&str]); 5] = [
    ("/", &["/"]),
    ("/a", &["/a"]),
    ("/a/{x}", &["/a/a", "/a/x"]),
    (
        "/{a}/{b}",
        &["/a/a", "/a/x", "/x/a", "/x/x", "/GET/a", "/GET/x"],
    ),
    (
        "/{proxy+}",
        &["/a", "/x", "/x/a", "/a/x", "/GET/a", "/GET/x"],
    ),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn outsiders_are_admitted_as_by_trying_all_requests_from_everywhere(
        policy in policy_for_outsiders(true),
        verbs in select(vec![&["GET"][..], &["POST"], &Template::VERBS, &["DELETE", "PUT"]]),
    ) {
                let read = Policy::from_value(&policy).unwrap();
        // What is not known turns out in the caller's favor in each statement, so that two statements about the
        // same key may be weighed as no one request meets them.
        let unknown = policy.to_string();
        let unknown = unknown.matches("aws:SourceVpce").count() + unknown.matches("aws:Referer").count();
        let place = ["aws", "eu-west-1", ACCOUNT];
        for who in [Outsider::Anonymous, Outsider::Stranger] {
            let admissions = Admissions::new(&read, who, ACCOUNT, "aaaaaaaaaa");
            for stage in ["prod", "$default"] {
                let stage_of = ["aaaaaaaaaa", stage];
                let at_stage = admissions.at_stage(&Template::of_stage(place, stage_of));
                for (path, paths) in METHODS {
                    let template = Template::of_method(place, stage_of, verbs, path);
                    let requests: Vec<_> = verbs
                        .iter()
                        .flat_map(|verb| paths.iter().map(|path| (*verb, *path)))
                        .collect();
                    let plain = plainly_admitted(&policy, who, stage, &requests);
                                        let exact = admissions.of(&template);
                    let (of_exact, of_plain) = (openness(exact), openness(plain));
                    prop_assert!(of_exact >= of_plain, "{:?} {} {}", who, stage, path);
                    if unknown <= 1 {
                        prop_assert_eq!(exact, plain, "{:?} {} {}", who, stage, path);
                    }
                    if let Some(at_stage) = at_stage {
                        prop_assert_eq!(at_stage, exact, "{:?} {} {}", who, stage, path);
                    }
                }
            }
        }
    }

    #[test]
    fn a_policy_that_speaks_of_the_whole_api_is_asked_about_once(policy in policy_for_outsiders(false)) {
        prop_assert!(patterns(&policy).iter().all(|it| WHOLE_API.contains(&it.as_str())));
        let read = Policy::from_value(&policy).unwrap();
        for who in [Outsider::Anonymous, Outsider::Stranger] {
            let admissions = Admissions::new(&read, who, ACCOUNT, "aaaaaaaaaa");
            let stage = Template::of_stage(["aws", "eu-west-1", ACCOUNT], ["aaaaaaaaaa", "prod"]);
            prop_assert!(admissions.at_stage(&stage).is_some());
        }
    }
}

/// 300 open APIs, most of whose ids are there in two Regions, and 90 domain names.
fn with_domain_names() -> Inventory {
    let place = |number: usize| (REGIONS[number % 3], format!("a{:09}", number / 2));
    let apis = (0..300).map(|number| {
        let (region, id) = place(number);
        let open = json!([{"verb": "GET", "path": "/a/{x}", "authorization": "NONE", "api_key_required": false}]);
        let mut api = with_stages(region, &id, "REST", std::slice::from_ref(&open));
        let mut draft = open[0].clone();
        add(&mut draft, &json!({"resource_id": "r", "integration": "HTTP"}));
        api["draft"] = json!([draft]);
        api["default_endpoint_disabled"] = json!(number.is_multiple_of(7));
        let own = format!("arn:aws:execute-api:{region}:{ACCOUNT}:{id}/*");
        let say = |effect: &str, resource: &str| {
            json!({"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke", "Resource": resource})
        };
        let mut except = say("Deny", &own);
        except["Condition"] = json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}});
        let statements = match number % 5 {
            0 => return api,
            1 => json!([say("Allow", "execute-api:/*")]),
            2 => json!([say("Allow", "execute-api:/*"), except]),
            3 => json!([say("Allow", "execute-api:/prod/*")]),
            _ => json!([say("Allow", "*"), say("Deny", &own)]),
        };
        api["resource_policy"] = json!({"json": {"Version": "2012-10-17", "Statement": statements}});
        api
    });
    let apis: Vec<Value> = apis.collect();
    let domains = (0..90).map(|number| {
        let mapping = |place_of: usize, base: &str, stage: usize| {
            let stage = [None, Some("prod"), Some("dev")][stage % 3];
            json!({"base_path": base, "api_id": place(place_of % 300).1, "stage": stage})
        };
        let mut mappings: Vec<Value> = (0..6)
            .map(|it| mapping(number * 7 + it * 13, &format!("v{it}"), number + it))
            .collect();
        mappings.push(mapping(number * 7, "", number + 1));
        mappings.push(json!({"base_path": "other", "api_id": "zzzzzzzzzz", "stage": null}));
        json!({"region": REGIONS[number % 3], "name": format!("n{number}.example.com"),
               "endpoint_types": ["REGIONAL"], "mappings": mappings})
    });
    let domains: Vec<Value> = domains.collect();
    let iam = json!({"groups": [], "users": [], "roles": [], "policies": []});
    whole(&apis, &domains, &iam)
}

/// The URLs of a stage, by looking at every domain name.
fn urls(inventory: &Inventory, api: &Api, stage: &Stage) -> Vec<String> {
    let (id, region, name) = (&api.id, &api.region, &stage.name);
    let mut urls = Vec::new();
    if !api.default_endpoint_disabled {
        urls.push(format!(
            "https://{id}.execute-api.{region}.amazonaws.com/{name}"
        ));
    }
    let domains = inventory.domains.iter().flatten();
    for domain in domains.filter(|it| it.region == *region) {
        for mapping in domain.mappings.iter().filter(|it| it.api_id == *id) {
            let mut url = format!("https://{}", domain.name);
            if !mapping.base_path.is_empty() {
                url += &format!("/{}", mapping.base_path);
            }
            match &mapping.stage {
                None => url += &format!("/{name}"),
                Some(other) if other == name => {}
                Some(_) => continue,
            }
            urls.push(url);
        }
    }
    urls
}

/// Who reaches the open method of a stage, by asking the resource policy about it.
fn exposure(api: &Api, stage: &Stage, has_url: bool) -> Exposure {
    let place = ["aws", &api.region, ACCOUNT];
    let method = Template::of_method(place, [&api.id, &stage.name], &["GET"], "/a/{x}");
    let admission = api.resource_policy.as_ref().map(|document| {
        let policy = resource_policy(document).unwrap();
        Admissions::new(&policy, Outsider::Anonymous, ACCOUNT, &api.id).of(&method)
    });
    match admission {
        _ if !has_url => Exposure::Closed,
        None | Some(Admission::FromAnywhere) => Exposure::Public,
        Some(Admission::FromNetworks) => Exposure::NetworkLimited,
        Some(Admission::Refused) => Exposure::Closed,
        Some(Admission::Undecided) => panic!("undecided"),
    }
}

#[test]
fn the_urls_of_300_apis_are_those_that_every_domain_name_gives() {
    let inventory = with_domain_names();
    let evaluation = evaluate(&inventory, &PolicyFile::default(), date(2026, 6, 15));
    let open = evaluation.findings.iter();
    let open = open.filter(|it| it.rule == RuleId::OpenMethod);
    let mut found = BTreeMap::new();
    for finding in open {
        let (place, reach) = (&finding.place, finding.reach.as_ref().unwrap());
        let api = &place.api.as_ref().unwrap().id;
        let key = (
            place.region.as_deref(),
            api.as_str(),
            place.stage.as_deref(),
        );
        let reach = (reach.exposure, reach.urls.to_vec());
        assert_eq!(found.insert(key, reach), None, "{key:?}");
    }
    assert_eq!(found.len(), 600);
    let (mut named, mut several) = (0, 0);
    let mut exposures = BTreeSet::new();
    for api in &inventory.apis {
        for stage in api.stages.iter().flatten() {
            let urls = urls(&inventory, api, stage);
            let of_domains = urls.len() - usize::from(!api.default_endpoint_disabled);
            named += usize::from(of_domains > 0);
            several += usize::from(of_domains > 1);
            let exposure = exposure(api, stage, !urls.is_empty());
            exposures.insert(exposure);
            let key = (
                Some(api.region.as_str()),
                api.id.as_str(),
                Some(stage.name.as_str()),
            );
            assert_eq!(
                found.get(&key),
                Some(&(exposure, urls.into_iter().map(Text::from).collect())),
                "{key:?}"
            );
        }
    }
    // The names lead somewhere, to some stages more than one, and to others none.
    assert!((100..590).contains(&named), "{named}");
    assert!(several > 20, "{several}");
    assert_eq!(exposures.len(), 3);
}
