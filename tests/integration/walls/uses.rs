//! Which file of the sources uses which other, read from their tokens: `use` trees and the paths in between.
//!
//! Macros are looked into like all else. What is compiled for tests alone is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The words that a name to define comes after.
const ITEMS: [&str; 7] = ["const", "enum", "fn", "static", "struct", "trait", "type"];

/// A module by its path, the crate first: `gatewatch`, `iam`, `access`.
pub(super) type Module = Vec<String>;

/// All that the sources say about who uses what.
#[derive(Debug, Default)]
pub(super) struct Sources {
    modules: BTreeMap<Module, Source>,
}

/// One file.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) lines: usize,
    /// The modules that it declares.
    declared: BTreeSet<String>,
    /// The items that it defines, wherever in the file.
    defined: BTreeSet<String>,
    imports: Vec<Import>,
    /// The paths of two names and more that are written out where they are used.
    mentions: BTreeSet<Vec<String>>,
    /// Every other word.
    pub(super) words: BTreeSet<String>,
}

/// What a `use` brings in, or hands on.
#[derive(Debug)]
struct Import {
    path: Vec<String>,
    /// The name by which it is known here. `None`: all names (`*`).
    name: Option<String>,
    handed_on: bool,
}

/// What a path leads to.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    Module(Module),
    /// An item, in the module that defines it.
    Item(Module),
    /// Something of another crate.
    Foreign(Vec<String>),
}

impl Sources {
    /// Adds a crate whose root module is a file in `folder`, with the modules that it declares.
    pub(super) fn add_crate(&mut self, name: &str, folder: &Path, root: &str) {
        let module = vec![name.to_owned()];
        self.add_file(module.clone(), &folder.join(root));
        let declared = self.modules[&module].declared.clone();
        self.add_folder(&module, folder, &|name| declared.contains(name));
    }

    /// Adds a module by its text.
    pub(super) fn add(&mut self, module: &[&str], text: &str) {
        let tokens: TokenStream = text.parse().unwrap();
        let mut source = Source {
            lines: text.lines().count(),
            ..Source::default()
        };
        source.read(tokens);
        let module = module.iter().map(|it| (*it).to_owned()).collect();
        self.modules.insert(module, source);
    }

    fn add_file(&mut self, module: Module, file: &Path) {
        let text = fs::read_to_string(file).unwrap();
        let module: Vec<&str> = module.iter().map(String::as_str).collect();
        self.add(&module, &text);
    }

    fn add_folder(&mut self, module: &Module, folder: &Path, is_meant: &dyn Fn(&str) -> bool) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            if name == "mod" || !is_meant(name) {
                continue;
            }
            let child: Module = module.iter().cloned().chain([name.to_owned()]).collect();
            if path.is_dir() {
                match path.join("mod.rs") {
                    root if root.exists() => self.add_file(child.clone(), &root),
                    // A macro declares the modules of this folder.
                    _ => drop(self.modules.insert(child.clone(), Source::default())),
                }
                self.add_folder(&child, &path, &|_| true);
            } else if path.extension().is_some_and(|it| it == "rs") {
                self.add_file(child, &path);
            }
        }
    }

    /// Each module with what it says.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Module, &Source)> {
        self.modules.iter()
    }

    /// The same, with what the module only hands on.
    pub(super) fn named(&self, module: &Module) -> BTreeSet<Module> {
        let imports = self.modules[module].imports.iter();
        let targets = imports.map(|it| match self.resolve(module, &it.path, 0) {
            Target::Item(defines) => Some(defines),
            Target::Module(whole) => Some(whole),
            Target::Foreign(_) => None,
        });
        let handed_on = targets.flatten().filter(|it| it != module);
        handed_on.chain(self.used(module)).collect()
    }

    /// The other modules that a module uses items of, each where the item is defined. What it only hands on does not
    /// count.
    pub(super) fn used(&self, module: &Module) -> BTreeSet<Module> {
        let source = &self.modules[module];
        let imports = source.imports.iter();
        let imports = imports.filter(|it| match &it.name {
            Some(name) => !it.handed_on || source.words.contains(name),
            None => !it.handed_on,
        });
        let paths = imports.map(|it| (&it.path, it.name.is_none()));
        let paths = paths.chain(source.mentions.iter().map(|it| (it, false)));
        let targets = paths.filter_map(|(path, all)| match self.resolve(module, path, 0) {
            Target::Item(defines) => Some(defines),
            Target::Module(whole) if all => Some(whole),
            Target::Module(_) | Target::Foreign(_) => None,
        });
        targets.filter(|it| it != module).collect()
    }

    /// The paths into other crates that a module names.
    pub(super) fn foreign(&self, module: &Module) -> BTreeSet<Vec<String>> {
        let source = &self.modules[module];
        let imports = source.imports.iter().map(|it| {
            let all = it.name.is_none().then(|| "*".to_owned());
            it.path.iter().cloned().chain(all).collect::<Vec<String>>()
        });
        let paths = imports.chain(source.mentions.iter().cloned());
        let foreign = paths.filter_map(|path| match self.resolve(module, &path, 0) {
            Target::Foreign(path) => Some(path),
            Target::Module(_) | Target::Item(_) => None,
        });
        foreign.collect()
    }

    /// What a path leads to that is written in a module.
    fn resolve(&self, module: &Module, path: &[String], depth: usize) -> Target {
        let foreign = || Target::Foreign(path.to_vec());
        let Some((first, rest)) = path.split_first() else {
            return Target::Module(module.clone());
        };
        let (crate_name, parent) = (&module[0], &module[..module.len() - 1]);
        match first.as_str() {
            "crate" => self.below(vec![crate_name.clone()], rest, depth),
            "self" => self.below(module.clone(), rest, depth),
            "super" => self.resolve_in_parent(parent, rest, depth),
            "gatewatch" => self.below(vec![first.clone()], rest, depth),
            _ if self.child(module, first).is_some() || self.import(module, first).is_some() => {
                self.below(module.clone(), path, depth)
            }
            _ => {
                let through = self.through_all_names(module, path, depth);
                through.unwrap_or_else(foreign)
            }
        }
    }

    /// What a path leads to whose first name a `*` of the module brings in.
    fn through_all_names(&self, module: &Module, path: &[String], depth: usize) -> Option<Target> {
        let first = path.first()?;
        let all = self.modules.get(module)?.imports.iter();
        let mut all = all.filter(|it| it.name.is_none() && depth < 16);
        all.find_map(|it| match self.resolve(module, &it.path, depth + 1) {
            Target::Module(whole) if self.child(&whole, first).is_some() => {
                Some(self.below(whole, path, depth + 1))
            }
            _ => None,
        })
    }

    fn resolve_in_parent(&self, parent: &[String], rest: &[String], depth: usize) -> Target {
        match rest.split_first() {
            Some((next, rest)) if next == "super" => {
                self.resolve_in_parent(&parent[..parent.len() - 1], rest, depth)
            }
            _ => self.below(parent.to_vec(), rest, depth),
        }
    }

    /// What a path leads to from a module on.
    fn below(&self, module: Module, path: &[String], depth: usize) -> Target {
        let Some((first, rest)) = path.split_first() else {
            return Target::Module(module);
        };
        let defines = |it: &Source| it.defined.contains(first);
        if rest.is_empty() && self.modules.get(&module).is_some_and(defines) {
            return Target::Item(module);
        }
        if let Some(child) = self.child(&module, first) {
            return self.below(child, rest, depth);
        }
        match self.import(&module, first) {
            Some(import) if depth < 16 => match self.resolve(&module, &import.path, depth + 1) {
                Target::Module(whole) => self.below(whole, rest, depth + 1),
                Target::Foreign(path) => {
                    Target::Foreign(path.into_iter().chain(rest.to_vec()).collect())
                }
                item @ Target::Item(_) => item,
            },
            _ => Target::Item(module),
        }
    }

    fn child(&self, module: &Module, name: &str) -> Option<Module> {
        let child: Module = module.iter().cloned().chain([name.to_owned()]).collect();
        self.modules.contains_key(&child).then_some(child)
    }

    fn import(&self, module: &Module, name: &str) -> Option<&Import> {
        let imports = &self.modules.get(module)?.imports;
        imports.iter().find(|it| it.name.as_deref() == Some(name))
    }
}

impl Source {
    fn read(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = match &tokens[at] {
                TokenTree::Punct(hash)
                    if hash.as_char() == '#' && is_for_tests(&tokens, at + 1) =>
                {
                    after_item(&tokens, at + 2)
                }
                TokenTree::Ident(word) if word == "use" && !is_punct(&tokens, at + 1, '<') => {
                    self.read_use(&tokens, at)
                }
                TokenTree::Ident(word) if word == "mod" => {
                    let name = tokens.get(at + 1);
                    self.declared.extend(name.map(ToString::to_string));
                    at + 2
                }
                TokenTree::Ident(word) if ITEMS.iter().any(|it| word == it) => {
                    let name = tokens.get(at + 1);
                    self.defined.extend(name.map(ToString::to_string));
                    at + 1
                }
                TokenTree::Ident(_) => self.read_path(&tokens, at),
                TokenTree::Group(group) => {
                    self.read(group.stream());
                    at + 1
                }
                _ => at + 1,
            }
        }
    }

    /// Reads a path, or a single word. Returns the place after it.
    fn read_path(&mut self, tokens: &[TokenTree], start: usize) -> usize {
        let (path, end) = path(tokens, start);
        match path.as_slice() {
            [word] => {
                self.words.insert(word.clone());
            }
            _ => {
                self.words.insert(path[0].clone());
                self.mentions.insert(path);
            }
        }
        end
    }

    /// Reads a `use` to its end. Returns the place after it.
    fn read_use(&mut self, tokens: &[TokenTree], start: usize) -> usize {
        let before = start.checked_sub(1).map(|it| &tokens[it]);
        // `pub use` and `pub(super) use`.
        let handed_on = match before {
            Some(TokenTree::Ident(word)) => word == "pub",
            Some(TokenTree::Group(group)) => {
                group.delimiter() == Delimiter::Parenthesis
                    && matches!(start.checked_sub(2).map(|it| &tokens[it]),
                        Some(TokenTree::Ident(word)) if word == "pub")
            }
            _ => false,
        };
        let end = (start..tokens.len()).find(|at| is_punct(tokens, *at, ';'));
        let end = end.unwrap_or(tokens.len());
        self.read_tree(&[], &tokens[start + 1..end], handed_on);
        end + 1
    }

    /// Reads what stands behind `use`, or one part of its braces.
    fn read_tree(&mut self, prefix: &[String], tokens: &[TokenTree], handed_on: bool) {
        let mut path = prefix.to_vec();
        let mut name = None;
        let mut is_renamed = false;
        for token in tokens {
            match token {
                TokenTree::Ident(word) if word == "as" => is_renamed = true,
                TokenTree::Ident(word) if is_renamed => name = Some(word.to_string()),
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Punct(star) if star.as_char() == '*' => {
                    let import = Import {
                        path,
                        name: None,
                        handed_on,
                    };
                    self.imports.push(import);
                    return;
                }
                TokenTree::Group(group) => {
                    let parts: Vec<TokenTree> = group.stream().into_iter().collect();
                    let parts =
                        parts.split(|it| matches!(it, TokenTree::Punct(it) if it.as_char() == ','));
                    for part in parts.filter(|it| !it.is_empty()) {
                        self.read_tree(&path, part, handed_on);
                    }
                    return;
                }
                _ => {}
            }
        }
        // `a::{self}` brings in `a`.
        if path.last().is_some_and(|it| it == "self") && path.len() > 1 {
            path.pop();
        }
        let name = name.or_else(|| path.last().cloned());
        self.imports.push(Import {
            path,
            name,
            handed_on,
        });
    }
}

/// The names from a place on that are tied by `::`, and the place after them.
fn path(tokens: &[TokenTree], start: usize) -> (Vec<String>, usize) {
    let mut path = Vec::new();
    let mut at = start;
    while let Some(TokenTree::Ident(word)) = tokens.get(at) {
        path.push(word.to_string());
        at += 1;
        let goes_on = is_punct(tokens, at, ':')
            && is_punct(tokens, at + 1, ':')
            && matches!(tokens.get(at + 2), Some(TokenTree::Ident(_)));
        if !goes_on {
            break;
        }
        at += 2;
    }
    (path, at)
}

fn is_punct(tokens: &[TokenTree], at: usize, punct: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(it)) if it.as_char() == punct)
}

/// Whether an attribute is `cfg(test)`.
fn is_for_tests(tokens: &[TokenTree], at: usize) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Group(group)) if group.stream().to_string().replace(' ', "") == "cfg(test)")
}

/// The place after the item that begins here: after its braces, or its semicolon.
fn after_item(tokens: &[TokenTree], start: usize) -> usize {
    let end = (start..tokens.len()).find(|at| {
        is_punct(tokens, *at, ';')
            || matches!(&tokens[*at], TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
    });
    end.map_or(tokens.len(), |it| it + 1)
}
