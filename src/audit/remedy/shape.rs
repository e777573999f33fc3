//! What tells most methods of a stage from the ARNs of a grant, before any is made ready.

use crate::inventory::{ANY, Verbs};

/// What stands before the first wildcard and behind the last one of what an ARN has behind the stage.
pub(super) struct Shape<'t> {
    begin: &'t [u8],
    end: &'t [u8],
}

impl<'t> Shape<'t> {
    /// `last` is what an ARN has behind the stage, such as `GET/pets/*`.
    pub(super) fn of(last: &'t str) -> Self {
        const WILDCARDS: [char; 2] = ['*', '?'];
        let begin = last.split(WILDCARDS).next().unwrap_or_default();
        let end = last.rsplit(WILDCARDS).next().unwrap_or_default();
        Shape {
            begin: begin.as_bytes(),
            end: end.as_bytes(),
        }
    }

    /// Whether it leaves open that the ARN is of a request of another method.
    pub(super) fn may_meet(&self, verb: &str, path: &Known) -> bool {
        // Of a route without a path, nothing is known.
        if !path.begin.starts_with(b"/") {
            return true;
        }
        self.begins_like(verb, &path.begin) && self.ends_like(&path.end)
    }

    fn ends_like(&self, known: &[u8]) -> bool {
        self.end.ends_with(known) || known.ends_with(self.end)
    }

    /// Whether requests for a path begin so, as far as both are known.
    fn begins_like(&self, verb: &str, known: &[u8]) -> bool {
        let is_alike = |verb: &str| {
            let verb = verb.as_bytes();
            match self.begin.strip_prefix(verb) {
                Some(rest) => rest.starts_with(known) || known.starts_with(rest),
                None => verb.starts_with(self.begin),
            }
        };
        match verb {
            ANY => Verbs::ALL.iter().any(is_alike),
            verb => is_alike(verb),
        }
    }
}

/// The letters that all requests for a path have in common.
#[derive(Debug)]
pub(super) struct Known {
    /// Those before the first parameter.
    begin: Box<[u8]>,
    /// Those behind the last one.
    end: Box<[u8]>,
}

impl Known {
    /// Those of a path template.
    pub(super) fn of(path: &str) -> Self {
        let begin = path.split('{').next().unwrap_or_default();
        let end = path.rsplit('}').next().unwrap_or_default();
        Known {
            begin: begin.as_bytes().into(),
            end: end.as_bytes().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Known, Shape};

    #[test]
    fn what_differs_in_known_letters_is_told_apart_and_nothing_else() {
        for (last, verb, path, may) in [
            ("GET/pets/*", "GET", "/pets/{petId}", true),
            ("GET/pets/*", "GET", "/pets", true),
            ("GET/pets/*", "GET", "/{kind}/{id}", true),
            ("GET/pets/*", "ANY", "/pets/{petId}", true),
            ("GET/pets/*", "ANY", "/{kind}", true),
            ("GET/pets/*", "POST", "/pets/{petId}", false),
            ("GET/pets/*", "GET", "/orders/{id}", false),
            ("GET/pets/*", "ANY", "/orders", false),
            ("GET/pets/*/photos", "GET", "/pets/{petId}/photos", true),
            ("GET/pets/*/photos", "GET", "/pets/{petId}", true),
            ("GET/pets/*/photos", "GET", "/pets/{petId}s", true),
            ("GET/pets/*/photos", "GET", "/pets/{petId}/names", false),
            ("*/pets", "POST", "/pets", true),
            ("*/pets", "POST", "/orders", false),
            ("GET/*", "GET", "$default", true),
            ("PURGE/pets/*", "PURGE", "/pets/{petId}", true),
        ] {
            let told = Shape::of(last).may_meet(verb, &Known::of(path));
            assert_eq!(told, may, "{last}, {verb} {path}");
        }
    }
}
