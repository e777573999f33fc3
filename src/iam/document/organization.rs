//! Organizations, and the units in them, as resource policies and lists of callers name them.
//!
//! A path of `aws:PrincipalOrgPaths` ends in a slash: `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/` is that of an account in the
//! unit itself, and longer ones are those of accounts in units below it. As a caller, a unit is written without the slash.
//!
//! Source: [`aws:PrincipalOrgPaths`](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgpaths).

/// The variable that stands for the organization of the API's own account.
const OURS: &str = "${aws:ResourceOrgID}";

/// Whether an id is the variable that stands for the organization of the API's own account.
pub fn is_own_organization(id: &str) -> bool {
    id.eq_ignore_ascii_case(OURS)
}

/// The organization, or the unit of one, that everybody is in whom a value of a condition means, by all that it tells before
/// a wildcard or a variable. `None`: the organization's id is not told in full, so that anybody may be of it.
///
/// An organization has one root, so that whoever is below it may be anybody of the organization.
pub(in crate::iam) fn unit_named(value: &str) -> Option<String> {
    let (id, path) = value.split_once('/').unwrap_or((value, ""));
    let is_told = is_own_organization(id) || !id.contains(['*', '?', '$']);
    // `Null` has these for values.
    let is_word = ["true", "false"]
        .iter()
        .any(|it| id.eq_ignore_ascii_case(it));
    if !is_told || is_word || id.is_empty() {
        return None;
    }
    let told = path
        .find(['*', '?', '$'])
        .and_then(|open| path.split_at_checked(open));
    // What stands before a wildcard is complete up to the last slash.
    let units = match told {
        Some((fixed, _)) => fixed.rsplit_once('/').map_or("", |(units, _)| units),
        None => path.trim_end_matches('/'),
    };
    let is_below_root = told.is_some() && !units.contains('/');
    if units.is_empty() || is_below_root {
        return Some(id.to_owned());
    }
    Some(format!("{id}/{units}"))
}

/// The id of the organization that a unit is in.
pub(in crate::iam) fn organization_of(unit: &str) -> &str {
    unit.split_once('/').map_or(unit, |(id, _)| id)
}

/// An organization or a unit, and each that it is in, the organization first.
///
/// ```
/// use gatewatch::iam::document::units_around;
///
/// let around: Vec<&str> = units_around("o-a1b2c3d4e5/r-ab12").collect();
/// assert_eq!(around, ["o-a1b2c3d4e5", "o-a1b2c3d4e5/r-ab12"]);
/// ```
pub fn units_around(unit: &str) -> impl Iterator<Item = &str> {
    let slashes = unit.match_indices('/').map(|(at, _)| at);
    let ends = slashes.chain([unit.len()]);
    ends.filter_map(|end| unit.get(..end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_names_the_unit_that_everybody_is_in_whom_it_means() {
        for (value, expected) in [
            ("o-one", Some("o-one")),
            ("o-one/", Some("o-one")),
            ("o-one/*", Some("o-one")),
            ("o-one/r-1/*", Some("o-one")),
            ("o-one/r-*/ou-1/*", Some("o-one")),
            ("o-one/*/ou-1/*", Some("o-one")),
            ("o-one/r-1/", Some("o-one/r-1")),
            ("o-one/r-1/ou-1/", Some("o-one/r-1/ou-1")),
            ("o-one/r-1/ou-1/*", Some("o-one/r-1/ou-1")),
            ("o-one/r-1/ou-1/ou-*", Some("o-one/r-1/ou-1")),
            ("o-one/r-1/ou-1*", Some("o-one")),
            (
                "o-one/r-1/ou-1/${aws:PrincipalTag/x}/*",
                Some("o-one/r-1/ou-1"),
            ),
            (
                "${aws:ResourceOrgID}/r-1/ou-1/*",
                Some("${aws:ResourceOrgID}/r-1/ou-1"),
            ),
            ("${aws:PrincipalOrgID}/r-1/ou-1/*", None),
            ("o-*/r-1/ou-1/*", None),
            ("o-one*", None),
            ("*", None),
            ("", None),
            ("true", None),
        ] {
            assert_eq!(unit_named(value).as_deref(), expected, "{value}");
        }
    }
}
