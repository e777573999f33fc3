//! What a resource policy says to outsiders and which URLs lead to a stage, asked once a stage and held
//! against asking for each method and looking at every domain name.

use std::collections::{BTreeMap, BTreeSet};

use gatewatch::config::PolicyFile;
use gatewatch::finding::{Exposure, RuleId};
use gatewatch::model::{Api, Document, Inventory, Stage};
use gatewatch::policy::{MethodArn, Outcome, Outsider, outsider, outsider_at_stage};
use gatewatch::rules::evaluate;
use jiff::civil::date;
use proptest::collection;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

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

/// What a policy says of a stage is what it says of each of its methods. Returns whether anything is said.
fn says_the_same_of_each_method(policy: &Value) -> Result<bool, TestCaseError> {
    let method = |stage, verb, path| MethodArn {
        partition: "aws",
        region: "eu-west-1",
        account: ACCOUNT,
        api: "aaaaaaaaaa",
        stage,
        verb,
        path,
    };
    let paths = ["/", "/a/{x}", "/{proxy+}", "/{a}/{b}/{c}/{d}", "$connect"];
    let mut said = false;
    for who in [Outsider::Anonymous, Outsider::Signed] {
        for stage in ["prod", "$default"] {
            let at_stage = outsider_at_stage(policy, who, method(stage, "ANY", "/"));
            said |= at_stage.is_some();
            let methods = paths
                .into_iter()
                .flat_map(|path| ["GET", "ANY"].map(|verb| (verb, path)));
            for (verb, path) in methods {
                let method = method(stage, verb, path);
                prop_assert_eq!(outsider_at_stage(policy, who, method), at_stage);
                if let Some(at_stage) = at_stage {
                    let plain = outsider(policy, who, method);
                    prop_assert_eq!(at_stage, plain, "{:?}: {} {} at {}", who, verb, path, stage);
                }
            }
        }
    }
    Ok(said)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn outsiders_are_told_the_same_at_a_stage_as_at_each_method(policy in policy_for_outsiders(true)) {
        says_the_same_of_each_method(&policy)?;
    }

    #[test]
    fn a_policy_that_speaks_of_the_whole_api_is_asked_once(policy in policy_for_outsiders(false)) {
        let patterns = patterns(&policy);
        prop_assert!(patterns.iter().all(|it| WHOLE_API.contains(&it.as_str())));
        prop_assert!(says_the_same_of_each_method(&policy)?);
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
    let method = MethodArn {
        partition: "aws",
        region: &api.region,
        account: ACCOUNT,
        api: &api.id,
        stage: &stage.name,
        verb: "GET",
        path: "/a/{x}",
    };
    let outcome = api.resource_policy.as_ref().map(|it| match it {
        Document::Json(policy) => outsider(policy, Outsider::Anonymous, method),
        Document::Unparsed { error, .. } => panic!("{error}"),
    });
    match outcome {
        _ if !has_url => Exposure::Closed,
        None | Some(Outcome::Open) => Exposure::Public,
        Some(Outcome::NetworkLimited) => Exposure::NetworkLimited,
        Some(Outcome::Refused) => Exposure::Closed,
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
        let reach = (reach.exposure, reach.urls.clone());
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
            assert_eq!(found.get(&key), Some(&(exposure, urls)), "{key:?}");
        }
    }
    // The names lead somewhere, to some stages more than one, and to others none.
    assert!((100..590).contains(&named), "{named}");
    assert!(several > 20, "{several}");
    assert_eq!(exposures.len(), 3);
}
