//! Templates before deployment: CloudFormation, SAM and OpenAPI as an inventory, for the same rules.
//!
//! A template has no account, no Region and no deployment. Placeholders stand in for them: account
//! [`ACCOUNT`], the Region of [`Options`], and one deployment called [`STAGE`], which every stage of the
//! template serves; an API without a stage is judged as if it had one of that name. The draft is
//! the same as the deployment: nothing is fixed and undeployed, and nothing is about to open.
//!
//! What a template alone does not tell is a gap at its place; a name that a policy file could select by
//! is a [`Doubt`], which is a gap where the policy file does. What is taken for granted is said.

mod cloudformation;
mod draft;
mod finish;
mod for_each;
mod openapi;
mod options;
mod origin;
mod reading;
mod resolve;
mod rest;
mod routes;
mod sam;
mod scope;
mod security;
mod source;
mod tree;
mod types;

pub use draft::Selected;
pub use finish::{Assumed, Doubt, Translated};
pub use options::{ACCOUNT, Options, PARTITION, REGION, STAGE};
pub use origin::{Origin, Origins};
pub use source::Problem;

use std::collections::BTreeMap;

use jiff::Timestamp;

use draft::ApiDraft;
use reading::Reading;
use security::Schemes;
use source::Source;
use tree::{Spot, Tree, Unknown};

/// The id of an API whose definition does not name it.
const UNNAMED: &str = "openapi";

/// Reads a template or an API definition. `file` is how it is called; `now` is the time of the reading.
/// `Ok(None)`: it is an inventory.
///
/// # Errors
/// For a text that is none of them, with the place where that shows.
pub fn read(
    file: &str,
    text: &str,
    options: &Options,
    now: Timestamp,
) -> Result<Option<Translated>, Problem> {
    let mut reading = match source::read(file, text)? {
        Source::Inventory => return Ok(None),
        Source::Template(root) => {
            source::known_parameters(&root, &options.parameters)?;
            cloudformation::read(&root, options)
        }
        Source::Definition(root) => {
            source::no_parameters(&options.parameters)?;
            definition(&Tree::plain(&root))
        }
    };
    if !options.region_is_known && !reading.apis.is_empty() {
        let why = format!("is taken to be {}: give it with --region", options.region);
        let at = Spot { line: 1, column: 1 };
        reading.doubts.push((Selected::Region, Unknown { why, at }));
    }
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
        apis: BTreeMap::from([(id.to_owned(), api)]),
        ..Reading::default()
    }
}
