//! Whether a profile of the shared configuration is defined.
//!
//! The SDK passes over one that is not, and looks for credentials elsewhere: another account would be read
//! than the one that was meant.

use std::borrow::Cow;

use aws_types::os_shim_internal::{Env, Fs};

/// Why a profile cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// It is in neither of the files.
    #[error(
        "there is no profile `{name}`{named_by} in {config} or {credentials}: `aws configure list-profiles` lists \
         those that there are"
    )]
    Unknown {
        /// The profile.
        name: String,
        /// What names it, where it was not given: in words, with a blank before them.
        named_by: &'static str,
        /// The configuration file.
        config: String,
        /// The file of credentials.
        credentials: String,
    },
    /// The files cannot be read or do not parse.
    #[error("the profile `{name}` cannot be looked up: {why}")]
    Unreadable {
        /// The profile.
        name: String,
        /// Why, with the file.
        why: String,
    },
}

/// Looks up the profile that is asked for, or else the one that `AWS_PROFILE` names.
///
/// # Errors
/// [`ProfileError`]. No call is made before it.
pub(in crate::aws) async fn check(asked: Option<&str>) -> Result<(), ProfileError> {
    let env = Env::real();
    let variable = |name: &str| env.get(name).ok().filter(|it| !it.is_empty());
    let (name, named_by) = match asked {
        Some(name) => (name.to_owned(), ""),
        None => match variable("AWS_PROFILE") {
            Some(name) => (name, " (named by AWS_PROFILE)"),
            None => return Ok(()),
        },
    };
    let override_name = Some(Cow::Owned(name.clone()));
    let loaded =
        aws_config::profile::load(&Fs::real(), &env, &Default::default(), override_name).await;
    let profiles = loaded.map_err(|error| ProfileError::Unreadable {
        name: name.clone(),
        why: super::failure::in_full(&error),
    })?;
    if profiles.get_profile(&name).is_some() {
        return Ok(());
    }
    let file = |name, default: &str| variable(name).unwrap_or_else(|| default.to_owned());
    Err(ProfileError::Unknown {
        name,
        named_by,
        config: file("AWS_CONFIG_FILE", "~/.aws/config"),
        credentials: file("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
    })
}
