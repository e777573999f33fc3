//! What is wrong with a pattern that is nearly right.

use std::fmt;

/// What is wrong with a pattern that is nearly right. Written out, it goes on after the pattern: ``lacks the stage``.
#[derive(Debug, Clone, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Mistake {
    /// It names another partition.
    OtherPartition {
        /// What it names.
        named: String,
        /// Where the API is.
        right: String,
    },
    /// It names another service, such as `apigateway`, which is for those who manage APIs.
    OtherService {
        /// What it names.
        named: String,
    },
    /// It names another Region, or none.
    OtherRegion {
        /// What it names.
        named: String,
        /// Where the API is.
        right: String,
    },
    /// It has no account between its colons.
    EmptyAccount {
        /// Where the API is.
        right: String,
    },
    /// It names another account.
    OtherAccount {
        /// What it names.
        named: String,
        /// Where the API is.
        right: String,
    },
    /// It has the name of the API in the place of its id.
    ApiName {
        /// The id.
        id: String,
    },
    /// It ends before it takes in a request.
    EndsEarly {
        /// Behind what.
        behind: &'static str,
        /// What is missing.
        missing: &'static str,
    },
    /// The stage is missing.
    NoStage {
        /// It.
        stage: String,
    },
    /// It names another stage.
    OtherStage {
        /// What it names.
        named: String,
        /// Where the method is.
        right: String,
    },
    /// The verb is missing.
    NoVerb,
    /// The verb is not in upper case.
    VerbCase {
        /// What it says.
        named: String,
        /// The verb.
        right: String,
    },
    /// The verb is `ANY`, which no request has.
    VerbAny,
    /// The path begins with the base path of a custom domain name.
    BasePath {
        /// It.
        base_path: String,
    },
    /// The path ends with a slash.
    TrailingSlash,
    /// The path has two slashes in a row.
    DoubleSlash,
    /// The path has parameters in braces, as its template has.
    Braces,
    /// A variable is plain text, as the policy's version says.
    VariableIsText,
}

impl Mistake {
    /// Its name, for programs, such as `no-stage`.
    pub fn code(&self) -> &'static str {
        self.into()
    }

    /// The words of those that name nothing.
    fn without_names(&self) -> &'static str {
        match self {
            Mistake::NoVerb => "lacks the verb between the stage and the path",
            Mistake::VerbAny => "has the verb ANY, which no request has: `*` stands for every verb",
            Mistake::TrailingSlash => "ends with a `/` that the path does not have",
            Mistake::DoubleSlash => "has `//` in its path",
            Mistake::Braces => "has literal braces, which no request has: write `*` there",
            Mistake::VariableIsText => {
                "has a variable, which is plain text where the policy's Version is not 2012-10-17"
            }
            _ => "",
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mistake::NoVerb
            | Mistake::VerbAny
            | Mistake::TrailingSlash
            | Mistake::DoubleSlash
            | Mistake::Braces
            | Mistake::VariableIsText => f.write_str(self.without_names()),
            Mistake::OtherPartition { named, right } => {
                write!(f, "names the partition {named}, and the API is in {right}")
            }
            Mistake::OtherService { named } => write!(
                f,
                "names the service {named}, and requests to APIs are of execute-api"
            ),
            Mistake::OtherRegion { named, right } if named.is_empty() => {
                write!(f, "has no Region, and the API is in {right}")
            }
            Mistake::OtherRegion { named, right } => {
                write!(f, "names the Region {named}, and the API is in {right}")
            }
            Mistake::EmptyAccount { right } => {
                write!(f, "has no account, and the API is in {right}")
            }
            Mistake::OtherAccount { named, right } => {
                write!(f, "names the account {named}, and the API is in {right}")
            }
            Mistake::ApiName { id } => {
                write!(f, "has the API's name in the place of its id, {id}")
            }
            Mistake::EndsEarly { behind, missing } => write!(
                f,
                "ends behind {behind} and takes in no request: {missing} is missing, or `/*` for all there is"
            ),
            Mistake::NoStage { stage } => {
                write!(f, "lacks the stage, `{stage}`, behind the API's id")
            }
            Mistake::OtherStage { named, right } => {
                write!(
                    f,
                    "names the stage `{named}`, and the method is in `{right}`"
                )
            }
            Mistake::VerbCase { named, right } => write!(
                f,
                "has the verb as `{named}`, and case counts there: requests have `{right}`"
            ),
            Mistake::BasePath { base_path } => write!(
                f,
                "begins its path with `{base_path}`, the base path of a custom domain name, which policies do not see"
            ),
        }
    }
}
