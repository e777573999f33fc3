//! What an interrupted run read, for a run that goes on with it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::aws::client::Identity;
use crate::inventory::{Gap, GapKind, Inventory, Reason, Scope};
use crate::render::minute;

/// How far two clocks may differ.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(5);

/// Why a run cannot go on with an inventory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotResumed {
    /// No run was interrupted in it.
    #[error(
        "no run was interrupted in it: judge it with `gatewatch check`, or read everything anew"
    )]
    Whole,
    /// It is of another account than the credentials.
    #[error("it was read of account {read}, and the credentials are of account {now}")]
    Account {
        /// The account in the file.
        read: String,
        /// The account of the credentials.
        now: String,
    },
    /// It was asked for something else.
    #[error(
        "it was read with other options than these, which differ in {0}: give the same ones, and --resume"
    )]
    Scope(&'static str),
    /// It was read too long ago.
    #[error(
        "it was read on {}, {} minutes ago, and what it says of stages, resource policies and principals may have changed \
         since: read everything anew, or allow its age with --max-age-hours", minute(*.taken_at), .age.as_mins()
    )]
    TooOld {
        /// When it was read.
        taken_at: Timestamp,
        /// How long that is ago.
        age: SignedDuration,
    },
    /// It was read at a time that has not come.
    #[error("it says that it was read on {}, which is in the future: is the clock right?", minute(*.0))]
    Future(Timestamp),
}

/// Looks whether a run over this scope, which begins now, can go on with what an interrupted one read: everything in it was
/// read within `max_age`, with credentials of the same account and for the same scope.
///
/// # Errors
/// [`NotResumed`].
pub fn resumable(
    part: Inventory,
    identity: &Identity,
    scope: &Scope,
    max_age: SignedDuration,
    now: Timestamp,
) -> Result<Inventory, NotResumed> {
    if part.account != identity.account || part.partition != identity.partition {
        return Err(NotResumed::Account {
            read: part.account,
            now: identity.account.clone(),
        });
    }
    if !part.is_unfinished() {
        return Err(NotResumed::Whole);
    }
    if let Some(what) = difference(&part.scope, scope) {
        return Err(NotResumed::Scope(what));
    }
    let taken_at = part.taken_at;
    let age = now.duration_since(taken_at);
    if age < -CLOCKS_DIFFER {
        return Err(NotResumed::Future(taken_at));
    }
    if age > max_age {
        return Err(NotResumed::TooOld { taken_at, age });
    }
    // The same names in another order are the same scope, and what the run says of it is in the order of now.
    Ok(Inventory {
        scope: scope.clone(),
        ..to_be_tried_again(part)
    })
}

/// The same, in which what could not be read counts as not read yet: whoever goes on may have mended what was in the way.
fn to_be_tried_again(part: Inventory) -> Inventory {
    let of_principals = |it: &Gap| matches!(it.kind, GapKind::Iam | GapKind::PolicyDocument);
    let are_principals_whole = !part.gaps.iter().any(of_principals);
    let again = |gap: Gap| match gap.api {
        Some(_) => Gap {
            reason: Reason::NotReadYet,
            ..gap
        },
        None => gap,
    };
    Inventory {
        iam: part.iam.filter(|_| are_principals_whole),
        gaps: part.gaps.into_iter().map(again).collect(),
        ..part
    }
}

/// In what two scopes differ.
fn difference(one: &Scope, other: &Scope) -> Option<&'static str> {
    let is_same = |of: fn(&Scope) -> &Vec<String>| {
        let names = |scope| of(scope).iter().collect::<BTreeSet<_>>();
        names(one) == names(other)
    };
    if !is_same(|it| &it.regions) {
        return Some("the Regions");
    }
    if !is_same(|it| &it.excluded_regions) {
        return Some("the Regions that are left out");
    }
    if !is_same(|it| &it.apis) {
        return Some("the APIs");
    }
    if one.without_drafts != other.without_drafts {
        return Some("whether drafts are read");
    }
    (one.template != other.template).then_some("what is read")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{Iam, SCHEMA_VERSION};

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn scope(regions: &[&str]) -> Scope {
        let regions = regions.iter().map(|it| (*it).to_owned());
        Scope::new(regions.collect(), Vec::new())
    }

    fn identity(account: &str) -> Identity {
        Identity {
            account: account.to_owned(),
            partition: "aws".to_owned(),
            arn: format!("arn:aws:iam::{account}:root"),
        }
    }

    fn part(regions: &[&str]) -> Inventory {
        let gap = Gap {
            reason: Reason::NotReadYet,
            ..Gap::malformed(GapKind::Iam, "interrupted".to_owned())
        };
        Inventory {
            schema_version: SCHEMA_VERSION,
            account: "111122223333".to_owned(),
            partition: "aws".to_owned(),
            taken_at: at("2026-06-15T06:00:00Z"),
            scope: scope(regions),
            apis: Vec::new(),
            domains: None,
            iam: None,
            gaps: vec![gap],
        }
    }

    fn resumed(part: Inventory, now: &str) -> Result<Inventory, NotResumed> {
        let regions = scope(&["eu-west-1", "us-east-1"]);
        resumable(part, &identity("111122223333"), &regions, HOUR, at(now))
    }

    const SOON: &str = "2026-06-15T06:59:00Z";

    #[test]
    fn the_same_regions_in_another_order_are_the_same() {
        let resumed = resumed(part(&["us-east-1", "eu-west-1"]), SOON).unwrap();
        assert_eq!(resumed.scope.regions, ["eu-west-1", "us-east-1"]);
    }

    #[test]
    fn what_could_not_be_read_is_tried_again() {
        let denied = |kind, api: Option<&str>| Gap {
            api: api.map(str::to_owned),
            reason: Reason::AccessDenied,
            ..Gap::malformed(kind, "denied".to_owned())
        };
        let both = ["eu-west-1", "us-east-1"];
        let mut of_api = part(&both);
        of_api.iam = Some(Iam::default());
        of_api.gaps[0].kind = GapKind::Region;
        of_api.gaps.push(denied(GapKind::Draft, Some("a1b2c3d4e5")));
        let mut of_iam = of_api.clone();
        of_iam.gaps.push(denied(GapKind::PolicyDocument, None));
        let of_api = resumed(of_api, SOON).unwrap();
        assert_eq!(of_api.gaps[1].reason, Reason::NotReadYet);
        assert!(of_api.iam.is_some());
        assert_eq!(resumed(of_iam, SOON).unwrap().iam, None);
    }

    #[test]
    fn what_differs_is_named() {
        let differs = |regions: &[&str], change: fn(&mut Scope)| {
            let mut part = part(regions);
            change(&mut part.scope);
            resumed(part, SOON).unwrap_err()
        };
        let both = ["eu-west-1", "us-east-1"];
        let regions = differs(&["eu-west-1"], |_| ());
        assert_eq!(regions, NotResumed::Scope("the Regions"));
        let apis = differs(&both, |it| it.apis.push("a1b2c3d4e5".to_owned()));
        assert_eq!(apis, NotResumed::Scope("the APIs"));
        let drafts = differs(&both, |it| it.without_drafts = true);
        assert_eq!(drafts, NotResumed::Scope("whether drafts are read"));
        let excluded = differs(&both, |it| {
            it.excluded_regions.push("eu-north-1".to_owned())
        });
        assert_eq!(excluded, NotResumed::Scope("the Regions that are left out"));
    }

    #[test]
    fn nothing_old_or_of_another_account_or_whole_is_gone_on_with() {
        let both = ["eu-west-1", "us-east-1"];
        let old = resumed(part(&both), "2026-06-15T07:01:00Z").unwrap_err();
        assert_eq!(
            old.to_string(),
            "it was read on 2026-06-15 06:00 UTC, 61 minutes ago, and what it says of stages, resource policies and \
             principals may have changed since: read everything anew, or allow its age with --max-age-hours"
        );
        let future = resumed(part(&both), "2026-06-15T05:00:00Z").unwrap_err();
        assert_eq!(future, NotResumed::Future(at("2026-06-15T06:00:00Z")));
        let scope = scope(&both);
        let stranger = identity("444455556666");
        let other = resumable(part(&both), &stranger, &scope, HOUR, at(SOON)).unwrap_err();
        assert_eq!(
            other.to_string(),
            "it was read of account 111122223333, and the credentials are of account 444455556666"
        );
        let whole = Inventory {
            gaps: Vec::new(),
            ..part(&both)
        };
        assert_eq!(resumed(whole, SOON).unwrap_err(), NotResumed::Whole);
    }
}
