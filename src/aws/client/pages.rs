//! Lists, page by page.

use std::collections::BTreeSet;

use super::failure::Failure;
use super::given::given;

/// One page of a list, and where the list goes on.
pub(in crate::aws) type Page<T> = (Option<Vec<T>>, Option<String>);

/// The most pages of a list: far more than any account has, and read in some minutes.
const MOST_PAGES: usize = 1_000;

/// Reads a list to its end, page by page. `page` asks for the one that begins at a place.
///
/// A page without its list has no items, as the services may leave out an empty list: an answer that was cut short, or
/// that holds something else, is refused before it gets here. A list that names a place again would never end, nor would
/// one that always names a new one: either is malformed.
pub(in crate::aws) async fn pages<T>(
    operation: &'static str,
    page: impl AsyncFnMut(Option<String>) -> Result<Page<T>, Failure>,
) -> Result<Vec<T>, Failure> {
    at_most(MOST_PAGES, operation, page).await
}

/// The same, where a list may have more or fewer pages than others.
pub(in crate::aws) async fn at_most<T>(
    most: usize,
    operation: &'static str,
    mut page: impl AsyncFnMut(Option<String>) -> Result<Page<T>, Failure>,
) -> Result<Vec<T>, Failure> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    let mut place = None;
    for _ in 0..most {
        let (items, next) = page(place).await?;
        all.extend(items.unwrap_or_default());
        match given(next) {
            None => return Ok(all),
            Some(next) if !seen.insert(next.clone()) => {
                return Err(Failure::malformed(
                    operation,
                    "the list goes on where it was already",
                ));
            }
            next => place = next,
        }
    }
    let message = format!("the list does not end after {most} pages");
    Err(Failure::malformed(operation, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_list_that_never_ends_is_malformed() {
        let mut asked = 0;
        let page = async |_| {
            asked += 1;
            Ok((Some(vec![asked]), Some(asked.to_string())))
        };
        let failure = pages("apigateway:GetRestApis", page).await.unwrap_err();
        assert_eq!(failure.message, "the list does not end after 1000 pages");
        let page = async |_| Ok((Some(vec![1]), Some("again".to_owned())));
        let failure = pages("apigateway:GetRestApis", page).await.unwrap_err();
        assert_eq!(failure.message, "the list goes on where it was already");
    }
}
