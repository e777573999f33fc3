//! Files that were found, read and judged one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::asked::{Asked, Instead, Unclear};
use super::beside::Beside;
use super::error::{FilesError, Refused};
use super::found::{Found, Stack, What};
use super::sources::Sources;
use super::walk::real;
use crate::audit::{CheckedFiles, PassedOver};
use crate::template::{
    self, FileKind, Files as _, Looks, Nested, Options, Problem, Translated, Untold,
};

/// The largest file that is looked into, in bytes: a plan may have so many.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Stacks in stacks.
const DEEPEST: usize = 10;

/// So many stacks are followed in one check: templates that name each other often make no end of them.
const MOST_STACKS: usize = 2_000;

/// Of so many files the text is kept for what is not understood of them, and shown.
pub const SHOWN: usize = 20;

/// A file that names others, which may be parts of it.
struct Taker {
    path: PathBuf,
    text: String,
    translated: Translated,
}

pub(super) struct Reading<'a> {
    asked: &'a Asked,
    now: Timestamp,
    /// Takes what was read of a file.
    take: &'a mut dyn FnMut(Translated),
    unclear: Vec<Unclear>,
    /// The parameters that a file has.
    known: BTreeSet<String>,
    /// The real paths of the files that are parts of others.
    parts: BTreeSet<PathBuf>,
    /// How many stacks were followed.
    stacks: usize,
    refused: Vec<Refused>,
    sources: Sources,
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        asked: &'a Asked,
        now: Timestamp,
        take: &'a mut dyn FnMut(Translated),
    ) -> Self {
        Reading {
            asked,
            now,
            take,
            unclear: Vec::new(),
            known: BTreeSet::new(),
            parts: BTreeSet::new(),
            stacks: 0,
            refused: Vec::new(),
            sources: Sources::default(),
        }
    }

    /// Reads all of them: those that name others first, so that nothing is judged both as a part and by itself.
    ///
    /// # Errors
    /// Where a file that was named cannot be checked.
    pub(super) fn all(
        &mut self,
        found: Vec<Found>,
        files: &mut CheckedFiles,
    ) -> Result<(), FilesError> {
        let (mut takers, mut later) = (Vec::new(), Vec::new());
        for Found { path, what } in found {
            let is_named = matches!(what, What::Named);
            match what {
                What::Unreadable(why) => self.not_read(&path, &why, files),
                What::Stack(stack) => {
                    if let Some(text) = self.text(&path, files) {
                        self.stack(&path, text, stack, files);
                    }
                }
                What::Named | What::Held => match self.looked_at(&path, is_named, files)? {
                    Some((text, looks))
                        if looks == Looks::Known && template::names_others(&text) =>
                    {
                        if let Some(translated) = self.read(&path, &text, is_named, files)? {
                            takers.push(Taker {
                                path,
                                text,
                                translated,
                            });
                        }
                    }
                    // Read again when its turn comes: the texts of all would take much memory.
                    Some(_) => later.push((path, is_named)),
                    None => {}
                },
            }
        }
        self.takers(takers, files);
        for (path, is_named) in later {
            if self.parts.contains(&real(&path)) {
                files.pass_over(PassedOver::TakenIn);
                continue;
            }
            let Some(text) = self.text(&path, files) else {
                continue;
            };
            if let Some(translated) = self.read(&path, &text, is_named, files)? {
                self.with_stacks(&path, text, translated, files, 0);
            }
        }
        let (not_made, made) = self.sources.told();
        for (path, why) in not_made {
            self.not_read(&path, why, files);
        }
        for _ in 0..made {
            files.pass_over(PassedOver::Source);
        }
        if !self.refused.is_empty() {
            return Err(FilesError::Refused(std::mem::take(&mut self.refused)));
        }
        let given = self.asked.options.parameters.keys();
        match given.into_iter().find(|it| !self.known.contains(*it)) {
            Some(unknown) => Err(FilesError::Parameter(unknown.clone())),
            None => Ok(()),
        }
    }

    /// What could not be understood.
    pub(super) fn unclear(self) -> Vec<Unclear> {
        self.unclear
    }

    /// Those that no other one makes a stack of, and then those that are left: they name each other in a circle.
    fn takers(&mut self, takers: Vec<Taker>, files: &mut CheckedFiles) {
        let named = takers.iter().flat_map(|it| {
            let folder = it.path.parent().unwrap_or(Path::new(""));
            let nested = it.translated.nested.iter();
            nested.map(|nested| real(&folder.join(&nested.file)))
        });
        let named: BTreeSet<PathBuf> = named.collect();
        let (inner, outer): (Vec<Taker>, Vec<Taker>) =
            (takers.into_iter()).partition(|it| named.contains(&real(&it.path)));
        for taker in outer.into_iter().chain(inner) {
            if self.parts.contains(&real(&taker.path)) {
                files.pass_over(PassedOver::TakenIn);
                continue;
            }
            self.with_stacks(&taker.path, taker.text, taker.translated, files, 0);
        }
    }

    /// What a file looks like, with its text, where it is to be read. One that somebody named is read whatever it looks like.
    fn looked_at(
        &mut self,
        path: &Path,
        is_named: bool,
        files: &mut CheckedFiles,
    ) -> Result<Option<(String, Looks)>, FilesError> {
        let text = match text(path, &self.asked.instead) {
            Ok(text) => text,
            Err(Unread::Io(error)) if is_named => {
                let path = path.display().to_string();
                return Err(FilesError::Path { path, error });
            }
            Err(why) => {
                self.not_read(path, &why.to_string(), files);
                return Ok(None);
            }
        };
        let name = path.file_name().and_then(|it| it.to_str());
        let name = name.unwrap_or_default();
        let looks = template::looks(name, &text);
        if is_named {
            return Ok(Some((text, looks)));
        }
        if self.sources.saw(path, name, looks, &text) {
            return Ok(None);
        }
        match looks {
            Looks::Known | Looks::Definition => return Ok(Some((text, looks))),
            Looks::PlainDefinition => files.pass_over(PassedOver::PlainDefinition),
            Looks::Other | Looks::TerraformSources | Looks::ServerlessSources => {
                files.pass_over(PassedOver::OtherContent);
            }
        }
        Ok(None)
    }

    /// The text of a file that was found. `None`: it cannot be read, which is a gap.
    fn text(&mut self, path: &Path, files: &mut CheckedFiles) -> Option<String> {
        match text(path, &self.asked.instead) {
            Ok(text) => Some(text),
            Err(why) => {
                self.not_read(path, &why.to_string(), files);
                None
            }
        }
    }

    /// What a file holds. `None`: it is nothing that can be checked, which is said.
    fn read(
        &mut self,
        path: &Path,
        text: &str,
        is_named: bool,
        files: &mut CheckedFiles,
    ) -> Result<Option<Translated>, FilesError> {
        let file = path.display().to_string();
        match self.translated(path, text, &self.asked.options.clone(), &Untold::default()) {
            Ok(Some(translated)) => return Ok(Some(translated)),
            Ok(None) if is_named => return Err(FilesError::Inventory(file)),
            // It looks like something that is to be checked, too.
            Ok(None) => self.not_read(path, "is an inventory: check it by itself", files),
            Err(problem) if is_named => {
                let text = text.to_owned();
                self.refused.push(Refused {
                    file,
                    text,
                    problem,
                });
            }
            // It reads well, and is something else.
            Err(Problem::Other(_)) => files.pass_over(PassedOver::OtherContent),
            Err(problem) => self.not_read(path, &format!("cannot be checked: {problem}"), files),
        }
        Ok(None)
    }

    /// A file with those of the parameters that it has.
    fn translated(
        &mut self,
        path: &Path,
        text: &str,
        options: &Options,
        untold: &Untold,
    ) -> Result<Option<Translated>, Problem> {
        let file = path.display().to_string();
        let beside = Beside::of(path, self.asked.follow_outside).with(&self.asked.instead);
        let read = |options: &Options| {
            template::read_nested(&file, text, (options, untold), &beside, self.now)
        };
        let (mut own, mut result) = (options.clone(), read(options));
        if let Err(Problem::Parameters { names, .. }) = &result {
            own.parameters.retain(|name, _| !names.contains(name));
            result = read(&own);
        }
        self.known.extend(own.parameters.into_keys());
        result
    }

    /// A stack of an assembly, with the Region and the parameters that it is deployed with. What the command line says of a
    /// parameter counts before that.
    fn stack(&mut self, path: &Path, text: String, stack: Stack, files: &mut CheckedFiles) {
        let mut options = self.asked.options.clone();
        let around = options.around.clone();
        if let Some(around) = &around {
            let own = &around.inventory.account;
            if let Some(other) = stack.account.filter(|it| it != own) {
                let why = format!("is a stack of account {other}, and the inventory is of {own}");
                return self.not_read(path, &why, files);
            }
            options.around = Some(Arc::new(around.for_stack(&stack.stack_name)));
        }
        if let Some(region) = stack.region {
            options.region = region;
            options.region_is_known = true;
        }
        let mut given = stack.parameters;
        given.retain(|name, _| !options.parameters.contains_key(name));
        let told = given.iter();
        let told = told.filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
        options.parameters.extend(told);
        match self.translated(path, &text, &options, &Untold::of(&Some(given))) {
            Ok(Some(mut translated)) => {
                translated.kind = Some(FileKind::Cdk);
                translated.origins.made_at(stack.sources);
                if let Some(name) = stack.name {
                    let file = path.display();
                    translated.inventory.scope.template = Some(format!("{file}/{name}"));
                }
                self.sources.saw_assembly(&stack.assembly);
                self.with_stacks(path, text, translated, files, 0);
            }
            Ok(None) => self.not_read(path, "is an inventory, and no template", files),
            Err(problem) => self.not_read(path, &format!("cannot be checked: {problem}"), files),
        }
    }

    /// A template with the templates that it makes stacks of.
    fn with_stacks(
        &mut self,
        path: &Path,
        text: String,
        mut translated: Translated,
        files: &mut CheckedFiles,
        depth: usize,
    ) {
        let nested = std::mem::take(&mut translated.nested);
        let scope = &translated.inventory.scope;
        let name = scope.template.clone().unwrap_or_default();
        let region = scope.regions.first().cloned();
        let mut inner = Vec::new();
        for stack in nested {
            self.stacks += 1;
            let beside = Beside::of(path, self.asked.follow_outside).with(&self.asked.instead);
            let read = match depth < DEEPEST && self.stacks <= MOST_STACKS {
                true => beside.file(&stack.file),
                false => Err("is one stack too many".to_owned()),
            };
            translated.followed(&stack);
            match read {
                Ok(file) => inner.push((stack, file)),
                Err(why) => {
                    let why = format!("`{}` is another template, which {why}", stack.id);
                    translated.add_gap(&stack.at, &why);
                }
            }
        }
        self.add(path, text, translated, files);
        for (stack, file) in inner {
            let inner = path.with_file_name(&stack.file);
            let here = |it: &Component<'_>| *it != Component::CurDir;
            let inner: PathBuf = inner.components().filter(here).collect();
            self.parts.insert(real(&inner));
            let name = format!("{name}/{}", stack.id);
            self.inner_stack(
                &inner,
                file.text,
                (name, region.clone()),
                &stack,
                (files, depth),
            );
        }
    }

    /// A template that another one makes a stack of, with the parameters that it is given.
    fn inner_stack(
        &mut self,
        path: &Path,
        text: String,
        (name, region): (String, Option<String>),
        stack: &Nested,
        (files, depth): (&mut CheckedFiles, usize),
    ) {
        let told = stack.parameters.iter().flatten();
        let told = told.filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
        let mut options = Options {
            parameters: told.collect::<BTreeMap<_, _>>(),
            ..self.asked.options.clone()
        };
        options.around = options.around.map(|it| Arc::new(it.nested()));
        if let Some(region) = region {
            options.region = region;
        }
        let untold = Untold::of(&stack.parameters);
        let known = self.known.clone();
        let read = self.translated(path, &text, &options, &untold);
        // What a stack is given by another one is no answer to the command line.
        self.known = known;
        match read {
            Ok(Some(mut translated)) => {
                // One file may be two stacks.
                translated.inventory.scope.template = Some(name);
                self.with_stacks(path, text, translated, files, depth + 1);
            }
            Ok(None) => self.not_read(path, "is an inventory, and no template", files),
            Err(problem) => self.not_read(path, &format!("cannot be checked: {problem}"), files),
        }
    }

    /// Judges what a file holds.
    fn add(
        &mut self,
        path: &Path,
        text: String,
        mut translated: Translated,
        files: &mut CheckedFiles,
    ) {
        let file = path.display().to_string();
        let folder = path.parent().unwrap_or(Path::new(""));
        let taken_in = translated.taken_in.iter();
        self.parts.extend(taken_in.map(|it| real(Path::new(it))));
        let nested = translated.nested.iter();
        self.parts
            .extend(nested.map(|it| real(&folder.join(&it.file))));
        if translated.kind == Some(FileKind::Terraform) {
            self.sources.saw_plan(path);
        }
        let inventory = &translated.inventory;
        let has_api = !inventory.apis.is_empty() || !inventory.gaps.is_empty();
        self.sources.saw_template(path, has_api);
        let places = std::mem::take(&mut translated.unclear);
        if !places.is_empty() {
            let is_shown = self.unclear.len() < SHOWN;
            self.unclear.push(Unclear {
                file: file.clone(),
                text: if is_shown { text } else { String::new() },
                places,
            });
        }
        files.checked.push((file, translated.kind));
        (self.take)(translated);
    }

    /// A file that is there and cannot be read: a gap.
    fn not_read(&mut self, path: &Path, why: &str, files: &mut CheckedFiles) {
        let file = path.display().to_string();
        let gap = template::unread(
            &file,
            &format!("the file {why}"),
            &self.asked.options,
            self.now,
        );
        files.checked.push((file, None));
        (self.take)(gap);
    }
}

/// Why a file has no text.
#[derive(Debug, thiserror::Error)]
enum Unread {
    #[error("cannot be read: {0}")]
    Io(std::io::Error),
    #[error("has {0} bytes, and at most {LARGEST} are read")]
    Large(u64),
    #[error("cannot be read: {0}")]
    NoText(template::Undecodable),
}

fn text(path: &Path, instead: &Instead) -> Result<String, Unread> {
    if !instead.is_empty()
        && let Some(text) = instead.get(&real(path))
    {
        return Ok(text.clone());
    }
    let about = fs::metadata(path).map_err(Unread::Io)?;
    if about.len() > LARGEST {
        return Err(Unread::Large(about.len()));
    }
    let bytes = fs::read(path).map_err(Unread::Io)?;
    template::decoded(bytes).map_err(Unread::NoText)
}
