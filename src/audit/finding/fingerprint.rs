//! A finding's identity across scans.

use std::fmt;

use sha2::{Digest, Sha256};

use super::{Place, RuleId};
use crate::inventory::Gap;

/// The identity of a finding: the same rule at the same place is the same finding, whenever it is seen.
///
/// Made of rule, account, Region, API id, stage, verb, path (or route key), principal, what an exemption speaks of, and, before
/// a deployment, the file, and of nothing that can change while the finding stays: no name of an API, no
/// deployment, no line, no time. 128 bits of SHA-256, written as 32 hexadecimal digits, so that nobody can name a
/// path that shares an exempted finding's id.
///
/// ```
/// use gatewatch::audit::finding::{Fingerprint, Place, RuleId};
///
/// let place = Place { stage: Some("prod".into()), ..Place::of_account("111122223333") };
/// let open = Fingerprint::of(RuleId::OpenMethod, &place);
/// assert_eq!(open.to_string().len(), 32);
/// assert_ne!(open, Fingerprint::of(RuleId::ApiKeyOnly, &place));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The fingerprint of a rule at a place.
    pub fn of(rule: RuleId, place: &Place) -> Self {
        let principal = place.principal.as_ref();
        let parts = [
            Some(place.account.as_str()),
            place.region.as_deref(),
            place.api.as_ref().map(|api| api.id.as_str()),
            place.stage.as_deref(),
            place.verb.as_deref(),
            place.path.as_deref(),
            place.route_key.as_deref(),
            principal.map(|principal| principal.kind.as_str()),
            principal.map(|principal| principal.name.as_str()),
        ];
        let exemption = place.exemption.as_ref();
        let exemption = exemption.map(|it| it.identity.as_str());
        Fingerprint::hashed(rule.as_str(), parts, exemption, place.file.as_deref())
    }

    /// What tells from others something about an account that is no finding, by what it is called: a gap, or, without one, the
    /// account as a whole.
    pub(crate) fn of_no_finding(code: &str, account: &str, gap: Option<&Gap>) -> Self {
        let parts = [
            Some(account),
            gap.and_then(|it| it.region.as_deref()),
            gap.and_then(|it| it.api.as_deref()),
            gap.and_then(|it| it.stage.as_deref()),
            gap.and_then(|it| it.subject.as_deref()),
            gap.and_then(|it| it.operation.as_deref()),
            gap.map(|it| it.message.as_str()),
            None,
            None,
        ];
        Fingerprint::of_parts(code, parts, None)
    }

    /// The fingerprint of a rule, by its name, at a place: account, Region, API id, stage, verb, path, route key, kind and
    /// name of the principal. `exemption`: what an exemption speaks of.
    pub(crate) fn of_parts(rule: &str, parts: [Option<&str>; 9], exemption: Option<&str>) -> Self {
        Fingerprint::hashed(rule, parts, exemption, None)
    }

    fn hashed(
        rule: &str,
        parts: [Option<&str>; 9],
        exemption: Option<&str>,
        file: Option<&str>,
    ) -> Self {
        let first = [Some("gatewatch-1"), Some(rule)];
        // Added later: where there is none, nothing is hashed, and older fingerprints stay. What comes first keeps a file
        // from being taken for an exemption of that name.
        let file = file.into_iter().flat_map(|it| [Some("file"), Some(it)]);
        let added = exemption.map(Some).into_iter().chain(file);
        let mut hash = Sha256::new();
        for part in first.into_iter().chain(parts).chain(added) {
            // The length keeps ("a", "bc") apart from ("ab", "c"), and the tag "" from absent.
            match part {
                Some(text) => {
                    hash.update([1]);
                    hash.update(text.len().to_be_bytes());
                    hash.update(text);
                }
                None => hash.update([0]),
            }
        }
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(hash.finalize()) {
            *to = from;
        }
        Fingerprint(bytes)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::audit::finding::{ApiRef, ExemptionRef};

    fn place() -> Place {
        Place {
            account: "111122223333".into(),
            region: Some("eu-west-1".into()),
            api: Some(Arc::new(ApiRef {
                id: "a1b2c3d4e5".to_owned(),
                name: "PetStore".to_owned(),
                kind: Some(crate::inventory::ApiKind::Rest),
            })),
            stage: Some("prod".into()),
            verb: Some("POST".into()),
            path: Some("/pets".into()),
            ..Place::default()
        }
    }

    #[test]
    fn it_never_changes_for_the_same_place() {
        // Written down: a change of this value would announce every finding of every user anew.
        let id = Fingerprint::of(RuleId::OpenMethod, &place()).to_string();
        assert_eq!(id, "ad9b1203aafe861a4e4d4a85ee9b80ed");
    }

    #[test]
    fn a_new_name_is_the_same_finding_and_another_place_is_not() {
        let id = Fingerprint::of(RuleId::OpenMethod, &place());
        let mut renamed = place();
        Arc::make_mut(renamed.api.as_mut().unwrap()).name = "Pet shop".to_owned();
        assert_eq!(Fingerprint::of(RuleId::OpenMethod, &renamed), id);
        let mut absent = place();
        absent.stage = None;
        let mut empty = place();
        empty.stage = Some("".into());
        let others = [
            Fingerprint::of(RuleId::ApiKeyOnly, &place()),
            Fingerprint::of(RuleId::OpenMethod, &absent),
            Fingerprint::of(RuleId::OpenMethod, &empty),
        ];
        assert!(others.iter().all(|other| *other != id));
        assert_ne!(others[1], others[2]);
    }

    #[test]
    fn files_keep_apart_what_is_called_the_same_in_them() {
        let in_file = |file: &str| {
            let place = Place {
                file: crate::audit::finding::named_file(file),
                ..place()
            };
            Fingerprint::of(RuleId::OpenMethod, &place)
        };
        assert_ne!(in_file("a.yaml"), in_file("b.yaml"));
        assert_ne!(
            in_file("a.yaml"),
            Fingerprint::of(RuleId::OpenMethod, &place())
        );
        assert_eq!(in_file("./a.yaml"), in_file("a.yaml"));
        assert_eq!(in_file(".\\in\\a.yaml"), in_file(".//in/a.yaml"));
        assert_eq!(in_file("-"), Fingerprint::of(RuleId::OpenMethod, &place()));
        // Written down: a change of this value would make every finding of every pipeline a new one.
        assert_eq!(in_file("a.yaml").to_string(), "");
    }

    #[test]
    fn an_exemption_is_told_by_what_it_speaks_of_and_not_by_its_line() {
        let on = |line, identity: &str| {
            let place = Place {
                account: "111122223333".into(),
                exemption: Some(Box::new(ExemptionRef {
                    line,
                    identity: identity.to_owned(),
                    in_words: identity.to_owned(),
                })),
                ..Place::default()
            };
            Fingerprint::of(RuleId::ExpiredExemption, &place)
        };
        assert_eq!(on(3, "a"), on(4, "a"));
        assert_ne!(on(3, "a"), on(3, "b"));
        // Written down, as above.
        assert_eq!(on(3, "a").to_string(), "a59259486c75a5876651a9381e506f91");
    }
}
