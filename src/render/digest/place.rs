//! A place, as the ledger keeps it, in words.

use super::cut::cut;
use crate::ledger::{ApiName, Spot};
use crate::render::{inert, plain};

/// A place in the fewest words: `POST /pets, PetStore`.
pub(in crate::render) fn brief(place: &Spot) -> String {
    let api = place.api.as_ref().map(|api| {
        if api.name.is_empty() {
            api.id.to_string()
        } else {
            api.name.to_string()
        }
    });
    let parts: Vec<String> = place.subject().into_iter().chain(api).collect();
    if parts.is_empty() {
        plain(&place.words)
    } else {
        plain(&parts.join(", "))
    }
}

/// What a place lies in, without its [subject](Spot::subject), such as
/// `PetStore (a1b2c3d4e5), stage prod, eu-west-1`. `None`: the subject lies in the account alone.
pub(in crate::render) fn surroundings(place: &Spot) -> Option<String> {
    let parts = [
        place.api.as_ref().map(api),
        place.stage.as_ref().map(|stage| format!("stage {stage}")),
        place.region.as_deref().map(str::to_owned),
        (place.exemption.as_ref()).map(|what| format!("exemption for {what}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The API in few words, or what there is instead of one.
pub(in crate::render) fn api_label(place: &Spot) -> String {
    match (&place.api, &place.principal) {
        (Some(api), _) => {
            let region = place.region.as_deref().unwrap_or_default();
            inert(&cut(&format!("{}, {region}", self::api(api)), 200))
        }
        (None, Some(_)) => "IAM principals".to_owned(),
        (None, None) => "elsewhere".to_owned(),
    }
}

/// An API with its id, and its name where it has one.
fn api(api: &ApiName) -> String {
    if api.name.is_empty() {
        api.id.to_string()
    } else {
        format!("{} ({})", api.name, api.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::finding::{ApiRef, Place, Principal, PrincipalKind};
    use crate::inventory::ApiKind;

    fn method() -> Place {
        Place {
            account: "111122223333".into(),
            region: Some("eu-west-1".into()),
            api: Some(
                ApiRef {
                    id: "a1b2c3d4e5".to_owned(),
                    name: "PetStore".to_owned(),
                    kind: Some(ApiKind::Rest),
                }
                .into(),
            ),
            stage: Some("prod".into()),
            verb: Some("POST".into()),
            path: Some("/pets".into()),
            ..Place::default()
        }
    }

    #[test]
    fn a_subject_and_what_it_lies_in_are_the_whole_place() {
        let nameless = Place {
            api: method().api.map(|api| {
                let nameless = ApiRef {
                    name: String::new(),
                    ..(*api).clone()
                };
                nameless.into()
            }),
            ..method()
        };
        let route = Place {
            route_key: Some("$default".into()),
            ..method()
        };
        for place in [method(), nameless, route] {
            let spot = Spot::of(&place, "aws");
            let (subject, rest) = (spot.subject().unwrap(), surroundings(&spot).unwrap());
            assert_eq!(format!("{subject}, {rest}"), spot.words);
        }
    }

    #[test]
    fn a_principal_lies_in_the_account_alone() {
        let place = Place {
            principal: Some(Box::new(Principal {
                kind: PrincipalKind::Group,
                name: "callers".to_owned(),
                known_arn: None,
            })),
            ..Place::default()
        };
        let spot = Spot::of(&place, "aws");
        assert_eq!(surroundings(&spot), None);
        assert_eq!(spot.subject(), Some(spot.words.into_owned()));
    }
}
