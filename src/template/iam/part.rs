//! One resource of a template that makes something of IAM, and what its properties name.

use super::document::marked;
use super::estate::{IamDraft, Named};
use super::marks::{first_mark, has_mark};
use crate::iam::Document;
use crate::template::tree::{Kind, Spot, Tree};

/// A resource that makes something of IAM.
pub(super) struct Part {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) at: Spot,
    pub(super) properties: Tree,
    /// The condition that only a deployment decides.
    pub(super) undecided: Option<String>,
}

impl Part {
    /// A policy document of it. One that may not be made cannot be told.
    pub(super) fn document(&self, draft: &IamDraft, tree: Option<&Tree>) -> Document {
        if let Some(condition) = &self.undecided {
            return Document::Unparsed {
                text: String::new(),
                error: format!(
                    "whether it is made depends on condition `{condition}`, which cannot be told"
                ),
            };
        }
        match tree {
            Some(tree) => draft.policy(marked(tree, &draft.marks)),
            None => Document::Unparsed {
                text: String::new(),
                error: "it has no document".to_owned(),
            },
        }
    }

    /// What it is called.
    pub(super) fn what(&self) -> String {
        format!("resource `{}`", self.id)
    }
}

/// A name that the file gives. `None`: CloudFormation makes one, or it cannot be told.
pub(super) fn given<'t>(properties: &'t Tree, key: &str) -> Option<&'t str> {
    let name = properties.text_of(key).ok().flatten();
    name.filter(|it| !it.is_empty() && !has_mark(it))
}

/// What a list names, or a value in its place.
pub(super) fn each_named(draft: &IamDraft, list: Option<&Tree>) -> Vec<Named> {
    match list.map(|it| &it.kind) {
        Some(Kind::List(items)) => items.iter().map(|it| one_named(draft, it)).collect(),
        None | Some(Kind::Null | Kind::NoValue) => Vec::new(),
        Some(_) => list.map(|it| one_named(draft, it)).into_iter().collect(),
    }
}

/// What one value names.
pub(super) fn one_named(draft: &IamDraft, tree: &Tree) -> Named {
    match &tree.kind {
        // What a principal or policy is referred to by is its name or its ARN.
        Kind::Resource { id, .. } => Named::Here(id.clone()),
        Kind::Text(text) if has_mark(text) => {
            let why = first_mark(&text.clone().into(), &draft.marks);
            Named::Unknown(why.unwrap_or_default())
        }
        Kind::Text(text) => Named::Text(text.trim().to_owned()),
        Kind::Unknown(why) => Named::Unknown(why.clone()),
        Kind::Null | Kind::NoValue | Kind::List(_) | Kind::Map(_) => {
            Named::Unknown("must be a single text".to_owned())
        }
    }
}
