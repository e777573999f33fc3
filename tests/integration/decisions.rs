//! The IAM decisions, held against deliberately plain second implementations.
//!
//! The plain ones read the JSON itself and try every request of a small world, one by one. Every example
//! that the exact decision gives is put to the decision on one request.

use gatewatch::policy::language::Policy;
use gatewatch::policy::{
    Attached, Caller, Context, Decision, Policies, Question, Survey, Template, Verdict, Weighing,
    access, decide,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
const INVOKE: &str = "execute-api:Invoke";
const HEAD: &str = "arn:aws:execute-api:eu-west-1:111122223333:";

/// The plainest reading of the wildcards, exponential and obvious.
fn wild(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (None, Some(_)) => false,
        (Some(('*', rest)), _) => (0..=text.len()).any(|skip| wild(rest, &text[skip..])),
        (Some(('?', rest)), Some((_, tail))) => wild(rest, tail),
        (Some((a, rest)), Some((b, tail))) => a == b && wild(rest, tail),
        (Some(_), None) => false,
    }
}

pub(crate) fn wild_text(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    wild(&pattern, &text)
}

/// Part by part; a `*` at the very end takes all parts that follow.
fn wild_arn(pattern: &str, arn: &str) -> bool {
    let patterns: Vec<&str> = pattern.splitn(6, ':').collect();
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let enough =
        patterns.len() == parts.len() || (patterns.len() < parts.len() && pattern.ends_with('*'));
    enough
        && patterns
            .iter()
            .zip(&parts)
            .all(|(pattern, part)| wild_text(pattern, part))
}

fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list
            .iter()
            .map(|it| it.as_str().unwrap().to_owned())
            .collect(),
        Value::String(text) => vec![text.clone()],
        other => panic!("{other}"),
    }
}

/// Whether a statement speaks of a request of alice's.
fn speaks(statement: &Value, arn: &str, of_alice: bool) -> bool {
    if !of_alice {
        return false;
    }
    let actions = list(&statement["Action"]);
    if !actions
        .iter()
        .any(|it| wild_text(&it.to_lowercase(), "execute-api:invoke"))
    {
        return false;
    }
    if let Some(not) = statement.get("NotResource") {
        return !list(not).iter().any(|it| wild_arn(it, arn));
    }
    list(&statement["Resource"])
        .iter()
        .any(|it| wild_arn(it, arn))
}

/// Whether a document has a statement of this effect that speaks of the request. `resource`: it is a
/// resource policy, and a statement must name alice, her account or everybody. `bounded`: alice has a
/// permissions boundary, and `NotPrincipal` spares nobody who has one.
fn any(
    document: &Value,
    effect: &str,
    arn: &str,
    resource: bool,
    (who, bounded): (&[&str], bool),
) -> bool {
    let among = |names: &Value| list(names).iter().any(|name| who.contains(&name.as_str()));
    document["Statement"].as_array().unwrap().iter().any(|it| {
        let named = !resource
            || match it.get("NotPrincipal") {
                Some(spared) => bounded || !among(&spared["AWS"]),
                None => among(&it["Principal"]["AWS"]),
            };
        it["Effect"] == effect && speaks(it, arn, named)
    })
}

/// A whole world of policies.
#[derive(Debug, Clone)]
struct World {
    identity: Vec<Value>,
    boundary: Option<Value>,
    scps: Vec<Vec<Value>>,
    resource: Option<Value>,
    same_account: bool,
}

impl World {
    fn plain(&self, arn: &str) -> Decision {
        let everyone = ["*", ALICE, "111122223333"];
        let identity = |effect| {
            self.identity
                .iter()
                .any(|it| any(it, effect, arn, false, (&[], false)))
        };
        let boundary = |effect| {
            self.boundary
                .iter()
                .any(|it| any(it, effect, arn, false, (&[], false)))
        };
        let mut levels = self.scps.iter();
        let scps_allow = levels.all(|level| {
            level
                .iter()
                .any(|it| any(it, "Allow", arn, false, (&[], false)))
        });
        let scps_deny = self
            .scps
            .iter()
            .flatten()
            .any(|it| any(it, "Deny", arn, false, (&[], false)));
        let resource = |effect, who: &[&str]| {
            self.resource
                .iter()
                .any(|it| any(it, effect, arn, true, (who, self.boundary.is_some())))
        };
        if identity("Deny") || boundary("Deny") || scps_deny || resource("Deny", &everyone) {
            return Decision::ExplicitlyDenied;
        }
        let in_bounds = self.boundary.is_none() || boundary("Allow");
        let allowed = if self.same_account {
            (identity("Allow") && in_bounds) || resource("Allow", &["*", ALICE])
        } else {
            identity("Allow") && resource("Allow", &everyone) && in_bounds
        };
        if allowed && scps_allow {
            Decision::Allowed
        } else {
            Decision::ImplicitlyDenied
        }
    }

    fn ask<T>(&self, ask: impl FnOnce(&Policies<'_>, Question<'_>) -> T) -> T {
        let read = |it: &Value| Policy::from_value(it).unwrap();
        let identity: Vec<Policy> = self.identity.iter().map(read).collect();
        let boundary = self.boundary.as_ref().map(read);
        let resource = self.resource.as_ref().map(read);
        let scps: Vec<Vec<Policy>> = self
            .scps
            .iter()
            .map(|level| level.iter().map(read).collect())
            .collect();
        let policies = Policies {
            identity: identity.iter().collect(),
            boundary: boundary.as_ref(),
            scps: scps.iter().map(|level| level.iter().collect()).collect(),
            resource: resource.as_ref(),
        };
        let caller = Caller::read(ALICE).unwrap();
        let context = Context::complete();
        let account = if self.same_account {
            "111122223333"
        } else {
            "444455556666"
        };
        ask(
            &policies,
            Question {
                caller: &caller,
                action: INVOKE,
                resource_account: account,
                api: "a",
                context: &context,
            },
        )
    }
}

fn document(patterns: &'static str, resource: bool) -> impl Strategy<Value = Value> {
    let statement = (
        prop::sample::select(vec!["Allow", "Allow", "Deny"]),
        any_bool(4),
        prop::collection::vec(patterns, 1..3),
        prop::sample::select(vec![
            "execute-api:Invoke",
            "EXECUTE-API:*",
            "execute-api:Man*",
            "*",
        ]),
        prop::sample::select(vec![
            "*",
            ALICE,
            "111122223333",
            "arn:aws:iam::111122223333:user/bob",
        ]),
        any_bool(2),
    );
    let statement = statement.prop_map(move |(effect, not, lasts, action, who, spares)| {
        let element = if not { "NotResource" } else { "Resource" };
        let patterns: Vec<String> = lasts
            .iter()
            .map(|last| match last.as_str() {
                "*" => "arn:aws:exec*".to_owned(),
                last => format!("{HEAD}{last}"),
            })
            .collect();
        let mut statement = json!({"Effect": effect, "Action": action, element: patterns});
        if resource {
            // AWS takes `NotPrincipal` with Deny alone.
            let spares = spares && effect == "Deny" && who != "*";
            let element = if spares { "NotPrincipal" } else { "Principal" };
            statement[element] = json!({"AWS": who});
        }
        statement
    });
    prop::collection::vec(statement, 1..4)
        .prop_map(|statements| json!({"Version": "2012-10-17", "Statement": statements}))
}

/// True one time in so many.
fn any_bool(times: u32) -> impl Strategy<Value = bool> {
    (0..times).prop_map(|it| it == 0)
}

fn world(patterns: &'static str) -> impl Strategy<Value = World> {
    (
        prop::collection::vec(document(patterns, false), 0..3),
        prop::option::weighted(0.3, document(patterns, false)),
        prop::collection::vec(prop::collection::vec(document(patterns, false), 1..3), 0..2),
        prop::option::weighted(0.4, document(patterns, true)),
        any_bool(4),
    )
        .prop_map(|(identity, boundary, scps, resource, other)| World {
            identity,
            boundary,
            scps,
            resource,
            same_account: !other,
        })
}

/// Every text of one to so many of these letters.
fn texts(letters: &[char], longest: usize) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut last = vec![String::new()];
    for _ in 0..longest {
        let longer = |text: &String| {
            let text = text.clone();
            letters
                .iter()
                .map(move |letter| format!("{text}{letter}"))
                .collect::<Vec<_>>()
        };
        last = last.iter().flat_map(longer).collect();
        all.extend(last.iter().cloned());
    }
    all
}

/// The exact answer, held against every request that can be made of the given parameter values.
fn holds_against_all(
    world: &World,
    template: &str,
    requests: &[String],
) -> Result<Verdict, TestCaseError> {
    let read = Template::read(template).unwrap();
    let answer = world.ask(|policies, question| access(policies, question, &read));
    let decided = |arn: &str| world.ask(|policies, question| decide(policies, question, arn));
    prop_assert!(!answer.conditional);
    prop_assert_ne!(answer.verdict, Verdict::Undecided);
    // An example proves its side. Where there is none, no request may be found.
    if let Some(arn) = &answer.allowed {
        prop_assert_eq!(decided(arn), Decision::Allowed, "{}", arn);
        prop_assert_eq!(world.plain(arn), Decision::Allowed, "{}", arn);
    }
    if let Some(arn) = &answer.denied {
        prop_assert_ne!(decided(arn), Decision::Allowed, "{}", arn);
        prop_assert_ne!(world.plain(arn), Decision::Allowed, "{}", arn);
    }
    let expected = match (&answer.allowed, &answer.denied) {
        (Some(_), None) => Verdict::All,
        (Some(_), Some(_)) => Verdict::Some,
        (None, _) => Verdict::None,
    };
    prop_assert_eq!(answer.verdict, expected);
    for arn in requests {
        match world.plain(arn) {
            Decision::Allowed => prop_assert_ne!(answer.verdict, Verdict::None, "{}", arn),
            _ => prop_assert_ne!(answer.verdict, Verdict::All, "{}", arn),
        }
    }
    Ok(answer.verdict)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_request_is_decided_as_plainly(
        world in world(r"(a|\*|\?)(/[sb*?:]{1,3}){0,3}"),
        last in r"[ab](/[sb:]{1,3}){0,3}",
    ) {
        let arn = format!("{HEAD}{last}");
        let exact = world.ask(|policies, question| decide(policies, question, &arn));
        prop_assert_eq!(exact, world.plain(&arn));
    }

    #[test]
    fn a_method_with_a_parameter_is_decided_as_by_trying_all(
        world in world(r"a/s/GET/[ab*?]{0,4}|\*"),
    ) {
        let requests: Vec<String> =
            texts(&['a', 'b', 'x'], 5).iter().map(|it| format!("{HEAD}a/s/GET/{it}")).collect();
        holds_against_all(&world, &format!("{HEAD}a/s/GET/{{id}}"), &requests)?;
    }

    #[test]
    fn a_method_with_the_rest_of_the_path_is_decided_as_by_trying_all(
        world in world(r"a/s/GET/[a/*?]{0,4}|a/\*"),
    ) {
        let requests: Vec<String> =
            texts(&['a', '/', 'x'], 5).iter().map(|it| format!("{HEAD}a/s/GET/a/{it}")).collect();
        holds_against_all(&world, &format!("{HEAD}a/s/GET/a/{{proxy+}}"), &requests)?;
    }

    #[test]
    fn two_parameters_and_every_verb_are_decided_as_by_trying_all(
        world in world(r"a/s/(GET|P\*|\?\?\?\?|\*)/[a/*?]{0,4}"),
    ) {
        let values = texts(&['a', 'x'], 2);
        let mut requests = Vec::new();
        for verb in Template::VERBS {
            for one in &values {
                for two in &values {
                    requests.push(format!("{HEAD}a/s/{verb}/{one}/{two}"));
                }
            }
        }
        holds_against_all(&world, &format!("{HEAD}a/s/ANY/{{one}}/{{two}}"), &requests)?;
    }
}

/// One survey for several callers' policies, asked about several methods, and some of them twice.
fn surveyed_as_by_itself(worlds: &[World], templates: &[Template]) -> Result<(), TestCaseError> {
    let read = |it: &Value| Policy::from_value(it).unwrap();
    let mut survey = Survey::default();
    let mut numbers = Vec::new();
    for world in worlds {
        let numbered = world.ask(|_, question| {
            let mut add = |it: &Value, attached| survey.add(&read(it), question, attached);
            let to_caller = Attached::ToCaller;
            let to_resource = Attached::ToResource {
                caller_has_boundary: world.boundary.is_some(),
            };
            let identity: Vec<usize> = world.identity.iter().map(|it| add(it, to_caller)).collect();
            let boundary = world.boundary.as_ref().map(|it| add(it, to_caller));
            let resource = world.resource.as_ref().map(|it| add(it, to_resource));
            (identity, boundary, resource)
        });
        numbers.push(numbered);
    }
    for template in templates.iter().chain(templates) {
        let mut reading = survey.of(template);
        for (world, (identity, boundary, resource)) in worlds.iter().zip(&numbers) {
            let weighing = Weighing {
                identity,
                boundary: *boundary,
                resource: *resource,
            };
            let alone = world.ask(|policies, question| access(policies, question, template));
            let expected = (alone.verdict, alone.conditional);
            if let Some(answer) = reading.answer(weighing) {
                prop_assert_eq!(answer, expected);
            }
            prop_assert_eq!(survey.decide(&mut reading, weighing, template), expected);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_survey_of_many_says_what_each_decision_says(
        mut worlds in prop::collection::vec(world(r"(a|\*|b)/(s|\*)/(GET|P\*|\*)/[ab/*?]{0,5}|\*|a/\*"), 1..5),
        paths in prop::collection::vec(r"/(\{x\}|a|b|ab)(/(\{y\}|a|b)){0,2}(/\{p\+\})?", 1..4),
    ) {
        for world in &mut worlds {
            // A survey weighs callers of the API's own account, without service control policies.
            (world.same_account, world.scps) = (true, Vec::new());
        }
        let arn = |path: &String, verb| format!("{HEAD}a/s/{verb}{path}");
        let arns = paths.iter().flat_map(|it| [arn(it, "GET"), arn(it, "PUT"), arn(it, "ANY")]);
        let templates: Vec<Template> = arns.map(|it| Template::read(&it).unwrap()).collect();
        surveyed_as_by_itself(&worlds, &templates)?;
    }
}

fn allowing(patterns: &[&str], more: &[Value]) -> World {
    let patterns: Vec<String> = patterns
        .iter()
        .map(|it| format!("{HEAD}a/s/GET/{it}"))
        .collect();
    let mut statements = vec![json!({"Effect": "Allow", "Action": INVOKE, "Resource": patterns})];
    statements.extend_from_slice(more);
    World {
        identity: vec![json!({"Version": "2012-10-17", "Statement": statements})],
        boundary: None,
        scps: Vec::new(),
        resource: None,
        same_account: true,
    }
}

fn verdict(world: &World, path: &str) -> Verdict {
    let template = Template::read(&format!("{HEAD}a/s/GET/{path}")).unwrap();
    world
        .ask(|policies, question| access(policies, question, &template))
        .verdict
}

#[test]
fn unions_that_cover_everything_only_together_are_all() {
    assert_eq!(verdict(&allowing(&["?", "??*"], &[]), "{id}"), Verdict::All);
    assert_eq!(
        verdict(&allowing(&["?", "???*"], &[]), "{id}"),
        Verdict::Some
    );
    assert_eq!(verdict(&allowing(&["{id}"], &[]), "{id}"), Verdict::Some);
    assert_eq!(
        verdict(&allowing(&["?/?*", "??*/?*"], &[]), "{a}/{b}"),
        Verdict::All
    );
    let deny = json!({"Effect": "Deny", "Action": "*", "NotResource": format!("{HEAD}a/s/GET/?*")});
    assert_eq!(
        verdict(&allowing(&["*"], std::slice::from_ref(&deny)), "{id}"),
        Verdict::All
    );
    let both = json!({"Effect": "Deny", "Action": "*", "Resource": [
        format!("{HEAD}a/s/GET/?"), format!("{HEAD}a/s/GET/??*")]});
    assert_eq!(verdict(&allowing(&["*"], &[both]), "{id}"), Verdict::None);
}

#[test]
fn a_character_is_one_whatever_its_bytes() {
    assert_eq!(verdict(&allowing(&["caf?"], &[]), "café"), Verdict::All);
    assert_eq!(verdict(&allowing(&["caf??"], &[]), "café"), Verdict::None);
}

/// Ends at all: the runner's own limit on a test's time says whether soon enough; `gatewatch` bounds its
/// work, not its time.
#[test]
fn patterns_made_to_explode_end_in_an_answer_or_undecided() {
    let stars = "*a".repeat(300);
    assert_ne!(verdict(&allowing(&[&stars], &[]), "{id}"), Verdict::None);
    for questions in [12, 40, 200] {
        let pattern = format!("*a{}", "?".repeat(questions));
        let found = verdict(&allowing(&[&pattern], &[]), "{id}");
        assert!(
            matches!(found, Verdict::Some | Verdict::Undecided),
            "{questions}: {found:?}"
        );
        let other = format!("*b{}", "?".repeat(questions));
        let found = verdict(&allowing(&[&pattern, &other, "*c*a*b", "?*"], &[]), "{id}");
        assert!(
            matches!(found, Verdict::All | Verdict::Undecided),
            "{questions}: {found:?}"
        );
    }
    assert_eq!(
        verdict(&allowing(&[&format!("*a{}", "?".repeat(12))], &[]), "{id}"),
        Verdict::Some
    );
}

#[test]
fn ten_thousand_statements_end_in_an_answer_or_undecided() {
    let statement = |number: usize| {
        json!({"Effect": if number.is_multiple_of(7) { "Deny" } else { "Allow" }, "Action": "execute-api:*",
               "Resource": format!("{HEAD}a/s/GET/*{number}*")})
    };
    let world = allowing(&["none"], &(0..10_000).map(statement).collect::<Vec<_>>());
    let found = verdict(&world, "{id}");
    assert!(
        matches!(found, Verdict::Some | Verdict::Undecided),
        "{found:?}"
    );
    let arn = format!("{HEAD}a/s/GET/x-1-x");
    assert_eq!(
        world.ask(|policies, question| decide(policies, question, &arn)),
        Decision::Allowed
    );
}

#[test]
fn garbage_and_documents_of_six_megabytes_end_in_an_error_or_an_answer() {
    for garbage in [
        "",
        "nul",
        "[]",
        "{}",
        "{\"Statement\": 1}",
        "\u{0}",
        &"[".repeat(100_000),
    ] {
        assert!(Policy::from_json(garbage).is_err());
    }
    let long = "x".repeat(6_000_000);
    let one = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": format!("{HEAD}a/s/GET/*{long}*")}});
    let world = World {
        identity: vec![one],
        ..allowing(&[], &[])
    };
    assert!(matches!(
        verdict(&world, "{id}"),
        Verdict::Undecided | Verdict::Some
    ));
    let many: Vec<String> = (0..100_000)
        .map(|it| format!("{HEAD}b/s/GET/{it}/*"))
        .collect();
    let many = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": many}});
    assert!(many.to_string().len() > 6_000_000);
    let world = World {
        identity: vec![many],
        ..allowing(&[], &[])
    };
    assert_eq!(verdict(&world, "{id}"), Verdict::None);
}
