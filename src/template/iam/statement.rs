//! One statement of a policy in a file: which calls it is about, as far as the file tells.

use serde_json::Value;

use super::marks::{Mark, Marks, Piece, first_mark, has_mark};
use super::places::Places;
use crate::iam::pattern::matches;
use crate::template::options::ACCOUNT;

const SERVICE: &str = "execute-api";

/// What stands for a resource of another service that only a deployment knows.
const OTHER: &str = "arn:aws:not-known-before-the-deployment:::*";

/// The condition keys whose values are those of placeholders here: held against them, a condition on a real account or
/// principal would never hold.
const STOOD_IN_FOR: [&str; 7] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:sourceaccount",
    "aws:userid",
    "aws:username",
];

/// The policy variables of which the same is true.
const VARIABLES: [&str; 2] = ["${aws:principalaccount}", "${aws:resourceaccount}"];

/// Why something cannot be told, in words that follow the statement.
type Why = String;

/// Puts into a statement what it names, where the file tells it.
///
/// # Errors
/// Where it may be about calls, and what it says of them cannot be told.
pub(super) fn told(statement: &mut Value, marks: &Marks, places: &Places) -> Result<(), Why> {
    let Value::Object(parts) = statement else {
        return Ok(());
    };
    let actions = [parts.get("Action"), parts.get("NotAction")];
    if let Some(why) = actions
        .into_iter()
        .flatten()
        .find_map(|it| first_mark(it, marks))
    {
        return Err(format!("has an action that {why}"));
    }
    let is_about_calls = parts.contains_key("NotAction")
        || parts
            .get("Action")
            .is_none_or(|it| texts(it).any(may_be_a_call));
    if !is_about_calls || (places.apis.is_empty() && places.around.is_none()) {
        // What a statement says of other services, or of no API of the file, is nobody's concern here.
        for key in ["Resource", "NotResource", "Condition"] {
            if parts
                .get(key)
                .is_some_and(|it| first_mark(it, marks).is_some())
            {
                match key {
                    "Condition" => drop(parts.remove(key)),
                    _ => drop(parts.insert(key.to_owned(), OTHER.into())),
                }
            }
        }
        return Ok(());
    }
    if let Some(condition) = parts.get("Condition") {
        if let Some(why) = first_mark(condition, marks) {
            return Err(format!("has a condition that {why}"));
        }
        let operators = condition.as_object().into_iter().flatten();
        let keys = operators.flat_map(|(_, it)| it.as_object().into_iter().flatten());
        let mut keys = keys.map(|(key, _)| key);
        if let Some(key) = keys.find(|it| is_stood_in_for(it, places)) {
            return Err(format!(
                "has a condition on `{key}`, which only a deployment tells"
            ));
        }
    }
    for key in ["Resource", "NotResource"] {
        let resources = match parts.get_mut(key) {
            Some(Value::Array(items)) => items.as_mut_slice(),
            Some(single) => std::slice::from_mut(single),
            None => &mut [],
        };
        for resource in resources {
            if let Value::String(text) = resource {
                *text = named(text, marks, places)?;
            }
        }
    }
    Ok(())
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    items.iter().filter_map(Value::as_str)
}

fn is_stood_in_for(key: &str, places: &Places) -> bool {
    let key = key.to_ascii_lowercase();
    let is_of_account = key.ends_with("account") || key == "aws:requestedregion";
    STOOD_IN_FOR.contains(&key.as_str()) && !(is_of_account && places.around.is_some())
}

/// Whether an action, or some action of a pattern, is one of API Gateway's calls.
fn may_be_a_call(action: &str) -> bool {
    let service = action.split(':').next().unwrap_or_default();
    matches(&service.to_ascii_lowercase(), SERVICE)
}

/// A resource of a statement about calls, with the API of the file that it names.
fn named(resource: &str, marks: &Marks, places: &Places) -> Result<String, Why> {
    let lower = resource.to_ascii_lowercase();
    let mut variables = VARIABLES.into_iter().filter(|_| places.around.is_none());
    if let Some(variable) = variables.find(|it| lower.contains(it)) {
        return Err(format!("names `{variable}`, which only a deployment tells"));
    }
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    let [arn, partition, service, region, account, place] = parts.as_slice() else {
        return of_few_parts(resource, marks, places);
    };
    if has_mark(service) {
        return Err(format!("names a service that {}", why(service, marks)));
    }
    if !matches(service, SERVICE) {
        return Ok(OTHER.to_owned());
    }
    let partition = partition_told(partition, marks, places)?;
    let region = region_told(region, marks, places)?;
    let account = account_told(account, marks, places)?;
    let place = place_told(place, marks, places)?;
    Ok(format!(
        "{arn}:{partition}:{service}:{region}:{account}:{place}"
    ))
}

/// A resource that is no whole ARN: `*`, a pattern that ends before the sixth part, or what is made as a whole.
fn of_few_parts(resource: &str, marks: &Marks, places: &Places) -> Result<String, Why> {
    match marks.pieces(resource).as_slice() {
        [Piece::Mark(mark), ..] => match mark {
            Mark::Resource { id, .. } if places.others.contains(id) => Ok(OTHER.to_owned()),
            other => Err(format!("names a resource that {}", other.why())),
        },
        _ if has_mark(resource) => Err(format!("names a resource that {}", why(resource, marks))),
        _ => Ok(resource.to_owned()),
    }
}

fn why(text: &str, marks: &Marks) -> Why {
    first_mark(&Value::String(text.to_owned()), marks).unwrap_or_default()
}

fn partition_told(text: &str, marks: &Marks, places: &Places) -> Result<String, Why> {
    if has_mark(text) {
        return Err(format!("names a partition that {}", why(text, marks)));
    }
    // Where the Region is not told, its partition is not either.
    match places.regions.is_some() || matches(text, &places.partition) {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "names the partition `{text}`, and whether that is the file's is not known: give it with --region"
        )),
    }
}

fn region_told(text: &str, marks: &Marks, places: &Places) -> Result<String, Why> {
    if has_mark(text) {
        return Err(format!("names a Region that {}", why(text, marks)));
    }
    match places.regions.is_some() || is_any(text) {
        true => Ok(text.to_owned()),
        // So `AWS::Region` reads where no Region is given.
        false if text == places.stand_in => Ok(text.to_owned()),
        false => Err(format!(
            "names the Region `{text}`, and whether that is the file's is not known: give it with --region"
        )),
    }
}

fn account_told(text: &str, marks: &Marks, places: &Places) -> Result<String, Why> {
    if has_mark(text) {
        return Err(format!("names an account that {}", why(text, marks)));
    }
    match &places.account {
        _ if is_any(text) || text == places.own_account() => Ok(text.to_owned()),
        _ if places.around.is_some() => Ok(text.to_owned()),
        Some(account) if account == text => Ok(ACCOUNT.to_owned()),
        Some(_) => Ok(text.to_owned()),
        None => Err(format!(
            "names the account `{text}`, and whether that is the one it is deployed to is not known"
        )),
    }
}

/// Whether a part is for every value of it.
fn is_any(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|it| it == '*')
}

/// The last part of an ARN: an API, a stage, and what is called there.
fn place_told(place: &str, marks: &Marks, places: &Places) -> Result<String, Why> {
    let (api, rest) = match place.split_once('/') {
        Some((api, rest)) => (api, Some(rest)),
        None => (place, None),
    };
    let (told, id) = api_told(api, marks, places)?;
    let Some(rest) = rest else {
        return Ok(told);
    };
    let (stage, rest) = match rest.split_once('/') {
        Some((stage, rest)) => (stage, Some(rest)),
        None => (rest, None),
    };
    let stage = stage_told(stage, id.as_deref(), marks, places)?;
    match rest {
        None => Ok(format!("{told}/{stage}")),
        Some(rest) if has_mark(rest) => Err(format!("names a method that {}", why(rest, marks))),
        Some(rest) => Ok(format!("{told}/{stage}/{rest}")),
    }
}

/// An API's part of an ARN, and the API that it is for. `None`: for all, or for none of the file.
fn api_told(text: &str, marks: &Marks, places: &Places) -> Result<(String, Option<String>), Why> {
    match marks.pieces(text).as_slice() {
        [Piece::Mark(Mark::Resource { id, attribute })]
            if places.apis.contains_key(id)
                && attribute
                    .as_deref()
                    .is_none_or(|it| ["RestApiId", "ApiId"].contains(&it)) =>
        {
            let known = places.id_of(id);
            // In a pattern these letters would be more than themselves.
            match known.contains(['*', '?', '$']) {
                true => Err(format!(
                    "names the API `{id}`, which has a wildcard in its name"
                )),
                false => Ok((known.to_owned(), Some(id.clone()))),
            }
        }
        _ if has_mark(text) => Err(format!("names an API that {}", why(text, marks))),
        _ if is_any(text) => Ok((text.to_owned(), None)),
        _ => match places.by_id.get(text) {
            Some(id) => Ok((places.id_of(id).to_owned(), Some(id.clone()))),
            None if places.apis.contains_key(text) => {
                Ok((places.id_of(text).to_owned(), Some(text.to_owned())))
            }
            None if places.ids_are_told && !text.contains(['*', '?']) => {
                Ok((text.to_owned(), None))
            }
            None => Err(format!(
                "names the API `{text}`, and whether that is one of the file only a deployment tells"
            )),
        },
    }
}

fn stage_told(
    text: &str,
    api: Option<&str>,
    marks: &Marks,
    places: &Places,
) -> Result<String, Why> {
    let pieces = marks.pieces(text);
    let named = match pieces.as_slice() {
        [
            Piece::Mark(Mark::Resource {
                id,
                attribute: None,
            }),
        ] => places.stages.get(id).cloned(),
        // What SAM calls the stage that it makes.
        [
            Piece::Mark(Mark::Resource {
                id,
                attribute: Some(attribute),
            }),
        ] if attribute == "Stage" => places.only_stage(id).map(str::to_owned),
        _ if has_mark(text) => None,
        _ => Some(text.to_owned()),
    };
    let Some(named) = named else {
        return Err(format!("names a stage that {}", why(text, marks)));
    };
    match is_any(&named) || places.stages_are_told(api) {
        true => Ok(named),
        false => Err(format!(
            "names the stage `{named}`, and the stages of the API are not all in the file"
        )),
    }
}
