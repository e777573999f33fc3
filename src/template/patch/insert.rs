//! Entries that are added to a mapping or a list, in the style of those beside them.

use super::edit::{Edit, Mend, Step};
use super::find::Chain;
use super::made_by::made_by;
use super::style::{Lines, New, Style};
use crate::yaml::{Part, Quotes, Shape, Syntax};

/// Behind what new sections of a template are written.
const TOP: &str = "Transform";

/// Writes into one text.
pub(super) struct Writer<'s> {
    text: &'s str,
    newline: &'static str,
    /// How far the dash of a list in block style stands behind the key that it is the value of.
    dash: usize,
    /// How far the entries of a mapping in block style stand behind its key.
    unit: usize,
}

impl<'s> Writer<'s> {
    pub(super) fn new(text: &'s str, syntax: &Syntax) -> Self {
        let newline = match text.find('\n') {
            Some(at) if text.get(..at).is_some_and(|it| it.ends_with('\r')) => "\r\n",
            _ => "\n",
        };
        let mut writer = Writer {
            text,
            newline,
            dash: 2,
            unit: 2,
        };
        if let Some(unit) = unit_of(&syntax.root) {
            writer.unit = unit;
            writer.dash = unit;
        }
        if let Some(dash) = writer.dash_of(&syntax.root) {
            writer.dash = dash;
        }
        writer
    }

    /// The bytes of a value.
    pub(super) fn slice(&self, part: &Part) -> &'s str {
        self.text.get(part.start..part.end).unwrap_or("")
    }

    /// Adds entries to the mapping at the end of a chain. `after`: behind the entry of this key, where it is there; else they
    /// come last.
    ///
    /// # Errors
    /// Where it is no mapping that is written out, in words that follow "it".
    pub(super) fn add(
        &self,
        chain: &Chain<'_>,
        new: &[(&str, New)],
        after: Option<&str>,
    ) -> Result<Mend, String> {
        let part = chain.value();
        if let Some(made) = made_by(part) {
            return Err(format!("is made by `{made}`"));
        }
        let edit = match &part.shape {
            Shape::Map { entries, is_flow } if !entries.is_empty() => match is_flow {
                true => self.in_flow(entries, new),
                false => self.in_block(entries, new, after),
            },
            Shape::Map { is_flow: true, .. } => Some((part.start + 1, self.on_one_line(new))),
            Shape::Scalar { .. } if part.is_null() => return self.in_place_of_nothing(chain, new),
            _ => return Err("is no mapping".to_owned()),
        };
        let (at, text) = edit.ok_or("is written in a way that is not understood")?;
        Ok(self.mend(
            chain,
            (at..at, text),
            new.iter().map(|(key, _)| Step::Key((*key).to_owned())),
        ))
    }

    /// Adds an entry to a mapping below the one at the end of a chain. `missing`: the keys on the way that are not there, or have
    /// nothing as their value.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub(super) fn add_below(
        &self,
        chain: &Chain<'_>,
        missing: &[&str],
        (key, value): (&str, New),
    ) -> Result<Mend, String> {
        let Some((first, inner)) = missing.split_first() else {
            return self.add(chain, &[(key, value)], None);
        };
        if let Some(made) = made_by(chain.value()) {
            return Err(format!("has what `{made}` brings"));
        }
        // All keys but the first, the outermost first, as mappings in each other.
        let nested = |keys: &[&str]| {
            let keys = keys.iter().rev();
            keys.fold(value.clone(), |value, key| New::map([(*key, value)]))
        };
        let keys: Vec<&str> = inner.iter().copied().chain([key]).collect();
        match chain.to_entry(first) {
            // It is there, and nothing is its value.
            Some(null) => {
                let (next, below) = keys.split_first().ok_or("is not understood")?;
                self.add(&null, &[(next, nested(below))], None)
            }
            None => self.add(chain, &[(first, nested(&keys))], Some(TOP)),
        }
    }

    /// Adds an item to the list at the end of a chain.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub(super) fn append(&self, chain: &Chain<'_>, item: &New) -> Result<Mend, String> {
        let part = chain.value();
        if let Some(made) = made_by(part) {
            return Err(format!("is made by `{made}`"));
        }
        let Shape::List { items, is_flow } = &part.shape else {
            return Err("is no list".to_owned());
        };
        let unknown = || "is written in a way that is not understood".to_owned();
        let (at, text) = match (items.first(), items.last()) {
            (Some(first), Some(last)) if *is_flow => {
                let is_last_of_several = items.len() > 1;
                let style = self.style_of_items(items);
                let separator = match items.iter().rev().nth(1).filter(|_| is_last_of_several) {
                    Some(before) => self.separator(before.end, last.start),
                    None => self.separator_from(part.start + 1, first.start),
                };
                let mut text = separator;
                style.write(item, self.newline, &mut text);
                (end_in_flow(last).ok_or_else(unknown)?, text)
            }
            (Some(first), Some(last)) => {
                let indent = self.indent_of_line(first.start);
                let dashed = self.text.get(self.line_start(first.start)..first.start);
                let is_dashed = dashed.is_some_and(|it| it.trim_start().starts_with('-'));
                let end = end_in_block(last)
                    .filter(|_| is_dashed)
                    .ok_or_else(unknown)?;
                let style = self.block_style(&indent, self.keys_below(items));
                let mut text = format!("{}{indent}- ", self.newline);
                style.deeper("  ").write(item, self.newline, &mut text);
                (self.line_end(end), text)
            }
            _ if *is_flow => {
                let mut text = String::new();
                let style = self.one_line(self.quotes_of_text());
                style.write(item, self.newline, &mut text);
                (part.start + 1, text)
            }
            _ => return Err(unknown()),
        };
        Ok(Mend {
            edits: vec![Edit {
                at: at..at,
                text,
                depth: chain.depth(),
            }],
            sets: vec![chain.steps()],
            notes: Vec::new(),
        })
    }

    /// Makes something the value of the key at the end of a chain, which has none.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub(super) fn fill(&self, chain: &Chain<'_>, new: &New) -> Result<Mend, String> {
        let mut text = String::new();
        let quotes = chain.key().map_or(Quotes::None, quotes_of);
        self.one_line(quotes).write(new, self.newline, &mut text);
        let at = self.place_of_nothing(chain)?;
        if at.is_empty() {
            text.insert(0, ' ');
        }
        Ok(self
            .mend(chain, (at, text), [].into_iter())
            .setting_all(chain))
    }

    /// Where nothing is written in the place of a value: behind the colon, or where a word says that nothing is there.
    fn place_of_nothing(&self, chain: &Chain<'_>) -> Result<std::ops::Range<usize>, String> {
        let unknown = || "is written in a way that is not understood".to_owned();
        let (part, key) = (chain.value(), chain.key().ok_or_else(unknown)?);
        if part.anchor != 0 {
            return Err("has an anchor (`&name`)".to_owned());
        }
        if !part.is_empty() {
            return Ok(part.start..part.end);
        }
        let behind = self.text.get(key.end..).unwrap_or("");
        let blanks = behind.len() - behind.trim_start_matches([' ', '\t']).len();
        if !behind.trim_start_matches([' ', '\t']).starts_with(':') {
            return Err(unknown());
        }
        let at = key.end + blanks + 1;
        Ok(at..at)
    }

    fn in_place_of_nothing(&self, chain: &Chain<'_>, new: &[(&str, New)]) -> Result<Mend, String> {
        let entries = new
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone()));
        let map = New::Map(entries.collect());
        let is_below_flow = chain.links.iter().rev().skip(1).any(|it| is_flow(it.value))
            || (chain.links.len() == 1 && is_flow(chain.root));
        let key = chain.key();
        if is_below_flow || !chain.value().is_empty() {
            return self.fill(chain, &map);
        }
        // In block style, below the key. What follows it on its line can only be a comment.
        let at = self.place_of_nothing(chain)?;
        let column = key.map_or(0, |it| it.column - 1);
        let indent = " ".repeat(column + self.unit);
        let style = self.block_style(&indent, key.map_or(Quotes::None, quotes_of));
        let text = self.block_lines(&style, &indent, new);
        let end = self.line_end(at.start);
        Ok(self
            .mend(chain, (end..end, text), [].into_iter())
            .setting_all(chain))
    }

    fn mend(
        &self,
        chain: &Chain<'_>,
        (at, text): (std::ops::Range<usize>, String),
        keys: impl Iterator<Item = Step>,
    ) -> Mend {
        let set = |key| {
            let mut way = chain.steps();
            way.push(key);
            way
        };
        let depth = chain.depth();
        Mend {
            edits: vec![Edit { at, text, depth }],
            sets: keys.map(set).collect(),
            notes: Vec::new(),
        }
    }

    /// Behind the last entry, or the one of a key, whose end is plain to see; else before the first one.
    fn in_block(
        &self,
        entries: &[(Part, Part)],
        new: &[(&str, New)],
        after: Option<&str>,
    ) -> Option<(usize, String)> {
        let (first, _) = entries.first()?;
        let indent = self.own_indent(first)?;
        let style = self.block_style(&indent, quotes_of(first));
        let end_of = |(_, value): &(Part, Part)| end_in_block(value);
        let named = entries.iter().rev().find(|(key, _)| key.text() == after);
        let end = named
            .and_then(end_of)
            .or_else(|| entries.iter().rev().find_map(end_of));
        Some(match end {
            Some(end) => (self.line_end(end), self.block_lines(&style, &indent, new)),
            None => {
                let lines = self.block_lines(&style, &indent, new);
                let lines = lines.trim_start_matches(['\r', '\n', ' ']);
                (first.start, format!("{lines}{}{indent}", self.newline))
            }
        })
    }

    /// New entries, each with the line break before it.
    fn block_lines(&self, style: &Style, indent: &str, new: &[(&str, New)]) -> String {
        let mut text = String::new();
        for (key, value) in new {
            text += self.newline;
            text += indent;
            style.entry(key, value, self.newline, &mut text);
        }
        text
    }

    fn in_flow(&self, entries: &[(Part, Part)], new: &[(&str, New)]) -> Option<(usize, String)> {
        let (first, _) = entries.first()?;
        let (last_key, last) = entries.last()?;
        let before = entries.iter().rev().nth(1);
        let style = self.style_of_entries(entries);
        let Some(end) = end_in_flow(last) else {
            // The end of a value that is nothing cannot be seen.
            let mut text = String::new();
            for (key, value) in new {
                style.entry(key, value, self.newline, &mut text);
                text += match &style.lines {
                    Some(_) => ",",
                    None => ", ",
                };
                if let Some(lines) = &style.lines {
                    text += self.newline;
                    text += &lines.indent;
                }
            }
            return Some((first.start, text));
        };
        let separator = match before {
            Some((_, value)) if end_in_flow(value).is_some() => {
                self.separator(value.end, last_key.start)
            }
            _ => self.separator_from_opening(first.start),
        };
        let mut text = String::new();
        for (key, value) in new {
            text += &separator;
            style.entry(key, value, self.newline, &mut text);
        }
        Some((end, text))
    }

    fn on_one_line(&self, new: &[(&str, New)]) -> String {
        let style = self.one_line(self.quotes_of_text());
        let mut text = String::new();
        for (index, (key, value)) in new.iter().enumerate() {
            if index > 0 {
                text += ", ";
            }
            style.entry(key, value, self.newline, &mut text);
        }
        text
    }

    /// JSON has all of its keys in quotes.
    fn quotes_of_text(&self) -> Quotes {
        match self.text.trim_start().starts_with('{') {
            true => Quotes::Double,
            false => Quotes::None,
        }
    }

    /// What stands between two entries in flow style, without comments.
    fn separator(&self, end: usize, start: usize) -> String {
        let between = self.text.get(end..start).unwrap_or("");
        let is_plain = between.chars().all(|it| it == ',' || it.is_whitespace());
        match is_plain && between.matches(',').count() == 1 && !between.contains("\n\n") {
            true => between.to_owned(),
            false if between.contains('\n') => {
                format!(",{}{}", self.newline, self.indent_of_line(start))
            }
            false => ", ".to_owned(),
        }
    }

    /// What would stand between entries of which there is only one, which begins here.
    fn separator_from_opening(&self, first: usize) -> String {
        let before = self.text.get(..first).unwrap_or("");
        let blanks = before.len() - before.trim_end().len();
        self.separator_from(first - blanks, first)
    }

    fn separator_from(&self, open: usize, first: usize) -> String {
        let between = self.text.get(open..first).unwrap_or("");
        match between.contains('\n') {
            true => format!(",{}{}", self.newline, self.indent_of_line(first)),
            false if self.is_compact() => ",".to_owned(),
            false => ", ".to_owned(),
        }
    }

    /// Whether the text is JSON without blanks.
    fn is_compact(&self) -> bool {
        !self.text.contains(": ") && !self.text.contains(", ")
    }

    fn style_of_entries(&self, entries: &[(Part, Part)]) -> Style {
        let last = entries.last();
        let colon = last.map(|(key, value)| self.colon(key, value));
        let start = last.map_or(0, |(key, _)| key.start);
        Style {
            lines: self.lines_at(start),
            is_flow: true,
            keys: last.map_or(Quotes::None, |(key, _)| quotes_of(key)),
            colon: colon.unwrap_or_else(|| ": ".to_owned()),
            dash: 0,
        }
    }

    fn style_of_items(&self, items: &[Part]) -> Style {
        let quotes = match self.quotes_of_text() {
            Quotes::None => self.keys_below(items),
            quotes => quotes,
        };
        Style {
            lines: items.last().and_then(|it| self.lines_at(it.start)),
            ..self.one_line(quotes)
        }
    }

    fn keys_below(&self, items: &[Part]) -> Quotes {
        let entries = items.iter().flat_map(Part::entries);
        entries
            .last()
            .map_or(Quotes::None, |(key, _)| quotes_of(key))
    }

    fn one_line(&self, keys: Quotes) -> Style {
        Style {
            lines: None,
            is_flow: true,
            keys,
            colon: match keys == Quotes::Double && self.is_compact() {
                true => ":".to_owned(),
                false => ": ".to_owned(),
            },
            dash: 0,
        }
    }

    fn block_style(&self, indent: &str, keys: Quotes) -> Style {
        Style {
            lines: Some(Lines {
                indent: indent.to_owned(),
                unit: " ".repeat(self.unit),
            }),
            is_flow: false,
            keys,
            colon: ": ".to_owned(),
            dash: self.dash,
        }
    }

    /// The lines of entries that begin their own lines.
    fn lines_at(&self, start: usize) -> Option<Lines> {
        let line = self.text.get(self.line_start(start)..start)?;
        if !line.trim().is_empty() || self.line_start(start) == 0 {
            return None;
        }
        let indent = line.to_owned();
        // The line that opens the mapping is the nearest one before that begins further left.
        let before = self.text.get(..self.line_start(start)).unwrap_or("");
        let outer = before.lines().rev().find_map(|it| {
            let blank = it.len() - it.trim_start().len();
            (blank < indent.len() && !it.trim().is_empty())
                .then(|| it.get(..blank))
                .flatten()
        });
        let unit = outer.and_then(|it| indent.strip_prefix(it));
        let unit = unit.filter(|it| !it.is_empty()).unwrap_or("  ").to_owned();
        Some(Lines { indent, unit })
    }

    fn colon(&self, key: &Part, value: &Part) -> String {
        let between = self.text.get(key.end..value.start).unwrap_or("");
        let is_plain = between.trim() == ":" && !between.contains(['\n', '\t']);
        match is_plain {
            true => between.to_owned(),
            false => ": ".to_owned(),
        }
    }

    /// The blanks before a key that begins its line, or stands behind the dashes of a list.
    fn own_indent(&self, key: &Part) -> Option<String> {
        let before = self.text.get(self.line_start(key.start)..key.start)?;
        let is_plain = before.chars().all(|it| it == ' ' || it == '-');
        is_plain.then(|| " ".repeat(before.len()))
    }

    fn line_start(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or("");
        before.rfind('\n').map_or(0, |it| it + 1)
    }

    /// Where the line of a byte ends, before its line break.
    fn line_end(&self, at: usize) -> usize {
        let behind = self.text.get(at..).unwrap_or("");
        let end = behind.find('\n').unwrap_or(behind.len());
        let line = behind.get(..end).unwrap_or("");
        at + line.strip_suffix('\r').unwrap_or(line).len()
    }

    fn indent_of_line(&self, at: usize) -> String {
        let line = self.text.get(self.line_start(at)..at).unwrap_or("");
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        line.get(..blanks).unwrap_or("").to_owned()
    }

    /// How far the first list in block style stands behind its key.
    fn dash_of(&self, part: &Part) -> Option<usize> {
        for (key, value) in part.entries() {
            if let Shape::List {
                items,
                is_flow: false,
            } = &value.shape
                && let Some(first) = items.first()
            {
                let indent = self.indent_of_line(first.start).len();
                if let Some(key) = self.own_indent(key) {
                    return indent.checked_sub(key.len());
                }
            }
            if let Some(found) = self.dash_of(value) {
                return Some(found);
            }
        }
        part.items().iter().find_map(|it| self.dash_of(it))
    }
}

impl Mend {
    /// Sets the value at the end of a chain as a whole.
    fn setting_all(mut self, chain: &Chain<'_>) -> Mend {
        self.sets = vec![chain.steps()];
        self
    }
}

/// How far the entries of the first mapping in a mapping stand behind its key.
fn unit_of(root: &Part) -> Option<usize> {
    let below = |(key, value): &(Part, Part)| match &value.shape {
        Shape::Map {
            entries,
            is_flow: false,
        } => {
            let (first, _) = entries.first()?;
            first.column.checked_sub(key.column).filter(|it| *it > 0)
        }
        _ => None,
    };
    root.entries().iter().find_map(below)
}

fn is_flow(part: &Part) -> bool {
    matches!(
        part.shape,
        Shape::Map { is_flow: true, .. } | Shape::List { is_flow: true, .. }
    )
}

fn quotes_of(part: &Part) -> Quotes {
    match &part.shape {
        Shape::Scalar { quotes, .. } => *quotes,
        _ => Quotes::None,
    }
}

/// Where a value in flow style ends. `None`: it has no byte of its own.
fn end_in_flow(part: &Part) -> Option<usize> {
    (!part.is_empty()).then_some(part.end)
}

/// Where the last line of a value ends, but for a comment behind it. `None`: that is not plain to see. The lines behind a block
/// scalar may belong to it.
fn end_in_block(part: &Part) -> Option<usize> {
    match &part.shape {
        Shape::Scalar {
            quotes: Quotes::Block,
            ..
        } => None,
        Shape::Scalar { .. } | Shape::Alias => end_in_flow(part),
        Shape::List { is_flow: true, .. } | Shape::Map { is_flow: true, .. } => Some(part.end),
        Shape::List { items, .. } => end_in_block(items.last()?),
        Shape::Map { entries, .. } => end_in_block(&entries.last()?.1),
    }
}
