//! The quick ways to many decisions, held against the plain decision on each.

use std::collections::{BTreeMap, BTreeSet};

use gatewatch::audit::access::{CallableMethod, Cell, Estate, Holder, PolicySource};
use gatewatch::iam::document::Policy;
use gatewatch::iam::{
    Caller, Context, Policies, Question, Template, Verdict, access, allows_every_call, denies_calls,
};
use gatewatch::inventory::Inventory;
use proptest::collection;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

pub(crate) const ACCOUNT: &str = "111122223333";
const USER: &str = "arn:aws:iam::111122223333:user/user0";

pub(crate) const REGIONS: [&str; 3] = ["eu-west-1", "us-east-1", "ap-southeast-2"];

/// The Regions and ids of the APIs. An id is unique within its Region only.
const PLACES: [(&str, &str); 4] = [
    ("eu-west-1", "aaaaaaaaaa"),
    ("us-east-1", "aaaaaaaaaa"),
    ("eu-west-1", "aaaaaaaaab"),
    ("eu-west-1", "bbbbbbbbbb"),
];

/// One of these texts. What is there twice comes twice as often.
pub(crate) fn one_of(choices: &[&'static str]) -> impl Strategy<Value = &'static str> + use<> {
    select(choices.to_vec())
}

/// Adds the elements of one object to another.
pub(crate) fn add(to: &mut Value, elements: &Value) {
    for (element, value) in elements.as_object().unwrap() {
        to[element] = value.clone();
    }
}

/// The ways to name `execute-api:Invoke`, or something else.
pub(crate) fn actions() -> Vec<Value> {
    vec![
        json!({"Action": "execute-api:Invoke"}),
        json!({"Action": "execute-api:Invoke"}),
        json!({"Action": ["s3:GetObject", "EXECUTE-API:*"]}),
        json!({"Action": "*"}),
        json!({"NotAction": "iam:*"}),
        json!({"Action": "execute-api:ManageConnections"}),
        json!({"NotAction": "execute-api:Inv*"}),
    ]
}

fn conditions() -> Vec<Value> {
    vec![
        json!({}),
        json!({}),
        json!({}),
        json!({"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}),
        json!({"Condition": {"StringEquals": {"aws:username": "user0"}}}),
        json!({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
        json!({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
    ]
}

/// A resource of an identity policy, with wildcards in any of its parts.
fn pattern() -> impl Strategy<Value = String> {
    let parts = (
        one_of(&["eu-west-1", "*", "*", "us-*", "??-west-1"]),
        one_of(&[ACCOUNT, "*", "4*"]),
        one_of(&["aaaaaaaaaa", "aaaaaaaaa?", "a*", "*b", "*"]),
        one_of(&["prod", "*", "*", "p*", "?e?"]),
        one_of(&["GET", "*", "*", "P*", "???"]),
        one_of(&[
            "/*",
            "/*",
            "/a",
            "/a/*",
            "/?",
            "*",
            "/a/b",
            "/{x}/a",
            "/a/${aws:username}",
        ]),
    );
    let of_method = parts.prop_map(|(region, account, api, stage, verb, path)| {
        format!("arn:aws:execute-api:{region}:{account}:{api}/{stage}/{verb}{path}")
    });
    let whole = one_of(&[
        "*",
        "arn:aws:execute-api:*:*:*",
        "arn:aws:execute-api:*:111122223333:aaaaaaaaaa/*",
        "arn:aws:exec*",
        "arn:aws:execute-api:*:*:*/$connect",
        "arn:aws:execute-api:*:*:a*/${aws:username}",
        "arn:aws:execute-api:*:*:*/prod/${aws:username}",
        "arn:aws:s3:::bucket/*",
    ]);
    prop_oneof![
        6 => of_method,
        1 => whole.prop_map(str::to_owned),
    ]
}

fn statement() -> impl Strategy<Value = Value> {
    let parts = (
        one_of(&["Allow", "Allow", "Allow", "Deny"]),
        select(actions()),
        prop::bool::weighted(0.15),
        collection::vec(pattern(), 1..3),
        select(conditions()),
    );
    parts.prop_map(|(effect, action, not, patterns, condition)| {
        let element = if not { "NotResource" } else { "Resource" };
        let mut statement = json!({"Effect": effect, element: patterns});
        add(&mut statement, &action);
        add(&mut statement, &condition);
        statement
    })
}

fn unparsed() -> Value {
    json!({"unparsed": {"text": "{", "error": "EOF while parsing an object"}})
}

/// The document of an identity policy. Few cannot be read: they decide all that they weigh on.
fn document() -> impl Strategy<Value = Value> {
    let version = one_of(&["2012-10-17", "2012-10-17", "2008-10-17"]);
    let policy = (version, collection::vec(statement(), 1..3));
    let policy = policy.prop_map(
        |(version, statements)| json!({"json": {"Version": version, "Statement": statements}}),
    );
    let no_operator = json!({"json": {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEqualz": {"a": "b"}}}]}});
    prop_oneof![
        60 => policy,
        1 => Just(unparsed()),
        1 => Just(no_operator),
    ]
}

/// The resource policy of an API, or null.
fn resource_policy() -> impl Strategy<Value = Value> {
    let principals = vec![
        json!({"Principal": "*"}),
        json!({"Principal": {"AWS": USER}}),
        json!({"Principal": {"AWS": ACCOUNT}}),
        json!({"NotPrincipal": {"AWS": USER}}),
    ];
    let resources = vec![
        json!({}),
        json!({"Resource": "execute-api:/*"}),
        json!({"Resource": ["execute-api:/prod/*", "execute-api:/dev/GET/a"]}),
        json!({"Resource": "arn:aws:execute-api:*:*:aaaaaaaaaa/*/P*"}),
        json!({"NotResource": "execute-api:/*/GET/*"}),
    ];
    let statement = (
        one_of(&["Allow", "Allow", "Deny"]),
        select(principals),
        select(resources),
        select(conditions()),
    );
    let statement = statement.prop_map(|(effect, principal, resource, condition)| {
        let mut statement = json!({"Effect": effect, "Action": "execute-api:Invoke"});
        for elements in [principal, resource, condition] {
            add(&mut statement, &elements);
        }
        statement
    });
    let policy = collection::vec(statement, 1..3)
        .prop_map(|statements| json!({"json": {"Version": "2012-10-17", "Statement": statements}}));
    prop_oneof![
        8 => Just(Value::Null),
        4 => policy,
        1 => Just(unparsed()),
        1 => Just(json!({"json": {"Version": "2012-10-17", "Statement": []}})),
    ]
}

fn method(verb: &str, path: &str) -> Value {
    json!({"verb": verb, "path": path, "authorization": "AWS_IAM", "api_key_required": false})
}

/// What a deployment of an API of this kind froze.
fn deployed(kind: &str, methods: &[(&str, &str)]) -> Value {
    let mut names: BTreeSet<(&str, &str)> = methods.iter().copied().collect();
    match kind {
        "WEBSOCKET" => names = BTreeSet::from([("ANY", "$connect"), ("ANY", "$default")]),
        "HTTP" => {
            names.insert(("ANY", "$default"));
        }
        _ => {}
    }
    let methods = names.into_iter().map(|(verb, path)| {
        let mut method = method(verb, path);
        if kind != "REST" {
            let has_path = path.starts_with('/');
            method["route_key"] = match has_path {
                true => json!(format!("{verb} {path}")),
                false => json!(path),
            };
        }
        method
    });
    methods.collect()
}

/// An API with a stage `prod` that serves the first deployment, and a stage `dev` that serves the last.
pub(crate) fn with_stages(region: &str, id: &str, kind: &str, deployments: &[Value]) -> Value {
    let last = format!("d{}", deployments.len());
    let deployments = deployments.iter().enumerate().map(|(place, methods)| {
        json!({"id": format!("d{}", place + 1), "created_at": null, "methods": methods})
    });
    let deployments: Value = deployments.collect();
    json!({"region": region, "id": id, "name": format!("the {kind} API"), "kind": kind,
           "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false, "resource_policy": null,
           "stages": [{"name": "prod", "deployment_id": "d1"}, {"name": "dev", "deployment_id": last}],
           "deployments": deployments, "draft": []})
}

/// An API whose Region and id are yet to be told.
fn api() -> impl Strategy<Value = Value> {
    let methods = || {
        let verbs = one_of(&["GET", "POST", "ANY", "ANY"]);
        let paths = one_of(&["/", "/a", "/a/{x}", "/a/{rest+}", "/{proxy+}", "/{x}/a"]);
        collection::vec((verbs, paths), 0..4)
    };
    let parts = (
        one_of(&["REST", "REST", "REST", "HTTP", "WEBSOCKET"]),
        methods(),
        methods(),
        one_of(&["prod", "both", "both", "canary"]),
        resource_policy(),
    );
    parts.prop_map(|(kind, first, second, stages, policy)| {
        let deployments = [deployed(kind, &first), deployed(kind, &second)];
        let mut api = with_stages("", "", kind, &deployments);
        api["resource_policy"] = policy;
        if stages != "both" {
            api["stages"].as_array_mut().unwrap().truncate(1);
        }
        if stages == "canary" {
            api["stages"][0]["canary"] = json!({"deployment_id": "d2", "percent_traffic": 10.0});
        }
        api
    })
}

/// What a group, user or role holds. The managed policies are told by number.
#[derive(Debug, Clone)]
struct Holding {
    attached: Vec<usize>,
    inline: Option<Value>,
    boundary: Option<usize>,
    lacks_a_document: bool,
    is_member: bool,
}

fn holding() -> impl Strategy<Value = Holding> {
    let parts = (
        collection::vec(0..4_usize, 0..3),
        prop::option::weighted(0.4, document()),
        prop::option::weighted(0.2, 0..4_usize),
        prop::bool::weighted(0.02),
        any::<bool>(),
    );
    parts.prop_map(
        |(attached, inline, boundary, lacks_a_document, is_member)| Holding {
            attached,
            inline,
            boundary,
            lacks_a_document,
            is_member,
        },
    )
}

fn managed_arn(number: usize) -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy/p{number}")
}

fn managed(number: usize, document: &Value) -> Value {
    json!({"name": format!("p{number}"), "arn": managed_arn(number), "version": "v1", "document": document})
}

/// A group, user or role without anything.
fn holder(kind: &str, number: usize) -> Value {
    let name = format!("{kind}{number}");
    let mut holder = json!({"name": name, "arn": format!("arn:aws:iam::{ACCOUNT}:{kind}/{name}"),
                            "inline": [], "attached": []});
    if kind == "user" {
        holder["groups"] = json!([]);
    }
    holder
}

fn inline(document: &Value) -> Value {
    json!([{"name": "own", "document": document}])
}

/// Holders of one kind. Of the managed policies there are so many, which they share.
fn holders(kind: &str, holdings: &[Holding], policies: usize, has_group: bool) -> Value {
    let holders = holdings.iter().enumerate().map(|(number, holding)| {
        let mut holder = holder(kind, number);
        let attached = holding.attached.iter().map(|it| {
            let number = it % policies;
            json!({"name": format!("p{number}"), "arn": managed_arn(number)})
        });
        let mut attached: Vec<Value> = attached.collect();
        if holding.lacks_a_document {
            attached.push(json!({"name": "gone", "arn": "arn:aws:iam::aws:policy/gone"}));
        }
        holder["attached"] = json!(attached);
        if let Some(document) = &holding.inline {
            holder["inline"] = inline(document);
        }
        if kind != "group" {
            let boundary = holding.boundary.map(|it| managed_arn(it % policies));
            holder["permissions_boundary"] = json!(boundary);
        }
        if kind == "user" && has_group && holding.is_member {
            holder["groups"] = json!(["group0"]);
        }
        holder
    });
    holders.collect()
}

pub(crate) fn whole(apis: &[Value], domains: &[Value], iam: &Value) -> Inventory {
    let inventory = json!({"schema_version": 1, "account": ACCOUNT, "partition": "aws",
        "taken_at": "2026-06-15T06:00:00Z", "scope": {"regions": REGIONS},
        "apis": apis, "domains": domains, "iam": iam, "gaps": []});
    Inventory::from_json(&inventory.to_string()).unwrap()
}

fn inventory() -> impl Strategy<Value = Inventory> {
    let parts = (
        collection::vec(api(), 0..5),
        collection::vec(document(), 1..4),
        collection::vec(holding(), 0..3),
        collection::vec(holding(), 0..3),
        collection::vec(holding(), 0..3),
    );
    parts.prop_map(|(mut apis, documents, groups, users, roles)| {
        for (api, (region, id)) in apis.iter_mut().zip(PLACES) {
            (api["region"], api["id"]) = (json!(region), json!(id));
        }
        let (count, has_group) = (documents.len(), !groups.is_empty());
        let policies = documents.iter().enumerate();
        let policies: Value = policies
            .map(|(number, document)| managed(number, document))
            .collect();
        let iam = json!({"groups": holders("group", &groups, count, has_group),
                         "users": holders("user", &users, count, has_group),
                         "roles": holders("role", &roles, count, has_group),
                         "policies": policies});
        whole(&apis, &[], &iam)
    })
}

/// Decides on every holder and method one by one, and asks the same in each of the quick ways. Returns the
/// places of the methods that nobody may call.
fn agrees(inventory: &Inventory) -> Result<Vec<usize>, TestCaseError> {
    let estate = Estate::new(inventory).unwrap();
    let (holders, methods) = (estate.holders(), estate.methods());
    let decided = |holder: &Holder, method: &CallableMethod<'_>| {
        let access = estate.decide(holder, method).access;
        Cell {
            verdict: access.verdict,
            conditional: access.conditional,
        }
    };
    let plain = holders.iter().map(|holder| {
        let row = methods.iter().map(|method| decided(holder, method));
        row.collect::<Vec<Cell>>()
    });
    let plain: Vec<Vec<Cell>> = plain.collect();

    let matrix = estate.matrix(holders);
    prop_assert_eq!(matrix.len(), holders.len());
    for ((holder, plain), (asked, row)) in holders.iter().zip(&plain).zip(&matrix) {
        prop_assert_eq!(&asked.arn, &holder.arn);
        prop_assert_eq!(row, plain, "the row of {}", holder.arn);
        let sources: Vec<&PolicySource> = holder.sources.iter().skip(1).collect();
        let every: Vec<&CallableMethod<'_>> = methods.iter().collect();
        let alone = estate.allowed_by_of_each(holder, &sources, &every);
        let alone: Vec<Cell> = alone.collect();
        prop_assert_eq!(alone.len(), methods.len());
        let asked = estate.ask_allowed_by(holder, sources.iter().copied());
        for (method, alone) in methods.iter().zip(alone) {
            let by_one = estate.allowed_by(holder, sources.iter().copied(), method);
            let (arn, name) = (&holder.arn, method.name());
            prop_assert_eq!(alone, by_one, "{} on {}", arn, name);
            prop_assert_eq!(asked.of(method), by_one, "{} on {}", arn, name);
        }
    }

    // In another order, and not of all methods.
    let is_asked = |place: &usize| !(*place).is_multiple_of(3);
    let places: Vec<usize> = (0..methods.len()).rev().filter(is_asked).collect();
    let asking: Vec<&Holder> = holders.iter().rev().collect();
    let asked: Vec<_> = places.iter().map(|place| &methods[*place]).collect();
    let permits = estate.permits(&asking, &asked);
    for (number, (holder, row)) in asking.iter().zip(plain.iter().rev()).enumerate() {
        let may = |place: &usize| matches!(row[*place].verdict, Verdict::Some | Verdict::All);
        let allowed: Vec<usize> = places.iter().copied().filter(may).collect();
        let found: Vec<usize> = permits.of(number).map(|it| places[it]).collect();
        prop_assert_eq!(found, allowed, "what {} may call", holder.arn);
        let cells = estate.cells(holder, &asked);
        let expected: Vec<Cell> = places.iter().map(|place| row[*place]).collect();
        prop_assert_eq!(cells, expected, "what {} may call, alone", holder.arn);
    }
    // A policy that is said not to allow anything of a method by itself does not.
    for (number, holder) in asking.iter().enumerate() {
        for (source_number, source) in holder.sources.iter().enumerate() {
            for (at, method) in asked.iter().enumerate() {
                let alone = estate.allowed_by(holder, [source], method).verdict;
                let may = permits.may_allow(number, source_number, at);
                prop_assert!(
                    may || alone == Verdict::None,
                    "{} by {}",
                    method.name(),
                    source.name
                );
            }
        }
    }
    // Methods of one kind are alike to everybody.
    let mut of_kind: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, place) in places.iter().enumerate() {
        let first = *of_kind.entry(permits.kind(at).unwrap()).or_insert(*place);
        for row in &plain {
            prop_assert_eq!(row[first].verdict, row[*place].verdict);
        }
    }
    prop_assert_eq!(permits.of(holders.len()).count(), 0);

    let has_no_policy = |place: &usize| methods[*place].api.resource_policy.is_none();
    let places: Vec<usize> = (0..methods.len()).filter(has_no_policy).collect();
    let by_nobody = |place: &usize| plain.iter().all(|row| row[*place].verdict == Verdict::None);
    let expected: Vec<usize> = places.iter().copied().filter(by_nobody).collect();
    let asked: Vec<_> = places.iter().map(|place| &methods[*place]).collect();
    let found = estate.uncallable(&asked).into_iter().map(|found| {
        let mut all = methods.iter();
        all.position(|it| std::ptr::eq(it, found)).unwrap()
    });
    let found: Vec<usize> = found.collect();
    prop_assert_eq!(&found, &expected, "the methods that nobody may call");
    Ok(found)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_quick_ways_say_what_each_decision_says(inventory in inventory()) {
        agrees(&inventory)?;
    }
}

/// The property above would say little if hardly anybody could call anything.
#[test]
fn the_inventories_that_are_made_up_reach_every_answer() {
    let mut runner = TestRunner::deterministic();
    let strategy = inventory();
    let mut verdicts: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut conditional, mut uncallable, mut alike) = (0, 0, 0);
    for _ in 0..150 {
        let inventory = strategy.new_tree(&mut runner).unwrap().current();
        let estate = Estate::new(&inventory).unwrap();
        for (_, row) in estate.matrix(estate.holders()) {
            for cell in row {
                *verdicts.entry(cell.verdict.as_str()).or_default() += 1;
                conditional += usize::from(cell.conditional);
            }
        }
        let methods = estate.methods().iter();
        let alone: Vec<_> = methods
            .filter(|it| it.api.resource_policy.is_none())
            .collect();
        let names: BTreeSet<(&str, &str)> = alone.iter().map(|it| (it.verb, it.path)).collect();
        alike += alone.len() - names.len();
        if !estate.holders().is_empty() {
            uncallable += estate.uncallable(&alone).len();
        }
    }
    for verdict in ["ALL", "SOME", "NONE", "UNDECIDED"] {
        let times = verdicts.get(verdict).copied().unwrap_or_default();
        assert!(times > 10, "{verdict}: {times}");
    }
    for (what, times) in [
        ("conditional", conditional),
        ("uncallable", uncallable),
        ("alike", alike),
    ] {
        assert!(times > 10, "{what}: {times}");
    }
}

/// So many methods that are all told apart, and so many users, each of whom may call those with some last
/// digit.
fn grid(methods: usize, users: usize) -> Inventory {
    let deployment = (0..methods).map(|it| method("GET", &format!("/p{it}")));
    let deployment: Value = deployment.collect();
    let mut api = with_stages("eu-west-1", "aaaaaaaaaa", "REST", &[deployment]);
    api["stages"].as_array_mut().unwrap().truncate(1);
    let say = |effect: &str, path: &str| {
        json!({"Effect": effect, "Action": "execute-api:Invoke",
               "Resource": format!("arn:aws:execute-api:*:*:aaaaaaaaaa/*/GET/{path}")})
    };
    let users = (0..users).map(|number| {
        let mut statements = vec![say("Allow", &format!("p*{}", number % 5))];
        if number.is_multiple_of(3) {
            statements.push(say("Deny", "p1?"));
        }
        if number % 4 == 1 {
            let mut at_home = say("Allow", "p?");
            at_home["Condition"] = json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}});
            statements.push(at_home);
        }
        let mut user = holder("user", number);
        user["inline"] =
            inline(&json!({"json": {"Version": "2012-10-17", "Statement": statements}}));
        if number % 5 == 2 {
            user["permissions_boundary"] = json!(managed_arn(0));
        }
        user
    });
    let users: Value = users.collect();
    let boundary = json!({"json": {"Version": "2012-10-17", "Statement": [say("Allow", "p??*")]}});
    let iam =
        json!({"groups": [], "users": users, "roles": [], "policies": [managed(0, &boundary)]});
    whole(&[api], &[], &iam)
}

#[test]
fn methods_up_to_the_end_of_a_block_and_beyond() {
    for methods in [0, 1, 63, 64, 65, 129] {
        let uncallable = agrees(&grid(methods, 3)).unwrap();
        assert_eq!(uncallable.is_empty(), methods < 2, "{methods}");
        if methods == 129 {
            // `GET /p99`, the last by its path.
            assert_eq!(uncallable.last(), Some(&128));
        }
    }
}

#[test]
fn holders_up_to_as_many_as_a_block_has_methods_and_beyond() {
    for (users, expected) in [(0, 6), (1, 5), (63, 0), (64, 0), (65, 0), (129, 0)] {
        let uncallable = agrees(&grid(6, users)).unwrap();
        assert_eq!(uncallable.len(), expected, "{users} users");
    }
    assert_eq!(agrees(&grid(0, 0)).unwrap(), Vec::<usize>::new());
}

#[test]
fn methods_of_many_stages_are_alike_until_a_policy_tells_them_apart() {
    let methods = [("GET", "/a"), ("ANY", "/a"), ("GET", "/b/{x}")];
    let apis = (0..24).map(|number| {
        let region = if number % 2 == 0 {
            "eu-west-1"
        } else {
            "us-east-1"
        };
        let id = format!("a{number:09}");
        let mut api = with_stages(region, &id, "REST", &[deployed("REST", &methods)]);
        if (20..22).contains(&number) {
            api["resource_policy"] = json!({"json": {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": USER}, "Action": "execute-api:Invoke",
                 "Resource": "execute-api:/dev/*"}]}});
        }
        api
    });
    let apis: Vec<Value> = apis.collect();
    let allow = |patterns: &[&str]| {
        inline(&json!({"json": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "execute-api:*", "Resource": patterns}]}}))
    };
    let (mut group, mut user, mut role) =
        (holder("group", 0), holder("user", 0), holder("role", 0));
    group["inline"] = allow(&["arn:aws:execute-api:eu-west-1:*:*/prod/GET/a"]);
    user["inline"] = allow(&[
        "arn:aws:execute-api:*:*:a000000007/dev/*",
        "arn:aws:execute-api:*:*:*9/prod/P*",
    ]);
    role["inline"] = allow(&["arn:aws:execute-api:us-east-1:*:a00000001?/*/GET/b/*"]);
    let iam = json!({"groups": [group], "users": [user], "roles": [role], "policies": []});
    let uncallable = agrees(&whole(&apis, &[], &iam)).unwrap();
    assert!(uncallable.len() > 64, "{}", uncallable.len());
    assert!(uncallable.len() < 22 * 6, "{}", uncallable.len());
}

/// A variable has one value for one caller: it can be every request of one path, and not those of another, though both
/// are told by the same pattern. Where its pattern is no more than what all requests of the stage meet, all are alike.
#[test]
fn paths_of_a_stage_that_patterns_take_in_as_a_whole_are_alike_but_for_variables() {
    let methods = [
        ("GET", "/a"),
        ("GET", "/{x}"),
        ("GET", "/a/{rest+}"),
        ("ANY", "/b"),
    ];
    let deployments = [deployed("REST", &methods)];
    let mut api = with_stages("eu-west-1", "aaaaaaaaaa", "REST", &deployments);
    api["stages"].as_array_mut().unwrap().truncate(1);
    for pattern in [
        "arn:aws:execute-api:*:*:*/prod/${aws:username}",
        "arn:aws:execute-api:*:*:a*/${aws:username}",
        "arn:aws:execute-api:*:*:${aws:username}",
        "arn:aws:execute-api:*:*:*/prod/*",
        "arn:aws:execute-api:*:*:*",
    ] {
        let mut group = holder("group", 0);
        group["inline"] = inline(&json!({"json": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "execute-api:*", "Resource": pattern}]}}));
        let iam = json!({"groups": [group], "users": [], "roles": [], "policies": []});
        let inventory = whole(std::slice::from_ref(&api), &[], &iam);
        agrees(&inventory).unwrap();
        let estate = Estate::new(&inventory).unwrap();
        let verdicts: BTreeSet<Verdict> = estate.matrix(estate.holders())[0]
            .1
            .iter()
            .map(|it| it.verdict)
            .collect();
        let has_variable = pattern.contains('$');
        assert_eq!(
            verdicts.contains(&Verdict::Some),
            has_variable,
            "{pattern}: {verdicts:?}"
        );
    }
}

#[test]
fn any_answers_the_verbs_that_its_path_has_no_method_for() {
    for in_canary in [false, true] {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for mask in 0..128_u32 {
            let path = format!("/m{mask}");
            first.push(method("ANY", &path));
            let verbs = Template::VERBS.iter().enumerate();
            for (_, verb) in verbs.filter(|(bit, _)| mask & (1_u32 << *bit) != 0) {
                let of = if in_canary { &mut second } else { &mut first };
                of.push(method(verb, &path));
            }
        }
        let deployments = [json!(first), json!(second)];
        let mut api = with_stages("eu-west-1", "aaaaaaaaaa", "REST", &deployments);
        api["stages"].as_array_mut().unwrap().truncate(1);
        if in_canary {
            api["stages"][0]["canary"] = json!({"deployment_id": "d2", "percent_traffic": 10.0});
        }
        let users = Template::VERBS.iter().enumerate().map(|(number, verb)| {
            let mut user = holder("user", number);
            user["inline"] = inline(&json!({"json": {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "execute-api:Invoke",
                 "Resource": format!("arn:aws:execute-api:*:*:*/*/{verb}/*")}]}}));
            user
        });
        let users: Value = users.collect();
        let iam = json!({"groups": [], "users": users, "roles": [], "policies": []});
        let inventory = whole(&[api], &[], &iam);
        let estate = Estate::new(&inventory).unwrap();
        let rows = estate.matrix(estate.holders());
        let mut asked = 0;
        for ((_, row), own) in rows.iter().zip(Template::VERBS) {
            let all = estate.methods().iter().zip(row);
            for (method, cell) in all.filter(|(it, _)| it.verb == "ANY") {
                let mask: u32 = method.path["/m".len()..].parse().unwrap();
                let verbs = Template::VERBS.into_iter().enumerate();
                let left = verbs.filter(|(bit, _)| mask & (1_u32 << *bit) == 0);
                let left: Vec<&str> = left.map(|(_, verb)| verb).collect();
                // A path with a method for each verb: it is asked about as if there were none.
                let expected = match (left.contains(&own), left.len()) {
                    (_, 0) => Verdict::Some,
                    (false, _) => Verdict::None,
                    (true, 1) => Verdict::All,
                    (true, _) => Verdict::Some,
                };
                assert_eq!(cell.verdict, expected, "{own} of {}", method.path);
                asked += 1;
            }
        }
        assert_eq!(asked, 128 * 7);
    }
}

/// A policy that may well allow every call, or seem to.
fn sweeping_policy() -> impl Strategy<Value = Policy> {
    let parts = (
        one_of(&["arn", "arn", "*", "ar?"]),
        one_of(&["aws", "aws", "*", "aws-cn"]),
        one_of(&["execute-api", "execute-api", "*", "exec*", "s3"]),
        one_of(&["*", "*", "**", "eu-*", "eu-west-1", ""]),
        one_of(&[ACCOUNT, "*", "444455556666"]),
        one_of(&["*", "*", "**", "aaaaaaaaaa/*", "*x", "?*", ""]),
        select(vec![6_usize, 6, 6, 5, 4, 3, 2, 1]),
    );
    let pattern = parts.prop_map(|(arn, partition, service, region, account, last, count)| {
        let parts = [arn, partition, service, region, account, last];
        parts[..count].join(":")
    });
    let statement = (
        one_of(&["Allow", "Allow", "Allow", "Allow", "Deny"]),
        select(actions()),
        prop::bool::weighted(0.1),
        collection::vec(pattern, 1..3),
        select(conditions()),
    );
    let statement = statement.prop_map(|(effect, action, not, patterns, condition)| {
        let element = if not { "NotResource" } else { "Resource" };
        let mut statement = json!({"Effect": effect, element: patterns});
        add(&mut statement, &action);
        add(&mut statement, &condition);
        statement
    });
    collection::vec(statement, 1..4).prop_map(|statements| {
        Policy::from_value(&json!({"Version": "2012-10-17", "Statement": statements})).unwrap()
    })
}

/// Methods of all sorts, in several Regions.
fn everywhere() -> Vec<Template> {
    let of_region = |region| {
        let place = ["aws", region, ACCOUNT];
        [
            Template::of_method(place, ["aaaaaaaaaa", "prod"], &["GET"], "/"),
            Template::of_method(place, ["b", "$default"], &Template::VERBS, "/{proxy+}"),
            Template::of_method(place, ["aaaaaaaaaa", "x"], &["PUT", "POST"], "/a/{x}/b"),
            Template::of_route(place, ["cccccccccc", "prod"], "$connect"),
        ]
    };
    ["eu-west-1", "us-east-1"]
        .into_iter()
        .flat_map(of_region)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_one_look_at_a_policy_tells_is_what_the_decision_says(policy in sweeping_policy()) {
        let (caller, context) = (Caller::read(USER).unwrap(), Context::open());
        let question = Question {
            caller: &caller,
            action: "execute-api:Invoke",
            resource_account: ACCOUNT,
            api: "aaaaaaaaaa",
            context: &context,
        };
        let everything = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
        let everything = Policy::from_value(&everything).unwrap();
        let denies = denies_calls(&policy);
        let allows = allows_every_call(&policy, "aws", ACCOUNT);
        for template in everywhere() {
            let answer = |identity: Vec<&Policy>| {
                let policies = Policies { identity, ..Policies::default() };
                let access = access(&policies, question, &template);
                (access.verdict, access.conditional)
            };
            if !denies {
                prop_assert_eq!(answer(vec![&everything, &policy]), (Verdict::All, false));
                if allows {
                    prop_assert_eq!(answer(vec![&policy]), (Verdict::All, false));
                }
            }
        }
    }
}

#[test]
fn the_policies_that_are_made_up_are_of_both_sorts() {
    let mut runner = TestRunner::deterministic();
    let strategy = sweeping_policy();
    let (mut allow, mut deny) = (0, 0);
    for _ in 0..600 {
        let policy = strategy.new_tree(&mut runner).unwrap().current();
        let denies = denies_calls(&policy);
        deny += usize::from(denies);
        allow += usize::from(!denies && allows_every_call(&policy, "aws", ACCOUNT));
    }
    assert!((10..400).contains(&allow), "{allow}");
    assert!((50..500).contains(&deny), "{deny}");
}
