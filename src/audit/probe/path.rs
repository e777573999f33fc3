//! From a path template to a path that can be requested.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::questions::DEFAULT_PARAMETER;

/// What is written as it is in a path. All else is percent-encoded, also where a server would take it as it is.
const ENCODED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// A path below a stage, as callers write it, with its first slash, and with a value in place of each parameter. A route
/// without a path, `$default`, is asked by a path that no other route is likely to have.
///
/// # Errors
/// Why there is no such path, in words.
pub(super) fn requested_path(
    template: &str,
    parameters: &BTreeMap<String, String>,
) -> Result<String, String> {
    if !template.starts_with('/') {
        return Ok(format!("/{DEFAULT_PARAMETER}"));
    }
    let segments: Result<Vec<&str>, String> = template
        .split('/')
        .map(|segment| value(segment, parameters))
        .collect();
    Ok(segments?.join("/"))
}

/// The same path as it is sent.
pub(super) fn encoded(path: &str) -> String {
    utf8_percent_encode(path, &ENCODED).to_string()
}

fn value<'v>(
    segment: &'v str,
    parameters: &'v BTreeMap<String, String>,
) -> Result<&'v str, String> {
    let inside = segment
        .strip_prefix('{')
        .and_then(|it| it.strip_suffix('}'));
    let Some(inside) = inside else {
        return if segment.contains(['{', '}']) {
            Err(format!(
                "`{segment}` is no parameter in a form that is known here"
            ))
        } else if matches!(segment, "." | "..") {
            Err("a path with `.` or `..` would be another one when it is sent".to_owned())
        } else {
            Ok(segment)
        };
    };
    let greedy = inside.strip_suffix('+');
    let name = greedy.unwrap_or(inside);
    let value = parameters
        .get(name)
        .map_or(DEFAULT_PARAMETER, String::as_str);
    let mut parts = value.split('/');
    let is_one = greedy.is_some() || !value.contains('/');
    if value.is_empty() || !is_one || parts.any(|it| matches!(it, "." | "..")) {
        return Err(format!(
            "`{value}` cannot stand for {segment}: it may be neither empty nor `.` nor `..`, and only `{{{name}+}}` \
             may have slashes"
        ));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requested(template: &str, parameters: &[(&str, &str)]) -> Result<String, String> {
        let parameters = parameters.iter();
        let parameters = parameters.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        requested_path(template, &parameters.collect())
    }

    #[test]
    fn parameters_get_their_values_or_one_that_names_nothing() {
        for (template, parameters, expected) in [
            ("/", &[][..], "/"),
            ("/pets/{petId}", &[][..], "/pets/gatewatch-probe"),
            ("/pets/{petId}", &[("petId", "42")][..], "/pets/42"),
            ("/{proxy+}", &[("proxy", "a/b")][..], "/a/b"),
            ("/{a}/x/{b+}", &[("a", "1")][..], "/1/x/gatewatch-probe"),
            ("$default", &[][..], "/gatewatch-probe"),
        ] {
            assert_eq!(requested(template, parameters).unwrap(), expected);
        }
    }

    #[test]
    fn a_value_cannot_leave_its_place() {
        for (template, parameters) in [
            ("/pets/{petId}", &[("petId", "a/b")][..]),
            ("/pets/{petId}", &[("petId", "..")][..]),
            ("/pets/{petId}", &[("petId", "")][..]),
            ("/{proxy+}", &[("proxy", "a/../b")][..]),
            ("/pets/a{petId}", &[][..]),
            ("/../admin", &[][..]),
        ] {
            assert!(requested(template, parameters).is_err(), "{template}");
        }
        assert_eq!(
            encoded("/a b?c#d%2f/\r\nHost: x"),
            "/a%20b%3Fc%23d%252f/%0D%0AHost%3A%20x"
        );
    }
}
