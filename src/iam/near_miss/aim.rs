//! What a pattern may have been written for.

use crate::iam::pattern::template::Template;

/// A method that a pattern may have been written for.
#[derive(Debug, Clone, Copy)]
pub struct Aim<'a> {
    /// Its requests.
    pub requests: &'a Template,
    /// The stage.
    pub stage: &'a str,
    /// The name of the API, which some write in the place of its id.
    pub api_name: &'a str,
    /// The base paths of the custom domain names that lead to the stage, without slashes at their ends.
    pub base_paths: &'a [&'a str],
}
