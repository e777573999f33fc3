//! From the methods that a source leaves open to the changes of its text that ask for `AWS_IAM`.
//!
//! - In: the text of a template or an API definition, and where in it the methods stand.
//! - Out: for each method a [`Mend`], which is the smallest change of the text that sets its authorization type, or the reason
//!   why the text alone cannot be changed so. Comments, order, quotes and indentation stay.
//! - Not known here: whether a change mends anything. Whoever takes one reads the changed text again, and compares.

mod cloudformation;
mod edit;
mod find;
mod insert;
mod made_by;
mod openapi;
mod sam;
mod same;
mod style;
mod terraform;
mod value;

use std::collections::BTreeSet;

use crate::yaml::{self, Syntax};

pub use edit::{Edit, Mend, patched};
pub use same::is_same_but;
pub use terraform::{
    ResourceName, addresses, mend_resource, module_folder, not_redeployed, planned, resource_name,
};

use find::{Chain, chains};
use insert::Writer;

/// The authorization type that is set, as every kind of source writes it.
const IAM: &str = "AWS_IAM";

/// How sources write that nobody is asked.
const NONE: &str = "NONE";

/// The changes that mend the methods at these places, line and column from 1, in the order of the places; or why there is
/// none, in words that follow "no edit".
///
/// # Errors
/// Why the text cannot be changed at all.
pub fn mends(text: &str, places: &[(usize, usize)]) -> Result<Vec<Result<Mend, String>>, String> {
    let body = text.strip_prefix(BOM).unwrap_or(text);
    let syntax = yaml::syntax(body).map_err(|mistake| {
        format!(
            "its text cannot be read again: {}:{}: {}",
            mistake.line, mistake.column, mistake.message
        )
    })?;
    let wanted: BTreeSet<(usize, usize)> = places.iter().copied().collect();
    let chains = chains(&syntax.root, &wanted);
    let file = Source {
        writer: Writer::new(body, &syntax),
        syntax: &syntax,
    };
    let before = text.len() - body.len();
    let one = |place: &(usize, usize)| {
        let chain = chains.get(place).ok_or("nothing stands there any more")?;
        Ok(file.mend(chain)?.moved(before))
    };
    Ok(places.iter().map(one).collect())
}

/// What some editors begin a text with.
const BOM: char = '\u{feff}';

/// A text that is changed.
struct Source<'s> {
    syntax: &'s Syntax,
    writer: Writer<'s>,
}

impl<'s> Source<'s> {
    /// The change that mends what stands at the end of a chain.
    fn mend(&self, chain: &Chain<'s>) -> Result<Mend, String> {
        self.refuse_shared(chain)?;
        let keys: Vec<&str> = chain.keys().collect();
        if let Some(looped) = keys.iter().find(|it| it.starts_with("Fn::ForEach")) {
            return Err(format!("a loop (`{looped}`) makes it together with others"));
        }
        match keys.as_slice() {
            [.., "paths", _, _] => self.operation(chain),
            ["Resources", _] => self.resource(chain),
            ["Resources", _, "Properties", "Events", _] => self.event(chain),
            ["Resources", _, "Properties", "Routes", _] => self.websocket(chain),
            _ => Err("what stands there is no method that is written out".to_owned()),
        }
    }

    /// What an alias stands for is written once and counts in several places.
    fn refuse_shared(&self, chain: &Chain<'s>) -> Result<(), String> {
        let used_again = &self.syntax.used_again;
        match chain.parts().any(|it| used_again.contains(&it.anchor)) {
            true => Err(SHARED.to_owned()),
            false => Ok(()),
        }
    }
}

/// Why nothing is changed that an alias copies.
const SHARED: &str =
    "an alias (`*name`) uses what stands there in another place, too: write it out there first";
