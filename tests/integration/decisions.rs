//! The IAM decisions, held against deliberately plain second implementations.
//!
//! The plain ones read the JSON itself and try every request of a small world, one by one. Every example
//! that the exact decision gives is put to the decision on one request.

use gatewatch::iam::document::Policy;
use gatewatch::iam::{
    Attached, Caller, Context, Decision, PatternAt, Policies, Question, Survey, Template, Verdict,
    Weighing, access, decide,
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

const BOB: &str = "arn:aws:iam::111122223333:user/bob";
const ROOT: &str = "arn:aws:iam::111122223333:root";

/// Where a policy may say one thing or another, how it is read: so that it denies, or so that it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Strict,
    Lenient,
}

/// Whether a `NotPrincipal` spares alice: she and her account are listed. Whether it does where only one of the two is,
/// and nobody else of the account, is not documented.
fn spares_alice(names: &[String], reading: Reading) -> bool {
    let has = |one: &str| names.iter().any(|it| it == one);
    let (alice, account) = (has(ALICE), has("111122223333") || has(ROOT));
    match (alice, account, has(BOB)) {
        (true, true, _) => true,
        (true, false, _) | (false, true, false) => reading == Reading::Lenient,
        (false, true, true) | (false, false, _) => false,
    }
}

/// Whether a document has a statement of this effect that speaks of the request. `resource`: it is a
/// resource policy, and a statement must name alice, her account or everybody. `bounded`: alice has a
/// permissions boundary, and `NotPrincipal` spares nobody who has one.
fn any(
    document: &Value,
    effect: &str,
    arn: &str,
    resource: bool,
    (who, bounded, reading): (&[&str], bool, Reading),
) -> bool {
    let among = |names: &Value| list(names).iter().any(|name| who.contains(&name.as_str()));
    document["Statement"].as_array().unwrap().iter().any(|it| {
        let named = !resource
            || match it.get("NotPrincipal") {
                Some(spared) => bounded || !spares_alice(&list(&spared["AWS"]), reading),
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
    /// The decision, if it is the same however the policies are read.
    fn plain(&self, arn: &str) -> Decision {
        match [Reading::Strict, Reading::Lenient].map(|it| self.plainly(arn, it)) {
            [strict, lenient] if strict == lenient => strict,
            [_, Decision::Allowed] => Decision::Undecided,
            _ => Decision::ImplicitlyDenied,
        }
    }

    fn plainly(&self, arn: &str, reading: Reading) -> Decision {
        let everyone = ["*", ALICE, "111122223333", ROOT];
        let nobody = (&[][..], false, reading);
        let says = |it: &Value, effect: &str| any(it, effect, arn, false, nobody);
        let identity = |effect| self.identity.iter().any(|it| says(it, effect));
        let boundary = |effect| self.boundary.iter().any(|it| says(it, effect));
        let mut levels = self.scps.iter();
        let scps_allow = levels.all(|level| level.iter().any(|it| says(it, "Allow")));
        let scps_deny = self.scps.iter().flatten().any(|it| says(it, "Deny"));
        let resource = |effect, who: &[&str]| {
            let who = (who, self.boundary.is_some(), reading);
            self.resource
                .iter()
                .any(|it| any(it, effect, arn, true, who))
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
            ..Policies::default()
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
        prop::sample::select(vec!["*", ALICE, "111122223333", BOB]),
        prop::sample::subsequence(vec![ALICE, "111122223333", ROOT, BOB], 0..4),
    );
    let statement = statement.prop_map(move |(effect, not, lasts, action, who, spared)| {
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
            if effect == "Deny" && !spared.is_empty() {
                statement["NotPrincipal"] = json!({"AWS": spared});
            } else {
                statement["Principal"] = json!({"AWS": who});
            }
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
    prop_assert_ne!(answer.verdict, Verdict::Undecided);
    let may_be = |it: Decision| matches!(it, Decision::Allowed | Decision::Undecided);
    // An example proves its side. Where there is none, no request may be found.
    if let Some(arn) = &answer.allowed {
        prop_assert!(may_be(decided(arn)), "{}", arn);
        prop_assert!(may_be(world.plain(arn)), "{}", arn);
    }
    if let Some(arn) = &answer.denied {
        prop_assert!(!may_be(decided(arn)), "{}", arn);
        prop_assert!(!may_be(world.plain(arn)), "{}", arn);
    }
    let spares = |it: &Value| it.to_string().contains("NotPrincipal");
    prop_assert!(!answer.conditional || world.resource.iter().any(spares));
    let expected = match (&answer.allowed, &answer.denied) {
        (Some(_), None) => Verdict::All,
        (Some(_), Some(_)) => Verdict::Some,
        (None, _) => Verdict::None,
    };
    prop_assert_eq!(answer.verdict, expected);
    for arn in requests {
        match world.plain(arn) {
            Decision::Allowed => prop_assert_ne!(answer.verdict, Verdict::None, "{}", arn),
            Decision::Undecided => prop_assert!(answer.conditional, "{}", arn),
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn patterns_with_many_question_marks_are_decided_as_by_trying_all(
        world in world(r"a/s/(GET|\*)/(\*|a)?[ab]?\?{0,4}\*?|a/s/\?{4,8}"),
    ) {
        let requests: Vec<String> =
            texts(&['a', 'b', 'x'], 6).iter().map(|it| format!("{HEAD}a/s/GET/{it}")).collect();
        holds_against_all(&world, &format!("{HEAD}a/s/GET/{{id}}"), &requests)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_pattern_may_meet_a_method_where_it_meets_one_of_its_requests(
        head in r"arn:aws:execute-api:(\*|eu-west-1|us-east-1|eu-\?est-1):(\*|111122223333)|arn:\*|\*",
        last in r"(:|)(a|\*|b|\?)/(s|\*)/(GET|P\*|\*)/[ab*?]{0,4}|\*|",
    ) {
        let pattern = format!("{head}{last}");
        let template = Template::read(&format!("{HEAD}a/s/GET/{{id}}")).unwrap();
        let texts = texts(&['a', 'b', 'x'], 5);
        let meets = texts.iter().any(|it| wild_arn(&pattern, &format!("{HEAD}a/s/GET/{it}")));
        let own = PatternAt::new(&pattern, &template);
        prop_assert_eq!(own.may_meet(&template), meets, "{}", pattern);
        // The same where it was made ready for this stage, or for another.
        for stage in ["s", "t"] {
            let stage = Template::of_stage(["aws", "eu-west-1", "111122223333"], ["a", stage]);
            let ready = PatternAt::new(&pattern, &stage);
            prop_assert_eq!(ready.may_meet(&template), meets, "{}", pattern);
        }
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
                is_outside: false,
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

/// Identity policies of a member of a group, or of a role, of whom these keys are not known.
fn with_variables(statements: &[Value]) -> World {
    World {
        identity: vec![json!({"Version": "2012-10-17", "Statement": statements})],
        ..allowing(&[], &[])
    }
}

const NAME: &str = "aws:username";
const TAG: &str = "aws:PrincipalTag/t";

/// What is known of a member of a group: it has a name, and may have a tag.
fn member() -> Context {
    let mut context = Context::open();
    for key in [NAME, "aws:RequestedRegion"] {
        context.set_present(key);
    }
    context
}

/// How many of a method's requests are allowed, and whether that depends on what is not known. The survey says the
/// same.
fn of_member(world: &World, context: &Context, path: &str) -> (Verdict, bool) {
    let template = Template::read(&format!("{HEAD}a/s/GET/{path}")).unwrap();
    world.ask(|policies, question| {
        let question = Question {
            context,
            ..question
        };
        let alone = access(policies, question, &template);
        let answer = (alone.verdict, alone.conditional);
        let (has_allowed, has_denied) = (alone.allowed.is_some(), alone.denied.is_some());
        let expected = match alone.verdict {
            Verdict::All => (true, false),
            Verdict::Some => (true, true),
            _ => (false, true),
        };
        assert_eq!((has_allowed, has_denied), expected, "{alone:?}");
        if policies.scps.is_empty() && world.same_account {
            let mut survey = Survey::default();
            let mut add = |it: &&Policy| survey.add(it, question, Attached::ToCaller);
            let identity: Vec<usize> = policies.identity.iter().map(&mut add).collect();
            let boundary = policies.boundary.as_ref().map(add);
            let weighing = Weighing {
                identity: &identity,
                boundary,
                resource: None,
                is_outside: false,
            };
            let mut reading = survey.of(&template);
            if let Some(quick) = reading.answer(weighing) {
                assert_eq!(quick, answer);
            }
            assert_eq!(survey.decide(&mut reading, weighing, &template), answer);
        }
        answer
    })
}

#[test]
fn a_variable_has_one_value_for_one_caller() {
    let of = |effect: &str, element: &str, lasts: &[&str]| {
        let whole = |it: &&str| match it.split_once(':') {
            Some(("arn", _)) => (*it).to_owned(),
            _ => format!("{HEAD}a/{it}"),
        };
        let patterns: Vec<String> = lasts.iter().map(whole).collect();
        json!({"Effect": effect, "Action": "*", element: patterns})
    };
    let allow = |lasts: &[&str]| of("Allow", "Resource", lasts);
    let deny = |lasts: &[&str]| of("Deny", "Resource", lasts);
    let but = |lasts: &[&str]| of("Deny", "NotResource", lasts);
    let others = |lasts: &[&str]| of("Allow", "NotResource", lasts);
    let (all, some, none) = (
        (Verdict::All, true),
        (Verdict::Some, true),
        (Verdict::None, false),
    );
    for (statements, path, expected) in [
        // Everybody has an id of their own.
        (
            vec![allow(&["s/GET/users/${aws:username}"])],
            "users/{id}",
            some,
        ),
        (
            vec![allow(&["s/GET/users/${aws:username}/*"])],
            "users/{id}/orders",
            some,
        ),
        (
            vec![allow(&["s/GET/users/${aws:PrincipalTag/t}"])],
            "users/{id}",
            some,
        ),
        (
            vec![allow(&["s/GET/users/${aws:PrincipalTag/t, 'x'}"])],
            "users/{id}",
            some,
        ),
        (
            vec![allow(&["s/GET/users/${aws:username}-*"])],
            "users/{id}",
            some,
        ),
        (
            vec![allow(&["s/GET/users/${aws:username}"])],
            "users/{proxy+}",
            some,
        ),
        (
            vec![allow(&["s/GET/${aws:PrincipalTag/t}/${aws:username}"])],
            "users/{id}",
            some,
        ),
        // One value serves all requests.
        (
            vec![allow(&["s/GET/${aws:PrincipalTag/t}/*"])],
            "users/{id}",
            all,
        ),
        (
            vec![allow(&["${aws:PrincipalTag/t}/GET/users/*"])],
            "users/{id}",
            all,
        ),
        (
            vec![allow(&["s/GET/users/*/${aws:username}"])],
            "users/{id}/orders",
            all,
        ),
        (vec![allow(&["s/*${aws:username}*"])], "users/{id}", all),
        (
            vec![allow(&[
                "arn:aws:execute-api:${aws:RequestedRegion}:111122223333:a/*",
            ])],
            "users/{id}",
            all,
        ),
        (
            vec![allow(&[
                "arn:aws:execute-api:${aws:RequestedRegion}:*:a/s/GET/users/${aws:username}",
            ])],
            "users/{id}",
            some,
        ),
        (
            vec![allow(&["s/GET/users/*${aws:PrincipalTag/t}"])],
            "users/{id}",
            all,
        ),
        (
            vec![allow(&["s/GET/users/*${aws:username}"])],
            "users/{id}",
            some,
        ),
        (
            vec![allow(&["s/GET/users/${aws:username}"])],
            "users/me",
            all,
        ),
        // The same value everywhere.
        (
            vec![
                allow(&["${aws:PrincipalTag/t}/GET/users/*"]),
                deny(&["${aws:PrincipalTag/t}/GET/users/?"]),
            ],
            "users/{id}",
            some,
        ),
        (
            vec![allow(&[
                "s/GET/${aws:username}/*",
                "s/GET/*/${aws:username}",
            ])],
            "users/{id}/orders",
            all,
        ),
        (
            vec![
                allow(&["s/GET/users/${aws:username}"]),
                others(&["s/GET/users/${aws:username}"]),
            ],
            "users/{id}",
            all,
        ),
        (
            vec![
                allow(&["s/GET/users/${aws:username}"]),
                others(&["s/GET/users/abc"]),
            ],
            "users/{id}",
            all,
        ),
        // The value of one variable holds that of the other.
        (
            vec![
                allow(&["s/GET/${aws:PrincipalTag/t}"]),
                others(&["s/GET/*/${aws:username}"]),
            ],
            "users/{id}",
            all,
        ),
        (
            vec![
                allow(&["s/GET/users/${aws:PrincipalTag/t}"]),
                others(&["s/GET/*/${aws:username}/orders"]),
            ],
            "users/{id}/orders",
            all,
        ),
        (
            vec![
                allow(&["s/GET/${aws:PrincipalTag/t}"]),
                others(&["s/GET/*/${aws:username}"]),
            ],
            "{kind}/{id}",
            some,
        ),
        // One variable is the stage's name, and with it the other is known.
        (
            vec![
                others(&["s/GET/${aws:username}"]),
                allow(&["${aws:username}/GET/${aws:PrincipalTag/t}"]),
            ],
            "{id}",
            all,
        ),
        (
            vec![
                others(&["s/GET/x-${aws:username}"]),
                allow(&["s/GET/${aws:PrincipalTag/t}"]),
            ],
            "{id}",
            all,
        ),
        (
            vec![
                others(&["s/GET/${aws:PrincipalTag/t}-x"]),
                allow(&["s/GET/${aws:username}"]),
            ],
            "{id}",
            all,
        ),
        // Together they are what another pattern spells out.
        (
            vec![
                others(&["s/GET/ab-cd"]),
                allow(&["s/GET/${aws:username}-${aws:PrincipalTag/t}"]),
            ],
            "{id}",
            all,
        ),
        (
            vec![
                others(&["s/GET/abcd"]),
                allow(&["s/GET/${aws:username}${aws:PrincipalTag/t}"]),
            ],
            "{id}",
            all,
        ),
        (
            vec![
                others(&["s/GET/${aws:username}-${aws:PrincipalTag/t}"]),
                allow(&["s/GET/ab-cd"]),
            ],
            "{id}",
            all,
        ),
        (
            vec![
                others(&["s/GET/ab/-cd"]),
                allow(&["s/GET/${aws:username}-${aws:PrincipalTag/t}"]),
            ],
            "{proxy+}",
            some,
        ),
        // A name that holds the tag, and a tag that holds the name.
        (
            vec![
                others(&["s/GET/x${aws:username}"]),
                allow(&["s/GET/${aws:PrincipalTag/t}"]),
                but(&["s/GET/*${aws:PrincipalTag/t}*"]),
            ],
            "{id}",
            some,
        ),
        // A name is never empty.
        (vec![others(&["s/GET/${aws:username}"])], "{id}", some),
        (
            vec![
                allow(&["s/GET/users/${aws:username}"]),
                deny(&["s/GET/users/${aws:username}"]),
            ],
            "users/{id}",
            none,
        ),
        (
            vec![
                allow(&["s/GET/users/${aws:username}/*"]),
                deny(&["s/GET/users/${aws:username}/secret"]),
            ],
            "users/{id}/secret",
            none,
        ),
        (
            vec![
                allow(&["s/GET/users/${aws:username}/*"]),
                deny(&["s/GET/users/${aws:username}/secret"]),
            ],
            "users/{id}/orders",
            some,
        ),
        (
            vec![
                allow(&["s/GET/users/*"]),
                deny(&["s/GET/users/${aws:username}"]),
                but(&["s/GET/users/${aws:username}"]),
            ],
            "users/{id}",
            none,
        ),
        (
            vec![
                allow(&["s/GET/users/${aws:username}"]),
                deny(&["s/GET/users/${aws:PrincipalTag/t}"]),
            ],
            "users/{id}",
            some,
        ),
        // All but one's own, nobody's but one's own.
        (
            vec![
                allow(&["s/GET/users/*"]),
                deny(&["s/GET/users/${aws:username}"]),
            ],
            "users/{id}",
            some,
        ),
        (
            vec![
                allow(&["s/GET/users/*"]),
                but(&["s/GET/users/${aws:username}"]),
            ],
            "users/{id}",
            some,
        ),
        (
            vec![others(&["s/GET/users/${aws:username}"])],
            "users/{id}",
            some,
        ),
        (
            vec![allow(&["s/*"]), but(&["s/GET/${aws:PrincipalTag/t}/*"])],
            "users/{id}",
            all,
        ),
        // Whoever has no tag is denied nothing.
        (
            vec![
                allow(&["s/GET/users/*"]),
                deny(&["s/GET/users/${aws:PrincipalTag/t}"]),
            ],
            "users/{id}",
            all,
        ),
        (
            vec![
                allow(&["s/GET/users/*"]),
                deny(&["s/GET/users/${aws:SourceVpc, 'x'}"]),
            ],
            "users/{id}",
            some,
        ),
        (
            vec![
                allow(&["s/GET/users/*"]),
                but(&["s/GET/users/${aws:PrincipalTag/t}"]),
            ],
            "users/{id}",
            some,
        ),
    ] {
        let world = with_variables(&statements);
        assert_eq!(
            of_member(&world, &member(), path),
            expected,
            "{path} by {statements:?}"
        );
    }
    let everything = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let own =
        json!({"Version": "2012-10-17", "Statement": [allow(&["s/GET/users/${aws:username}"])]});
    for world in [
        World {
            boundary: Some(own.clone()),
            ..with_variables(std::slice::from_ref(&everything))
        },
        World {
            scps: vec![vec![own.clone()]],
            ..with_variables(std::slice::from_ref(&everything))
        },
    ] {
        assert_eq!(of_member(&world, &member(), "users/{id}"), some);
        assert_eq!(of_member(&world, &member(), "users/me"), all);
    }
    // What a service control policy leaves out, another statement of it takes in.
    let level = json!({"Version": "2012-10-17", "Statement": [
        others(&["s/GET/${aws:username}"]), allow(&["${aws:username}/GET/${aws:PrincipalTag/t}"])]});
    let world = World {
        scps: vec![vec![level]],
        ..with_variables(&[others(&["s/GET/"])])
    };
    assert_eq!(of_member(&world, &member(), "{id}"), all);
    // An older document has no variables.
    let mut older = with_variables(&[allow(&["s/GET/users/${aws:username}"])]);
    older.identity[0]["Version"] = json!("2008-10-17");
    assert_eq!(
        of_member(&older, &member(), "users/{id}"),
        (Verdict::Some, false)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Held against the answers for each of many values, one after the other.
    #[test]
    fn variables_are_decided_as_by_trying_all_values(
        worlds in world(r"a/(s|\$\{aws:username\})/GET/(\$\{aws:username\}|\$\{aws:PrincipalTag/t\}|[ab*?]{0,2})(/(\$\{aws:username\}|\$\{aws:PrincipalTag/t\}|[ab*?]{0,2})){0,1}"),
        path in prop::sample::select(vec!["{id}", "a/{id}", "{id}/b", "a", "{x}/{y}"]),
    ) {
        let mut world = worlds;
        (world.same_account, world.resource) = (true, None);
        let found = of_member(&world, &member(), path);
        let template = Template::read(&format!("{HEAD}a/s/GET/{path}")).unwrap();
        let mut values: Vec<String> = ["a", "b", "x", "ab", "s", "GET", "a/s", "GET/a", "y"]
            .iter()
            .map(|it| (*it).to_owned())
            .collect();
        values.push("y".repeat(40));
        let text = world.identity.iter().chain(&world.boundary).chain(world.scps.iter().flatten());
        let text: String = text.map(Value::to_string).collect();
        // What a document spells out itself may be just what a variable must say: `NotResource: …/GET/a/a`.
        let paths = text.split("/GET/").skip(1).filter_map(|it| it.split('"').next());
        values.extend(paths.filter(|it| !it.contains(['*', '?', '$'])).map(str::to_owned));
        // A tag may hold the name wherever a request has a parameter: `NotResource: …/GET/${aws:username}/b` leaves out
        // what `…/GET/${aws:PrincipalTag/t}` takes in.
        let names: Vec<String> = values.iter().filter(|it| !it.contains('/')).cloned().collect();
        let filled = |name: &String| {
            let parts = path.split('/').map(|it| if it.starts_with('{') { name.as_str() } else { it });
            parts.collect::<Vec<_>>().join("/")
        };
        values.extend(names.iter().map(filled));
        values.sort();
        values.dedup();
        let empty = String::new();
        let tags = values.iter().map(Some).chain([None, Some(&empty)]);
        let tags: Vec<Option<&String>> = tags.collect();
        let mut verdicts = Vec::new();
        // A name has no slash and is never empty, unlike a tag.
        let names = values.iter().filter(|it| !it.is_empty() && !it.contains('/'));
        for name in names.filter(|it| text.contains("username") || *it == "y") {
            for tag in tags.iter().filter(|it| text.contains("PrincipalTag") || it.is_none()) {
                let mut context = Context::complete();
                context.set(NAME, vec![name.clone()]);
                if let Some(tag) = tag {
                    context.set(TAG, vec![(*tag).clone()]);
                }
                verdicts.push(world.ask(|policies, question| {
                    let question = Question { context: &context, ..question };
                    access(policies, question, &template).verdict
                }));
            }
        }
        if verdicts.contains(&Verdict::All) {
            prop_assert_eq!(found.0, Verdict::All);
        } else {
            prop_assert_ne!(found.0, Verdict::All);
        }
        if verdicts.iter().any(|it| *it != Verdict::None) {
            prop_assert_ne!(found.0, Verdict::None);
        }
        prop_assert_ne!(found.0, Verdict::Undecided);
    }
}

/// A `*`, a letter, and so many `?`: as many sets of positions as there are texts of so many letters.
fn many_sets(letter: &str, questions: usize) -> String {
    format!("*{letter}{}", "?".repeat(questions))
}

#[test]
fn patterns_of_many_sets_are_decided() {
    let stars = "*a".repeat(300);
    assert_ne!(verdict(&allowing(&[&stars], &[]), "{id}"), Verdict::None);
    for questions in [12, 18, 40, 200] {
        let (a, b) = (many_sets("a", questions), many_sets("b", questions));
        assert_eq!(verdict(&allowing(&[&a], &[]), "{id}"), Verdict::Some);
        let any = allowing(&[&a, &b, "*c*a*b", "?*"], &[]);
        assert_eq!(verdict(&any, "{id}"), Verdict::All);
    }
}

/// Every kind of policy with patterns of many sets, alone and side by side. What is allowed is known without
/// asking: a letter is not two letters, and there are more than those that are named.
#[test]
fn every_kind_of_policy_with_patterns_of_many_sets_is_decided() {
    let everything = || json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let statement = |effect: &str, element: &str, letters: &str| {
        let letters = letters.chars().map(|it| it.to_string());
        let patterns: Vec<String> = letters
            .map(|it| format!("{HEAD}a/s/{}", many_sets(&it, 18)))
            .collect();
        json!({"Effect": effect, "Action": "*", element: patterns})
    };
    let document = |statements: &[Value]| json!({"Version": "2012-10-17", "Statement": statements});
    let plain = World {
        identity: vec![document(&[everything()])],
        boundary: None,
        scps: Vec::new(),
        resource: None,
        same_account: true,
    };
    let place = |world: &World, kind: &str, statements: &[Value]| {
        let mut world = world.clone();
        match kind {
            "identity" => world.identity = vec![document(statements)],
            "boundary" => world.boundary = Some(document(statements)),
            "scp" => world.scps.push(vec![document(statements)]),
            _ => {
                world.same_account = false;
                let named = statements.iter().map(|it| {
                    let mut named = it.clone();
                    named["Principal"] = json!({"AWS": ALICE});
                    named
                });
                world.resource = Some(document(&named.collect::<Vec<_>>()));
            }
        }
        world
    };
    let kinds = ["identity", "boundary", "scp", "resource"];
    for path in ["pets/{id}", "{proxy+}"] {
        let of = |world: &World| {
            let template = Template::read(&format!("{HEAD}a/s/ANY/{path}")).unwrap();
            let answer = world.ask(|policies, question| access(policies, question, &template));
            let decided = |arn: &String| world.plain(arn);
            // Its examples prove it.
            assert!(
                answer
                    .allowed
                    .iter()
                    .all(|it| decided(it) == Decision::Allowed)
            );
            assert!(
                answer
                    .denied
                    .iter()
                    .all(|it| decided(it) != Decision::Allowed)
            );
            answer.verdict
        };
        for kind in kinds {
            for letters in ["b", "bcd", "bcdfghij"] {
                let of = |statements: &[Value]| of(&place(&plain, kind, statements));
                let [allow, deny] = ["Allow", "Deny"].map(|it| statement(it, "Resource", letters));
                let but = statement("Deny", "NotResource", letters);
                let others = statement("Allow", "NotResource", letters);
                assert_eq!(
                    of(std::slice::from_ref(&allow)),
                    Verdict::Some,
                    "{kind} {letters}"
                );
                assert_eq!(
                    of(&[everything(), deny.clone()]),
                    Verdict::Some,
                    "{kind} {letters}"
                );
                assert_eq!(
                    of(&[everything(), but.clone()]),
                    Verdict::Some,
                    "{kind} {letters}"
                );
                assert_eq!(
                    of(std::slice::from_ref(&others)),
                    Verdict::Some,
                    "{kind} {letters}"
                );
                assert_eq!(
                    of(&[allow.clone(), others]),
                    Verdict::All,
                    "{kind} {letters}"
                );
                assert_eq!(
                    of(&[everything(), deny.clone(), but]),
                    Verdict::None,
                    "{kind} {letters}"
                );
                assert_eq!(of(&[allow, deny]), Verdict::None, "{kind} {letters}");
            }
        }
        // All kinds at once: each allows what the others do not.
        let both = |one: &str, other: &str, letters: [&str; 2]| {
            let first = place(&plain, one, &[statement("Allow", "Resource", letters[0])]);
            of(&place(
                &first,
                other,
                &[statement("Allow", "Resource", letters[1])],
            ))
        };
        for (one, other) in [
            ("identity", "boundary"),
            ("boundary", "scp"),
            ("scp", "resource"),
        ] {
            assert_eq!(
                both(one, other, ["bc", "df"]),
                Verdict::None,
                "{one} {other}"
            );
            assert_eq!(
                both(one, other, ["bc", "cd"]),
                Verdict::Some,
                "{one} {other}"
            );
        }
    }
}

/// What nobody decides: who may call has to name eight orders of eight letters in an id of seventeen.
fn made_to_explode(mut deny: impl FnMut(&str, String) -> Value) -> Vec<Value> {
    const ORDERS: [&str; 8] = [
        "abcdefgh", "hgfedcba", "badcfehg", "ghefcdab", "cadbgehf", "fhegbdac", "daebhcgf",
        "fgchbead",
    ];
    let mut statements: Vec<Value> = Vec::new();
    for order in ORDERS {
        let letters: String = order.chars().map(|it| format!("*{it}")).collect();
        statements.push(deny("NotResource", format!("{letters}*")));
    }
    statements.push(deny("Resource", format!("{}*", "?".repeat(18))));
    statements
}

#[test]
fn policies_made_to_explode_end_undecided() {
    let deny = |element: &str, last: String| json!({"Effect": "Deny", "Action": "*", element: format!("{HEAD}a/s/GET/{last}")});
    let world = allowing(&["*"], &made_to_explode(deny));
    assert_eq!(verdict(&world, "{id}"), Verdict::Undecided);
    // What does not depend on it is decided.
    assert_eq!(verdict(&world, "pets"), Verdict::None);
}

/// One role's policy costs nobody else an answer, and a bounded time: it is the work that is counted.
#[test]
fn one_holders_explosion_costs_nobody_else_their_answer() {
    let explode = |element: &str, last: String| json!({"Effect": "Deny", "Action": "*", element: format!("{HEAD}a/s/GET/pets/{last}")});
    let mut undecided = made_to_explode(explode);
    undecided.push(json!({"Effect": "Allow", "Action": "*", "Resource": format!("{HEAD}a/s/*")}));
    // 50 patterns that allow and 50 that deny, each of many sets.
    let many = |letters: std::ops::Range<usize>| -> Vec<String> {
        letters
            .map(|it| {
                format!(
                    "{HEAD}a/s/GET/pets/{}",
                    many_sets(if it % 2 == 0 { "a" } else { "b" }, 10 + it)
                )
            })
            .collect()
    };
    let heavy = vec![
        json!({"Effect": "Allow", "Action": "*", "Resource": many(0..50)}),
        json!({"Effect": "Deny", "Action": "*", "Resource": many(50..100)}),
    ];
    let simple = |number: usize| {
        vec![json!({"Effect": "Allow", "Action": "*", "Resource": [
            format!("{HEAD}a/s/GET/pets/{number}*"), format!("{HEAD}a/s/GET/{number}/*")]})]
    };
    let alone = |statements: Vec<Value>| World {
        identity: vec![json!({"Version": "2012-10-17", "Statement": statements})],
        ..allowing(&[], &[])
    };
    let mut worlds = vec![alone(undecided), alone(heavy)];
    worlds.extend((0..50).map(|it| alone(simple(it))));
    let mut survey = Survey::default();
    let numbers: Vec<Vec<usize>> = worlds
        .iter()
        .map(|world| {
            let policy = Policy::from_value(&world.identity[0]).unwrap();
            world.ask(|_, question| vec![survey.add(&policy, question, Attached::ToCaller)])
        })
        .collect();
    let methods = 60;
    for method in 0..methods {
        let template = Template::read(&format!(
            "{HEAD}a/s/GET/pets/{{id}}{}",
            "/x".repeat(method % 3)
        ))
        .unwrap();
        let mut reading = survey.of(&template);
        for (place, identity) in numbers.iter().enumerate() {
            let weighing = Weighing {
                identity,
                boundary: None,
                resource: None,
                is_outside: false,
            };
            let answer = reading.answer(weighing);
            let (verdict, _) =
                answer.unwrap_or_else(|| survey.decide(&mut reading, weighing, &template));
            let expected = if place == 0 {
                Verdict::Undecided
            } else {
                Verdict::Some
            };
            assert_eq!(verdict, expected, "{place} of method {method}");
        }
    }
    // No more than two holders may use up, and a little for each question after that.
    assert!(
        survey.work() < 2 * 10_000_000 + methods * 2 * 20_000,
        "{}",
        survey.work()
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
