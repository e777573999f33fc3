//! CloudFormation's functions, as far as a template alone tells what they come to.
//!
//! Source: [Intrinsic function reference](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html).

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::iam::{Mark, Marks, SIGN};
use super::options::{KEPT_BY_SSM, Options};
use super::tree::{Entry, Kind, NotTaken, Spot, Tree, Written, name_of};
use super::undecided::Answer;
use crate::inventory::url_suffix;
use crate::yaml::{Node, Value};

/// How much the functions of one template may make of it, in values and every 32 bytes of text: a small
/// file that repeats a large default must not grow without bound.
const BUDGET: usize = 2_000_000;

/// Applies the functions of one template.
pub(super) struct Resolver<'n> {
    options: &'n Options,
    parameters: BTreeMap<&'n str, &'n Node>,
    mappings: Option<&'n Node>,
    pub(super) conditions: BTreeMap<&'n str, &'n Node>,
    /// What each condition came to. `None`: it is being asked.
    pub(super) answers: RefCell<BTreeMap<String, Option<Answer>>>,
    /// The parameters that stand at their default, and where.
    defaults: RefCell<BTreeMap<String, (String, Spot)>>,
    budget: Cell<usize>,
    not_taken: NotTaken,
    /// Whether what is resolved decides something: what stands in for a name then tells nothing.
    decides: Cell<bool>,
    /// Whether marks stand for what only a deployment knows, in the midst of texts.
    marking: Cell<bool>,
    marks: Marks,
}

/// The value of a key as it is written.
pub(super) fn written<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    let Value::Map(entries) = &node.value else {
        return None;
    };
    entries
        .iter()
        .find(|(it, _)| it.text() == Some(key))
        .map(|(_, value)| value)
}

/// The entries of a mapping as they are written, with their names.
fn named(node: Option<&Node>) -> BTreeMap<&str, &Node> {
    let Some(Value::Map(entries)) = node.map(|node| &node.value) else {
        return BTreeMap::new();
    };
    entries
        .iter()
        .filter_map(|(key, value)| Some((key.text()?, value)))
        .collect()
}

impl<'n> Resolver<'n> {
    pub(super) fn new(root: &'n Node, options: &'n Options, not_taken: NotTaken) -> Self {
        Resolver {
            options,
            parameters: named(written(root, "Parameters")),
            mappings: written(root, "Mappings"),
            conditions: named(written(root, "Conditions")),
            answers: RefCell::default(),
            defaults: RefCell::default(),
            budget: Cell::new(BUDGET),
            not_taken,
            decides: Cell::new(false),
            marking: Cell::new(false),
            marks: Marks::default(),
        }
    }

    /// What was assumed: each parameter that stood at its default, in words, and where it is declared.
    pub(super) fn assumed(&self) -> Vec<(String, Spot)> {
        self.defaults.borrow().values().cloned().collect()
    }

    /// Why the file of the macro that is given what stands here was not taken in.
    pub(super) fn not_taken(&self, argument: Spot) -> Option<&str> {
        self.not_taken.get(&argument).map(String::as_str)
    }

    /// What uses a macro, or a function that is not known here.
    fn expanded_later(&self, name: &str, argument: &Node) -> Kind {
        Kind::Unknown(match self.not_taken(Spot::of(argument)) {
            Some(why) => format!("uses `{name}`, whose file {why}"),
            None => format!("uses `{name}`, which only a deployment resolves"),
        })
    }

    /// A value with its functions applied. `None`: `AWS::NoValue`, which takes its key away. Below it, the keys that
    /// are taken away so are still there.
    pub(super) fn tree(&self, node: &Node) -> Option<Tree> {
        if let Some(("Fn::If", argument)) = function_of(node) {
            return self.branch(argument, Spot::of(node));
        }
        let kind = if self.spend(1) {
            self.kind(node)?
        } else {
            Kind::Unknown(
                "is more than this reads: the template's functions make too much".to_owned(),
            )
        };
        Some(Tree {
            kind,
            at: Spot::of(node),
            written: match (function_of(node), &node.value) {
                (Some(("Ref", _)), _) => Written::Reference,
                (Some(_), _) => Written::Function,
                (None, Value::Scalar { plain: false, .. }) => Written::Quoted,
                (None, _) => Written::Plain,
            },
        })
    }

    /// A value in which marks stand for what only a deployment knows, also in the midst of texts.
    pub(super) fn marked(&self, node: &Node) -> Option<Tree> {
        let before = self.marking.replace(true);
        let tree = self.tree(node);
        self.marking.set(before);
        tree
    }

    /// What the marks stand for.
    pub(super) fn into_marks(self) -> Marks {
        self.marks
    }

    /// The text that a function is given, as a part of a longer one.
    fn part(&self, kind: Option<Kind>) -> Result<String, String> {
        if !self.marking.get() {
            return as_text(kind);
        }
        Ok(self.marks.put(match kind.map(with_attribute) {
            Some(Kind::Resource { id, attribute }) => Mark::Resource { id, attribute },
            Some(Kind::Unknown(why)) => Mark::Unknown(why),
            other => return as_text(other),
        }))
    }

    /// Whether a text that is written has what marks are made of.
    fn is_taken_for_a_mark(&self, text: &str) -> bool {
        self.marking.get() && text.contains(SIGN)
    }

    /// A value with its functions applied, which may be `AWS::NoValue`.
    fn value(&self, node: &Node) -> Tree {
        self.tree(node).unwrap_or_else(|| Tree {
            // What SAM looks into it sees, and takes for no value; a function in a function it does not look into.
            written: match self.is_nested(node) {
                true => Written::Function,
                false => Written::Plain,
            },
            ..Tree::new(Kind::NoValue, Spot::of(node))
        })
    }

    /// Whether an `Fn::If` comes to another one.
    fn is_nested(&self, node: &Node) -> bool {
        let Some(("Fn::If", argument)) = function_of(node) else {
            return false;
        };
        let [condition, yes, no] = arguments(argument) else {
            return false;
        };
        let branch = match self.ask(name_of(condition), 0) {
            Ok(true) => yes,
            Ok(false) => no,
            Err(_) => return false,
        };
        matches!(function_of(branch), Some(("Fn::If", _)))
    }

    /// What an `Fn::If` comes to.
    fn branch(&self, argument: &Node, at: Spot) -> Option<Tree> {
        let unknown = |why| Tree {
            written: Written::If,
            ..Tree::new(Kind::Unknown(why), at)
        };
        if !self.spend(1) {
            return Some(unknown("is more than this reads".to_owned()));
        }
        let [condition, yes, no] = arguments(argument) else {
            return Some(unknown("is an `Fn::If` without its three parts".to_owned()));
        };
        let branch = match self.ask(name_of(condition), 0) {
            Ok(true) => self.tree(yes)?,
            Ok(false) => self.tree(no)?,
            Err(undecided) => return Some(unknown(undecided.why)),
        };
        let written = match branch.is_made() {
            true => Written::Function,
            false => Written::If,
        };
        Some(Tree {
            written,
            at,
            ..branch
        })
    }

    fn spend(&self, amount: usize) -> bool {
        let left = self.budget.get().checked_sub(amount);
        self.budget.set(left.unwrap_or(0));
        left.is_some()
    }

    fn kind(&self, node: &Node) -> Option<Kind> {
        let entries = match &node.value {
            Value::Scalar { .. } if node.is_null() => return Some(Kind::Null),
            Value::Scalar { text, .. } if self.is_taken_for_a_mark(text) => {
                return Some(Kind::Unknown("has a control character in it".to_owned()));
            }
            Value::Scalar { text, .. } => return Some(self.text(text.clone())),
            Value::List(items) => {
                return Some(Kind::List(
                    items.iter().map(|item| self.value(item)).collect(),
                ));
            }
            Value::Map(entries) => entries,
        };
        if let Some((name, argument)) = function_of(node) {
            return self.function(name, argument);
        }
        let macros = |(key, _): &&(Node, Node)| {
            key.name()
                .is_some_and(|name| name == "Fn::Transform" || name.starts_with("Fn::ForEach"))
        };
        if let Some((key, argument)) = entries.iter().find(macros) {
            return Some(self.expanded_later(name_of(key), argument));
        }
        let entries = entries.iter().map(|(key, value)| Entry {
            key: key.text().unwrap_or_default().to_owned(),
            at: Spot::of(key),
            value: self.value(value),
        });
        Some(Kind::Map(entries.collect()))
    }

    fn text(&self, text: String) -> Kind {
        if text.contains("{{resolve:") {
            return Kind::Unknown(
                "is a dynamic reference, which only a deployment reads".to_owned(),
            );
        }
        if !self.spend(text.len() / 32) {
            return Kind::Unknown("is more than this reads".to_owned());
        }
        Kind::Text(text)
    }

    fn function(&self, name: &str, argument: &Node) -> Option<Kind> {
        Some(match name {
            "Ref" => return self.reference(name_of(argument)),
            "Fn::GetAtt" => get_att(argument),
            "Fn::Sub" => self.sub(argument).unwrap_or_else(Kind::Unknown),
            "Fn::Join" => self.join(argument).unwrap_or_else(Kind::Unknown),
            "Fn::Select" => self.select(argument).unwrap_or_else(Kind::Unknown),
            "Fn::Split" => self.split(argument).unwrap_or_else(Kind::Unknown),
            "Fn::FindInMap" => self.find_in_map(argument).unwrap_or_else(Kind::Unknown),
            name => self.expanded_later(name, argument),
        })
    }

    /// `None`: `AWS::NoValue`.
    fn reference(&self, name: &str) -> Option<Kind> {
        if name == "AWS::NoValue" {
            return None;
        }
        if let Some(value) = self.pseudo(name) {
            return Some(value);
        }
        if name.starts_with("AWS::") {
            return Some(Kind::Unknown(format!(
                "depends on `{name}`, which only a deployment knows"
            )));
        }
        Some(match self.parameters.get(name) {
            Some(declared) => self.parameter(name, declared),
            None => Kind::Resource {
                id: name.to_owned(),
                attribute: None,
            },
        })
    }

    fn pseudo(&self, name: &str) -> Option<Kind> {
        let partition = self.options.partition();
        let (value, is_known) = match name {
            "AWS::Region" => (self.options.region.as_str(), self.options.region_is_known),
            "AWS::AccountId" => (self.options.account(), self.options.around.is_some()),
            "AWS::StackName" => (self.options.around.as_ref()?.stack.as_deref()?, true),
            "AWS::Partition" => (partition, self.options.region_is_known),
            "AWS::URLSuffix" => (url_suffix(partition)?, self.options.region_is_known),
            _ => return None,
        };
        if is_known || !self.decides.get() {
            return Some(Kind::Text(value.to_owned()));
        }
        Some(Kind::Unknown(match name {
            "AWS::AccountId" => format!("depends on `{name}`, which only a deployment knows"),
            _ => format!("depends on `{name}`, and the Region is not known: give it with --region"),
        }))
    }

    /// The text of what decides something: which side of a condition holds, or which entry of a mapping is taken. The account
    /// and the Region of the deployment are stood in for elsewhere, in names. Here they would choose for all the others.
    pub(super) fn deciding(&self, node: &Node) -> Result<String, String> {
        let before = self.decides.replace(true);
        let text = as_text(self.tree(node).map(|tree| tree.kind));
        self.decides.set(before);
        text
    }

    fn parameter(&self, name: &str, declared: &Node) -> Kind {
        let text_of = |key: &str| written(declared, key).and_then(Node::name);
        // Without a type, CloudFormation takes no parameter: it is read as a text.
        let kind = text_of("Type").unwrap_or("String");
        let given = self.options.parameters.get(name);
        let value = match (given, text_of("Default")) {
            (Some(given), _) => given.clone(),
            (None, _) if kind.starts_with(KEPT_BY_SSM) => {
                return Kind::Unknown(format!(
                    "depends on parameter `{name}`, which a deployment reads from Systems Manager"
                ));
            }
            (None, Some(default)) => {
                let shown = match text_of("NoEcho") {
                    None | Some("false") => format!("its default `{default}`"),
                    Some(_) => "its default".to_owned(),
                };
                let says = format!("parameter `{name}` is taken at {shown}");
                let mut defaults = self.defaults.borrow_mut();
                defaults.insert(name.to_owned(), (says, Spot::of(declared)));
                default.to_owned()
            }
            (None, None) => {
                return Kind::Unknown(format!(
                    "depends on parameter `{name}`, which has no default: give it with --parameter {name}=VALUE"
                ));
            }
        };
        if kind == "CommaDelimitedList" || kind.starts_with("List<") {
            let at = Spot::of(declared);
            let items = value
                .split(',')
                .map(|item| Tree::new(self.text(item.trim().to_owned()), at));
            return Kind::List(items.collect());
        }
        self.text(value)
    }

    fn sub(&self, argument: &Node) -> Result<Kind, String> {
        let (text, variables) = match arguments(argument) {
            [text, variables] => (text, named(Some(variables))),
            _ => (argument, BTreeMap::new()),
        };
        let mut rest = text.name().ok_or("is an `Fn::Sub` without a text")?;
        if self.is_taken_for_a_mark(rest) {
            return Err("has a control character in it".to_owned());
        }
        if let Some(resource) = self.whole(rest, &variables) {
            return Ok(resource);
        }
        let mut made = String::new();
        while let Some((before, after)) = rest.split_once("${") {
            made.push_str(before);
            let (name, after) = after
                .split_once('}')
                .ok_or("is an `Fn::Sub` with a `${` that is not closed")?;
            rest = after;
            if let Some(literal) = name.strip_prefix('!') {
                made.push_str(&format!("${{{literal}}}"));
                continue;
            }
            let name = name.trim();
            let kind = match variables.get(name) {
                Some(node) => self.tree(node).map(|tree| tree.kind),
                None => self.reference(name),
            };
            let value = self.part(kind)?;
            // Here and not at the end: what is made must not outgrow its bound on the way.
            if !self.spend(value.len() / 32) {
                return Err("is more than this reads".to_owned());
            }
            made.push_str(&value);
        }
        made.push_str(rest);
        Ok(self.text(made))
    }

    /// A resource, or an attribute of it, where an `Fn::Sub` has nothing else in it.
    fn whole(&self, text: &str, variables: &BTreeMap<&str, &Node>) -> Option<Kind> {
        let name = text.strip_prefix("${")?.strip_suffix('}')?;
        if name.contains(['$', '}', '!']) || variables.contains_key(name.trim()) {
            return None;
        }
        let (id, attribute) = match name.trim().split_once('.') {
            Some((id, attribute)) => (id, Some(attribute.to_owned())),
            None => (name.trim(), None),
        };
        match self.reference(id)? {
            Kind::Resource { id, .. } => Some(Kind::Resource { id, attribute }),
            _ => None,
        }
    }

    fn join(&self, argument: &Node) -> Result<Kind, String> {
        let [delimiter, list] = arguments(argument) else {
            return Err("is an `Fn::Join` without its two parts".to_owned());
        };
        let parts = self.list(list)?.into_iter();
        let parts: Vec<String> = parts
            .map(|part| self.part(Some(part.kind)))
            .collect::<Result<_, _>>()?;
        let delimiter = match &delimiter.value {
            Value::Scalar { text, .. } => text.as_str(),
            Value::List(_) | Value::Map(_) => "",
        };
        if !self.spend(delimiter.len().saturating_mul(parts.len()) / 32) {
            return Err("is more than this reads".to_owned());
        }
        Ok(self.text(parts.join(delimiter)))
    }

    fn select(&self, argument: &Node) -> Result<Kind, String> {
        let [index, list] = arguments(argument) else {
            return Err("is an `Fn::Select` without its two parts".to_owned());
        };
        let index = self.deciding(index)?;
        let index: usize = index
            .trim()
            .parse()
            .map_err(|_| "is an `Fn::Select` without a number".to_owned())?;
        let item = self.list(list)?.into_iter().nth(index);
        item.map(|item| item.kind)
            .ok_or_else(|| "is an `Fn::Select` beyond the end of its list".to_owned())
    }

    fn split(&self, argument: &Node) -> Result<Kind, String> {
        let [delimiter, text] = arguments(argument) else {
            return Err("is an `Fn::Split` without its two parts".to_owned());
        };
        let delimiter = match &delimiter.value {
            Value::Scalar { text, .. } if !text.is_empty() => text.as_str(),
            _ => return Err("is an `Fn::Split` without a delimiter".to_owned()),
        };
        let at = Spot::of(text);
        let text = as_text(self.tree(text).map(|tree| tree.kind))?;
        if !self.spend(text.len()) {
            return Err("is more than this reads".to_owned());
        }
        let parts = text
            .split(delimiter)
            .map(|part| Tree::new(Kind::Text(part.to_owned()), at));
        Ok(Kind::List(parts.collect()))
    }

    fn find_in_map(&self, argument: &Node) -> Result<Kind, String> {
        let [map, first, second, rest @ ..] = arguments(argument) else {
            return Err("is an `Fn::FindInMap` without its three parts".to_owned());
        };
        let map = self.deciding(map)?;
        let (first, second) = (self.deciding(first)?, self.deciding(second)?);
        let found = self
            .mappings
            .and_then(|mappings| written(mappings, &map))
            .and_then(|map| written(map, &first))
            .and_then(|map| written(map, &second));
        // What the macro `AWS::LanguageExtensions` lets stand for a key that is not there.
        let default = rest.first().and_then(|it| written(it, "DefaultValue"));
        let found = found.or(default).and_then(|node| self.tree(node));
        found.map(|tree| tree.kind).ok_or_else(|| {
            format!("is looked up in mapping `{map}`, which has no `{first}`, `{second}`")
        })
    }

    fn list(&self, node: &Node) -> Result<Vec<Tree>, String> {
        match self.tree(node).map(|tree| tree.kind) {
            Some(Kind::List(items)) => {
                let is_there = |item: &Tree| !matches!(item.kind, Kind::NoValue);
                Ok(items.into_iter().filter(is_there).collect())
            }
            other => {
                as_text(other)?;
                Err("is made from a text where a list is wanted".to_owned())
            }
        }
    }
}

/// The function that a node is, and what it is given.
fn function_of(node: &Node) -> Option<(&str, &Node)> {
    let Value::Map(entries) = &node.value else {
        return None;
    };
    let [(key, argument)] = entries.as_slice() else {
        return None;
    };
    let name = key.name()?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name, argument))
}

/// The parts that a function is given as a list.
pub(super) fn arguments(argument: &Node) -> &[Node] {
    match &argument.value {
        Value::List(items) => items,
        Value::Scalar { .. } | Value::Map(_) => &[],
    }
}

/// `${Api.RootResourceId}` is an attribute of a resource.
fn with_attribute(kind: Kind) -> Kind {
    match kind {
        Kind::Resource {
            id,
            attribute: None,
        } => match id.split_once('.') {
            Some((id, attribute)) => Kind::Resource {
                id: id.to_owned(),
                attribute: Some(attribute.to_owned()),
            },
            None => Kind::Resource {
                id,
                attribute: None,
            },
        },
        other => other,
    }
}

fn get_att(argument: &Node) -> Kind {
    let parts = match arguments(argument) {
        [id, attribute] => id.name().zip(attribute.name()),
        _ => argument.name().and_then(|text| text.split_once('.')),
    };
    match parts {
        Some((id, attribute)) => Kind::Resource {
            id: id.to_owned(),
            attribute: Some(attribute.to_owned()),
        },
        None => Kind::Unknown("is an `Fn::GetAtt` without a resource and its attribute".to_owned()),
    }
}

/// The text that a function is given, or why there is none.
pub(super) fn as_text(kind: Option<Kind>) -> Result<String, String> {
    match kind {
        Some(Kind::Text(text)) => Ok(text),
        Some(Kind::Unknown(why)) => Err(why),
        Some(Kind::Resource { id, .. }) => Err(format!(
            "is made from resource `{id}`, which only a deployment knows"
        )),
        Some(Kind::Null | Kind::NoValue | Kind::List(_) | Kind::Map(_)) | None => {
            Err("is made from something that is no text".to_owned())
        }
    }
}
