//! What is known of a request's condition keys.

use std::collections::BTreeMap;

/// What is known of a request's condition keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The keys in lower case, with their values.
    keys: BTreeMap<String, Known>,
    /// Whether a key that is not among them may be there.
    open: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Known {
    Values(Vec<String>),
    Absent,
    Present,
}

/// What is known of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// The request has the key, with these values.
    Values(&'a [String]),
    /// The request does not have the key.
    Absent,
    /// The request has the key, with an unknown value.
    Present,
    /// It cannot be told whether the request has the key.
    Unknown,
}

impl Context {
    /// A context that is authoritative: a key that is not set is absent.
    pub fn complete() -> Self {
        Context {
            keys: BTreeMap::new(),
            open: false,
        }
    }

    /// A context at audit time: a key that is not set may be there or not.
    pub fn open() -> Self {
        Context {
            keys: BTreeMap::new(),
            open: true,
        }
    }

    /// Sets a key, whatever its case, to its values.
    pub fn set(&mut self, key: &str, values: Vec<String>) {
        self.keys.insert(key.to_lowercase(), Known::Values(values));
    }

    /// Says that every request has the key, with a value that is not known.
    pub fn set_present(&mut self, key: &str) {
        self.keys.insert(key.to_lowercase(), Known::Present);
    }

    /// Says that no request has the key.
    pub fn set_absent(&mut self, key: &str) {
        self.keys.insert(key.to_lowercase(), Known::Absent);
    }

    /// What is known of a key, given in lower case.
    pub fn get(&self, key: &str) -> Lookup<'_> {
        match self.keys.get(key) {
            Some(Known::Values(values)) => Lookup::Values(values),
            Some(Known::Absent) => Lookup::Absent,
            Some(Known::Present) => Lookup::Present,
            None if self.open => Lookup::Unknown,
            None => Lookup::Absent,
        }
    }
}
