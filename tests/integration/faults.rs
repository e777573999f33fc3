//! An account behind microburst, which answers with faults as AWS sends them. What is read there is what
//! is read without them, or the gaps say exactly what is missing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::command::{Run, Shell};
use crate::support::testbed::{Faults, PetStore, REGION, Testbed};

/// What the draws begin from. From this seed, each of the rates below hits several of the first thirty
/// requests.
const SEED: u64 = 1;

/// The places where something is missing: a kind of gap, and what names the place.
type Places = BTreeSet<String>;

/// REST and HTTP APIs whose methods are in every state, one of them with two stages and a custom domain;
/// IAM groups with an attached policy and one of their own.
fn account(aws: &mut Testbed) -> PetStore {
    let size = json!({"rest_apis": 3, "resources": 3, "http_apis": 3});
    aws.call("gatewatch", "create_mixed_account", size);
    let pets = aws.petstore();
    aws.deploy(&pets, Some("test"));
    let domain =
        json!({"domainName": "api.example.com", "endpointConfiguration": {"types": ["EDGE"]}});
    aws.call("apigateway", "create_domain_name", domain);
    let mapping = json!({
        "domainName": "api.example.com", "basePath": "pets", "restApiId": pets.id, "stage": "prod",
    });
    aws.call("apigateway", "create_base_path_mapping", mapping);
    for group in ["callers", "testers"] {
        aws.call("iam", "create_group", json!({"GroupName": group}));
    }
    let invoke = "arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess";
    let attached = json!({"GroupName": "callers", "PolicyArn": invoke});
    aws.call("iam", "attach_group_policy", attached);
    let policy = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*",
    }});
    let own =
        json!({"GroupName": "testers", "PolicyName": "own", "PolicyDocument": policy.to_string()});
    aws.call("iam", "put_group_policy", own);
    aws.call("iam", "create_user", json!({"UserName": "alice"}));
    let member = json!({"GroupName": "callers", "UserName": "alice"});
    aws.call("iam", "add_user_to_group", member);
    pets
}

/// What was read of the account, and the report on it.
struct Reading {
    inventory: Value,
    /// The exit status of the reading.
    status: i32,
    report: Run,
}

fn read(shell: &Shell) -> Reading {
    let collected = shell.run(&["collect", "--region", REGION]);
    assert!(!collected.stdout.is_empty(), "{}", collected.stderr);
    Reading {
        report: shell.run_with_input(&["check", "-", "--format", "json"], &collected.stdout),
        inventory: collected.report(),
        status: collected.status,
    }
}

/// The account read without a fault: all of it.
fn undisturbed(aws: &Testbed) -> Reading {
    let whole = read(&aws.shell());
    assert_eq!(named(&whole.inventory), Places::new());
    assert_eq!((whole.status, whole.report.status), (0, 1));
    let count = |field: &str| whole.inventory[field].as_array().unwrap().len();
    assert_eq!((count("apis"), count("domains")), (7, 1));
    whole
}

/// Reads the account behind faults. What `whole` has and this reading has not is exactly what the gaps
/// name, the rest is equal, and the exit status tells which of the two it is. Gives the gaps' places.
fn compared(whole: &Reading, faults: &Faults) -> Places {
    let disturbed = read(&faults.shell());
    let gaps = named(&disturbed.inventory);
    assert_eq!(missing(&whole.inventory, &disturbed.inventory), gaps);
    let statuses = (disturbed.status, disturbed.report.status);
    if gaps.is_empty() {
        assert_eq!(statuses, (whole.status, whole.report.status));
        let findings = |reading: &Reading| reading.report.report()["findings"].clone();
        assert_eq!(findings(&disturbed), findings(whole));
    } else {
        assert_eq!(statuses, (3, 3));
    }
    gaps
}

/// The same under these rules, each of which must fire.
fn compared_under(whole: &Reading, faults: &mut Faults, rules: &[Value]) -> Places {
    faults.set(rules, SEED);
    let gaps = compared(whole, faults);
    let fired = faults.set(&[], SEED);
    assert!(fired.iter().all(|times| *times > 0), "{fired:?}: {rules:?}");
    gaps
}

/// The places that the gaps of an inventory name.
fn named(inventory: &Value) -> Places {
    let gaps = inventory["gaps"].as_array().unwrap().iter();
    let places = gaps.map(|gap| {
        let mut words = vec![
            &gap["kind"],
            &gap["region"],
            &gap["api"],
            &gap["stage"],
            &gap["subject"],
        ];
        // The two lists of a Region can be missing apart from each other.
        if gap["kind"] == "region" {
            words.push(&gap["operation"]);
        }
        let words = words.into_iter().filter_map(Value::as_str);
        words.collect::<Vec<_>>().join(" ")
    });
    places.collect()
}

/// The places where an inventory lacks what the whole one has. All else must be equal.
fn missing(whole: &Value, found: &Value) -> Places {
    let mut places = Places::new();
    // Becomes what must have been found, for all that is missing.
    let mut wanted = whole.clone();
    for field in ["taken_at", "gaps"] {
        wanted[field] = found[field].clone();
    }
    wanted["apis"].as_array_mut().unwrap().retain_mut(|api| {
        match with_id(&found["apis"], &api["id"]) {
            Some(found) => take(api, found, &mut places),
            None => {
                let rest = api["kind"] == "REST";
                let list = if rest { "GetRestApis" } else { "GetApis" };
                places.insert(format!("region {REGION} apigateway:{list}"));
            }
        }
        with_id(&found["apis"], &api["id"]).is_some()
    });
    if found["domains"].is_null() {
        places.insert(format!("domains {REGION}"));
        wanted["domains"] = Value::Null;
    }
    // A name whose paths are missing is there without them.
    for domain in wanted["domains"].as_array_mut().into_iter().flatten() {
        let mut known = found["domains"].as_array().unwrap().iter();
        let known = known.find(|it| it["name"] == domain["name"]).unwrap();
        if known["mappings"] == json!([]) && domain["mappings"] != json!([]) {
            places.insert(format!("domains {REGION} {}", text(&domain["name"])));
            domain["mappings"] = json!([]);
        }
    }
    if found["iam"].is_null() {
        places.insert("iam".to_owned());
        wanted["iam"] = Value::Null;
    } else {
        let known = found["iam"]["policies"].as_array().unwrap();
        let policies = wanted["iam"]["policies"].as_array_mut().unwrap();
        policies.retain(|policy| {
            let is_known = known.iter().any(|it| it["arn"] == policy["arn"]);
            if !is_known {
                places.insert(format!("policy-document {}", text(&policy["arn"])));
            }
            is_known
        });
    }
    assert_eq!(&wanted, found);
    places
}

/// Takes from an API what was not found of it, and notes the places.
fn take(api: &mut Value, found: &Value, places: &mut Places) {
    let at = format!("{REGION} {}", text(&api["id"]));
    let lacks = |api: &Value, field: &str| found[field].is_null() && !api[field].is_null();
    if lacks(api, "stages") {
        places.insert(format!("api {at}"));
        // Nothing more is asked about such an API.
        api["stages"] = Value::Null;
        api["draft"] = Value::Null;
        api["deployments"] = json!([]);
    }
    if lacks(api, "draft") {
        places.insert(format!("draft {at}"));
        api["draft"] = Value::Null;
    }
    let fields = api.as_object_mut().unwrap();
    // Only methods of the draft name authorizers.
    if fields["draft"].is_null() {
        fields.remove("authorizers");
    }
    if fields.contains_key("authorizers") && found["authorizers"].is_null() {
        places.insert(format!("authorizers {at}"));
        fields.remove("authorizers");
    }
    let stages = api["stages"].as_array().cloned().unwrap_or_default();
    let deployments = api["deployments"].as_array_mut().unwrap();
    deployments.retain(|deployment| {
        let id = &deployment["id"];
        let is_found = with_id(&found["deployments"], id).is_some();
        let serving = stages.iter().filter(|stage| stage["deployment_id"] == *id);
        for stage in serving.filter(|_| !is_found) {
            places.insert(format!("stage {at} {} {}", text(&stage["name"]), text(id)));
        }
        is_found
    });
}

fn with_id<'a>(list: &'a Value, id: &Value) -> Option<&'a Value> {
    list.as_array().unwrap().iter().find(|it| it["id"] == *id)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// A rule for each of these services. Not for STS: without its answer there is nothing to compare.
fn in_both(rule: &Value) -> Vec<Value> {
    let of = |service: &str| {
        let mut rule = rule.clone();
        rule["service"] = json!(service);
        rule
    };
    vec![of("apigateway"), of("iam")]
}

fn with(mut rule: Value, fault: &Value) -> Value {
    for (name, value) in fault.as_object().unwrap() {
        rule[name] = value.clone();
    }
    rule
}

/// An error that AWS may answer with at any time, and that goes away.
fn server_error() -> Value {
    json!({"error": {"code": "InternalFailure", "status": 500}})
}

fn cut_at(share: f64) -> Value {
    json!({"response": {"truncate_frac": share}})
}

/// What happens on a bad day, each kind by itself.
fn passing() -> Vec<Vec<Value>> {
    let at_rate = |rate: f64, fault: &Value| in_both(&with(json!({"probability": rate}), fault));
    let throttled = |service: &str, code: &str| {
        let rule = json!({"service": service, "probability": 0.2});
        with(rule, &json!({"error": {"code": code}}))
    };
    vec![
        vec![
            throttled("apigateway", "TooManyRequestsException"),
            throttled("iam", "Throttling"),
        ],
        at_rate(0.05, &json!({"reset": true})),
        at_rate(0.1, &json!({"latency": 2000})),
        at_rate(0.1, &server_error()),
        at_rate(0.1, &cut_at(0.5)),
        at_rate(0.1, &json!({"response": {"abort_frac": 0.5}})),
    ]
}

#[test]
fn what_passes_leaves_what_is_read_as_it_is_or_a_gap() {
    let mut aws = Testbed::start();
    account(&mut aws);
    let whole = undisturbed(&aws);
    let mut faults = aws.behind_faults();
    let kinds = passing();
    for rules in &kinds {
        faults.set(rules, SEED);
        compared(&whole, &faults);
        let fired = faults.set(&[], SEED);
        assert!(fired.iter().sum::<u64>() > 0, "{rules:?}");
    }
    let together = kinds.concat();
    faults.set(&together, SEED);
    compared(&whole, &faults);
    let fired = faults.set(&[], SEED);
    // Two rules for each kind.
    let of_each = fired.chunks(2).map(|fired| fired.iter().sum::<u64>());
    let of_each: Vec<u64> = of_each.collect();
    assert!(of_each.iter().all(|fired| *fired > 0), "{of_each:?}");
}

#[test]
fn an_answer_that_is_cut_short_once_is_read_again_wherever_it_was_cut() {
    let mut aws = Testbed::start();
    account(&mut aws);
    let whole = undisturbed(&aws);
    let mut faults = aws.behind_faults();
    let operations = [
        "GetRestApis",
        "GetStages",
        "GetDeployment",
        "GetResources",
        "GetDomainNames",
        "GetBasePathMappings",
        "GetAccountAuthorizationDetails",
        "GetPolicy",
        "GetPolicyVersion",
        "GetCallerIdentity",
    ];
    // The operations of apigatewayv2 are told by their paths.
    let paths = [
        "^/v2/apis$",
        "^/v2/apis/[^/]+/stages$",
        "^/v2/apis/[^/]+/routes$",
        "^/v2/apis/[^/]+/authorizers$",
    ];
    let operations = operations.map(|it| json!({"operation": it, "times": 1}));
    let paths = paths.map(|it| json!({"path": it, "times": 1}));
    // Without a body, within its first entries, within the account's id that STS gives, before its end.
    for share in [0.0, 0.3, 0.57, 0.8, 0.99] {
        let rules = operations.iter().chain(&paths);
        let rules: Vec<Value> = rules.map(|it| with(it.clone(), &cut_at(share))).collect();
        faults.set(&rules, SEED);
        assert_eq!(compared(&whole, &faults), Places::new(), "cut at {share}");
        assert_eq!(
            faults.set(&[], SEED),
            vec![1; rules.len()],
            "cut at {share}"
        );
    }
}

#[test]
fn what_fails_for_good_is_a_gap_there_and_nowhere_else() {
    let mut aws = Testbed::start();
    let pets = account(&mut aws);
    let whole = undisturbed(&aws);
    let mut faults = aws.behind_faults();
    // The same permission is wanted for both families: only a fault can take one of them.
    let refused = json!({"error": {"code": "AccessDeniedException", "status": 403}});
    let rule = with(json!({"path": "^/v2/"}), &refused);
    let gaps = compared_under(&whole, &mut faults, &[rule]);
    let http = format!("region {REGION} apigateway:GetApis");
    assert_eq!(gaps, Places::from([http]));

    let ids = |kind: &str| -> Vec<String> {
        let apis = whole.inventory["apis"].as_array().unwrap().iter();
        let apis = apis.filter(|api| api["kind"] == kind && api["id"] != pets.id.as_str());
        apis.map(|api| text(&api["id"]).to_owned()).collect()
    };
    let (rest, mut http) = (ids("REST"), ids("HTTP"));
    // Only a Lambda authorizer is asked for.
    let is_asked = |id: &String| {
        let api = with_id(&whole.inventory["apis"], &json!(id)).unwrap();
        api["authorizers"].is_array()
    };
    http.sort_by_key(is_asked);
    let gated = http.last().unwrap();
    let served = |api: &str| {
        let api = with_id(&whole.inventory["apis"], &json!(api)).unwrap();
        let stage = &api["stages"][0];
        format!("{} {}", text(&stage["name"]), text(&stage["deployment_id"]))
    };
    let at = |path: String, fault: Value| with(json!({"path": path}), &fault);
    let rules = [
        at(format!("^/restapis/{}/stages$", pets.id), server_error()),
        at(format!("^/restapis/{}/deployments/", rest[0]), cut_at(0.5)),
        at(
            format!("^/restapis/{}/resources$", rest[1]),
            json!({"reset": true}),
        ),
        at(
            format!("^/v2/apis/{}/routes$", http[0]),
            json!({"response": {"abort_frac": 0.5}}),
        ),
        at(
            format!("^/v2/apis/{gated}/authorizers$"),
            json!({"error": {"code": "TooManyRequestsException"}}),
        ),
        with(json!({"operation": "GetBasePathMappings"}), &server_error()),
        json!({"operation": "GetPolicyVersion", "error": {"code": "Throttling"}}),
    ];
    let wanted = [
        format!("api {REGION} {}", pets.id),
        format!("stage {REGION} {} {}", rest[0], served(&rest[0])),
        format!("draft {REGION} {}", rest[1]),
        format!("draft {REGION} {}", http[0]),
        // Its routes are what the stage serves; the emulator exports nothing in their place.
        format!("stage {REGION} {} {}", http[0], served(&http[0])),
        format!("authorizers {REGION} {gated}"),
        format!(
            "domains {REGION} {}",
            text(&whole.inventory["domains"][0]["name"])
        ),
        "policy-document arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess".to_owned(),
    ];
    let gaps = compared_under(&whole, &mut faults, &rules);
    assert_eq!(gaps, Places::from(wanted));
}

#[test]
fn a_list_without_a_body_is_not_an_empty_one() {
    let mut aws = Testbed::start();
    account(&mut aws);
    let whole = undisturbed(&aws);
    let mut faults = aws.behind_faults();
    let lists = ["^/restapis$", "^/v2/apis$", "^/domainnames$"];
    let mut rules = Vec::from(lists.map(|path| with(json!({"path": path}), &cut_at(0.0))));
    // Parts of XML read like a shorter answer.
    rules.push(with(json!({"service": "iam"}), &cut_at(0.5)));
    let wanted = [
        format!("region {REGION} apigateway:GetRestApis"),
        format!("region {REGION} apigateway:GetApis"),
        format!("domains {REGION}"),
        "iam".to_owned(),
    ];
    let gaps = compared_under(&whole, &mut faults, &rules);
    assert_eq!(gaps, Places::from(wanted));
}

#[test]
fn a_storm_leaves_gaps_that_say_what_it_took() {
    let mut aws = Testbed::start();
    account(&mut aws);
    let whole = undisturbed(&aws);
    let mut faults = aws.behind_faults();
    // The first call about each API: no wait for an answer begins where another has ended.
    let most = json!({"path": "^/(restapis|v2/apis)/[^/]+/stages$", "probability": 0.7});
    let rules = [
        with(most.clone(), &server_error()),
        with(most, &json!({"reset": true})),
    ];
    compared_under(&whole, &mut faults, &rules);
}

/// Refusals are not tried again: each leaves its gap at once.
fn refusals(rate: f64) -> Vec<Value> {
    let refused = json!({"error": {"code": "AccessDeniedException", "status": 403}});
    in_both(&with(json!({"probability": rate}), &refused))
}

#[test]
fn whatever_is_refused_is_what_the_gaps_name() {
    let mut aws = Testbed::start();
    account(&mut aws);
    let whole = undisturbed(&aws);
    let mut faults = aws.behind_faults();
    let mut kinds = BTreeSet::new();
    for seed in 1..=30 {
        faults.set(&refusals(0.3), seed);
        let gaps = compared(&whole, &faults);
        kinds.extend(
            gaps.iter()
                .map(|it| it.split(' ').next().unwrap().to_owned()),
        );
    }
    let all = [
        "api",
        "authorizers",
        "domains",
        "draft",
        "iam",
        "region",
        "stage",
    ];
    for kind in all {
        assert!(kinds.contains(kind), "{kind}: {kinds:?}");
    }
}

#[test]
fn an_account_that_cannot_be_told_gives_no_inventory() {
    let mut aws = Testbed::start();
    account(&mut aws);
    let mut faults = aws.behind_faults();
    let reset = json!({"reset": true});
    // The second leaves a part of the account's id.
    for fault in [server_error(), cut_at(0.57), reset] {
        faults.set(&[with(json!({"service": "sts"}), &fault)], SEED);
        let run = faults.shell().run(&["collect", "--region", REGION]);
        assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{fault}");
        let told = run.stderr.contains("sts:GetCallerIdentity");
        assert!(
            told && run.stderr.contains("nothing was checked"),
            "{}",
            run.stderr
        );
    }
}

/// What a ledger says of each finding: its standing, and where it is, by its id.
fn remembered(shell: &Shell, state: &str) -> BTreeMap<String, (String, Value)> {
    let run = shell.run(&["history", "--state", state, "--format", "json"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let report = run.report();
    let findings = report["findings"].as_array().unwrap().iter();
    let findings = findings.map(|it| {
        let standing = text(&it["standing"]).to_owned();
        (text(&it["id"]).to_owned(), (standing, it["place"].clone()))
    });
    findings.collect()
}

#[test]
fn a_disturbed_scan_resolves_only_what_was_mended() {
    let mut aws = Testbed::start();
    let pets = account(&mut aws);
    let mut faults = aws.behind_faults();
    let (calm, disturbed) = (aws.shell(), faults.shell());
    // Each shell has a folder of its own.
    let state = calm.folder().join("state").display().to_string();
    assert_eq!(calm.scan(&state).status, 1);
    let before = remembered(&calm, &state);
    assert!(before.len() > 15, "{before:?}");
    assert!(before.values().all(|(standing, _)| standing == "open"));

    aws.set_authorization(&pets, "POST", "/pets", "AWS_IAM");
    for stage in ["prod", "test"] {
        aws.deploy(&pets, Some(stage));
    }
    let is_mended = |place: &Value| {
        place["api"]["id"] == pets.id.as_str()
            && place["verb"] == "POST"
            && place["path"] == "/pets"
    };
    let mut incomplete = 0;
    for seed in 1..=8 {
        faults.set(&refusals(0.25), seed);
        let run = disturbed.scan(&state);
        let gaps = run.report()["coverage"]["gaps"].as_array().unwrap().len();
        let status = if gaps > 0 { 3 } else { 1 };
        assert_eq!(run.status, status, "{}", run.stderr);
        incomplete += usize::from(gaps > 0);
        let now = remembered(&calm, &state);
        for (id, (_, place)) in &before {
            let standing = now[id].0.as_str();
            let may_be = standing == "open" || (standing == "resolved" && is_mended(place));
            assert!(may_be, "seed {seed}: {standing}: {place}");
        }
    }
    assert!(incomplete > 0);

    assert_eq!(calm.scan(&state).status, 1);
    let mut mended = 0;
    for (id, (standing, place)) in remembered(&calm, &state) {
        // What was found besides were places that were not read, and what another rule said of a method whose draft
        // was not: that one became what is said of the method with the draft.
        let ends: &[&str] = match (before.contains_key(&id), is_mended(&place)) {
            (_, true) => &["resolved"],
            (true, false) => &["open"],
            (false, false) => &["resolved", "became"],
        };
        assert!(ends.contains(&standing.as_str()), "{standing}: {place}");
        mended += usize::from(is_mended(&place));
    }
    assert_eq!(mended, 2);
}
