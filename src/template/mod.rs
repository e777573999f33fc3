//! Templates before deployment: CloudFormation, SAM, OpenAPI and Terraform as an inventory, for the same rules.
//!
//! A template has no account, no Region and no deployment. Placeholders stand in for them: account
//! [`ACCOUNT`], the Region of [`Options`] with its partition, and one deployment called [`STAGE`], which every stage of the
//! template serves; an API without a stage is judged as if it had one of that name. The draft is
//! the same as the deployment: nothing is fixed and undeployed, and nothing is about to open. A Terraform plan alone may
//! keep a deployment ([`KEPT`]) that was made before what it changes.
//!
//! What a template alone does not tell is a gap at its place; a name that a policy file could select by
//! is a [`Doubt`], which is a gap where the policy file does. What is taken for granted is said.

mod alternative;
mod around;
mod cloudformation;
mod comments;
mod conditions;
mod constructs;
mod domain;
mod draft;
mod elsewhere;
mod encoding;
mod escapes;
mod expression;
mod files;
mod finish;
mod first_key;
mod for_each;
mod iam;
mod identity;
mod include;
mod keys;
mod kind;
mod laid;
mod nested;
mod openapi;
mod options;
mod origin;
pub mod patch;
mod paths;
mod reading;
mod recognize;
mod resolve;
mod resource_keys;
mod rest;
mod routes;
mod sam;
mod scope;
mod security;
mod source;
mod terraform;
mod tree;
mod types;
mod undecided;
mod unknown_keys;
mod unread;

pub use alternative::Alternative;
pub use around::Around;
pub use comments::Excused;
pub use draft::Selected;
pub use encoding::{Undecodable, decoded};
pub use files::{File, Files, NoFiles};
pub use finish::{Assumed, Doubt, Translated};
pub use kind::FileKind;
pub use laid::{Identity, Laid, ToldBy};
pub use nested::{Given, Nested, Untold};
pub use options::{ACCOUNT, KEPT, Options, REGION, STAGE};
pub use origin::{Origin, Origins};
pub use recognize::{Looks, has_http_events, is_serverless_program, looks, names_others};
pub use source::{LARGEST, Problem};
pub use terraform::{declared_by_terraform, made_by_terraform};
pub use unread::unread;

use std::collections::BTreeMap;

use jiff::Timestamp;

use constructs::Constructs;
use draft::ApiDraft;
use files::Library;
use reading::Reading;
use security::Schemes;
use source::Source;
use tree::{Spot, Tree, Unknown};

/// The id of an API whose definition does not name it.
const UNNAMED: &str = "openapi";

/// Reads a template or an API definition as [`read_with`] does, and none of the files that it names.
///
/// # Errors
/// As [`read_with`].
pub fn read(
    file: &str,
    text: &str,
    options: &Options,
    now: Timestamp,
) -> Result<Option<Translated>, Problem> {
    read_with(file, text, options, &NoFiles, now)
}

/// Reads a template or an API definition. `file` is how it is called; `files` reads those that it names; `now` is the
/// time of the reading. `Ok(None)`: it is an inventory.
///
/// # Errors
/// For a text that is none of them, with the place where that shows.
pub fn read_with(
    file: &str,
    text: &str,
    options: &Options,
    files: &dyn Files,
    now: Timestamp,
) -> Result<Option<Translated>, Problem> {
    read_nested(file, text, (options, &Untold::default()), files, now)
}

/// The same for a stack of another template, which gives these parameters values that only a deployment tells: their defaults
/// do not count.
///
/// # Errors
/// As [`read_with`].
pub fn read_nested(
    file: &str,
    text: &str,
    (options, untold): (&Options, &Untold),
    files: &dyn Files,
    now: Timestamp,
) -> Result<Option<Translated>, Problem> {
    let mut reading = match source::read(file, text)? {
        Source::Inventory => return Ok(None),
        Source::Terraform => Reading {
            kind: Some(FileKind::Terraform),
            ..terraform::read(text.trim_start_matches('\u{feff}'), options)?
        },
        Source::Template(document) => {
            let constructs = Constructs::of(&document.root);
            let mut said = comments::said(&document);
            let kind = match constructs.are_none() {
                true => FileKind::of_template(&document.root),
                false => FileKind::Cdk,
            };
            let library = Library::new(files);
            let (mut root, not_taken) = include::taken_in(document.root, &library);
            nested::without_defaults(&mut root, untold);
            source::known_parameters(&root, &options.parameters)?;
            let options = untold.without_names(&root, options);
            let reading = cloudformation::read(&root, &options, &library, not_taken);
            let taken_in = library.finished();
            let mut reading = reading.with_repeated(&document.repeated);
            reading.assumed.extend(taken_in.repeated);
            reading.files = taken_in.names;
            said.extend(taken_in.said);
            reading.said = said;
            reading.kind = Some(kind);
            reading.constructs = constructs;
            reading
        }
        Source::Definition(document) => {
            source::no_parameters(&options.parameters)?;
            let reading = definition(&Tree::plain(&document.root));
            Reading {
                said: comments::said(&document),
                ..reading.with_repeated(&document.repeated)
            }
        }
    };
    let mut apis = reading.apis.values();
    if !options.region_is_known && apis.any(|api| api.region.is_none()) {
        let why = format!("is taken to be {}: give it with --region", options.region);
        let at = Spot::START;
        reading.doubts.push((Selected::Region, Unknown { why, at }));
    }
    identity::settle(&mut reading, options);
    Ok(Some(finish::translated(file, reading, options, now)))
}

/// An API definition of its own.
fn definition(document: &Tree) -> Reading {
    let title = document
        .get("info")
        .and_then(|info| info.text_of("title").ok().flatten());
    let id = title.unwrap_or(UNNAMED);
    let mut api = ApiDraft::new(id, openapi::kind(document), document.at);
    openapi::add(&mut api, document, Schemes::default());
    Reading {
        kind: Some(FileKind::OpenApi),
        apis: BTreeMap::from([(id.to_owned(), api)]),
        ..Reading::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(text: &str) -> Translated {
        let options = Options {
            region: REGION.to_owned(),
            region_is_known: true,
            parameters: BTreeMap::new(),
            around: None,
        };
        let now = Timestamp::UNIX_EPOCH;
        read("template.yaml", text, &options, now).unwrap().unwrap()
    }

    fn gaps(text: &str) -> Vec<String> {
        let gaps = translated(text).inventory.gaps.into_iter();
        gaps.map(|it| it.message).collect()
    }

    #[test]
    fn properties_that_are_no_mapping_are_a_gap() {
        for kind in [
            "AWS::ApiGateway::RestApi",
            "AWS::ApiGatewayV2::Api",
            "AWS::Serverless::Api",
            "AWS::Serverless::Function",
        ] {
            for properties in ["[1]", "a text"] {
                let text =
                    format!("Resources: {{It: {{Type: '{kind}', Properties: {properties}}}}}");
                assert!(!gaps(&text).is_empty(), "{text}");
            }
            let none = format!("Resources: {{It: {{Type: '{kind}', Properties: }}}}");
            assert_eq!(gaps(&none), [""; 0], "{none}");
        }
    }

    /// API Gateway answers preflights before any route, so that an open `OPTIONS` route beside CORS is none.
    #[test]
    fn cors_that_cannot_be_told_hides_no_route() {
        let read = |configuration: &str| {
            translated(&format!(
                "Parameters: {{Env: {{Type: String}}}}\nConditions: {{Prod: !Equals [!Ref Env, prod]}}\nResources: {{A: {{Type: 'AWS::ApiGatewayV2::Api', Properties: {{ProtocolType: HTTP, CorsConfiguration: {configuration}}}}}}}"
            ))
        };
        for (configuration, answers, is_said) in [
            ("{AllowOrigins: ['*']}", true, false),
            ("{}", false, false),
            (
                "!If [Prod, {AllowOrigins: ['*']}, !Ref AWS::NoValue]",
                false,
                true,
            ),
            ("['*']", false, true),
        ] {
            let read = read(configuration);
            assert_eq!(read.inventory.apis[0].cors, answers, "{configuration}");
            let says = |it: &Assumed| {
                it.says
                    .starts_with("no CORS configuration is taken to be there")
            };
            assert_eq!(read.assumed.iter().any(says), is_said, "{configuration}");
        }
    }

    /// SAM writes two statements for each event with such a list.
    #[test]
    fn a_policy_longer_than_api_gateway_takes_is_not_told() {
        let policy = |events: usize| {
            let event = |it: usize| {
                format!(
                    "E{it}: {{Type: Api, Properties: {{RestApiId: !Ref A, Path: /p{it}, Method: get, Auth: {{ResourcePolicy: {{IpRangeWhitelist: [203.0.113.0/24]}}}}}}}}"
                )
            };
            let events = (0..events).map(event).collect::<Vec<_>>().join(", ");
            let text = format!(
                "Resources: {{A: {{Type: 'AWS::Serverless::Api', Properties: {{StageName: p}}}}, F: {{Type: 'AWS::Serverless::Function', Properties: {{Events: {{{events}}}}}}}}}"
            );
            let api = translated(&text).inventory.apis.into_iter().next();
            api.unwrap().resource_policy.unwrap()
        };
        assert!(matches!(policy(500), crate::iam::Document::Json(_)));
        let longer = policy(501);
        let problem = longer.problem().unwrap();
        assert!(problem.contains("more statements"), "{problem}");
    }

    #[test]
    fn an_event_without_a_type_is_a_gap() {
        let gaps_of = |event: &str| {
            gaps(&format!(
                "Resources: {{It: {{Type: 'AWS::Serverless::Function', Properties: {{Events: {{E: {event}}}}}}}}}"
            ))
        };
        for event in ["{Properties: {Path: /a}}", "[1]", "Api", ""] {
            assert_eq!(gaps_of(event).len(), 1, "{event}");
        }
        assert_eq!(gaps_of("{Type: Schedule}"), [""; 0]);
        assert_eq!(gaps_of("!Ref AWS::NoValue"), [""; 0]);
    }

    #[test]
    fn a_tag_without_a_key_is_a_doubt() {
        let doubts = |tags: &str| {
            let text = format!(
                "Resources: {{It: {{Type: 'AWS::ApiGateway::RestApi', Properties: {{Tags: {tags}}}}}}}"
            );
            let doubts = translated(&text).doubts.into_iter();
            doubts.map(|it| it.about).collect::<Vec<_>>()
        };
        for tags in ["[team]", "[{Value: shop}]", "[[team, shop]]"] {
            assert_eq!(doubts(tags), [Selected::Tags], "{tags}");
        }
        assert_eq!(doubts("[{Key: team, Value: shop}]"), []);
        assert_eq!(doubts("[{Key: team}]"), []);
    }
}
