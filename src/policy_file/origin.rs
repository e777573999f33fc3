//! Where a policy file came from, for whoever has to prove by which one a report was judged.

use sha2::{Digest as _, Sha256};

/// Where a policy file came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file, the variable or the object.
    pub source: String,
    /// The SHA-256 of its bytes, in hexadecimal digits, as `sha256sum` prints it.
    pub sha256: String,
    /// The version of the object, where it came from a bucket that keeps versions.
    pub version_id: Option<String>,
}

impl Origin {
    /// That of these bytes.
    ///
    /// ```
    /// use gatewatch::policy_file::Origin;
    ///
    /// let origin = Origin::of("gatewatch.yaml", b"version: 1\n");
    /// // printf 'version: 1\n' | sha256sum
    /// assert_eq!(origin.sha256, "09bfcc6a14b83e2192b8673677725c84883ee9cd0c70e45c9ec09daa8f2b2847");
    /// ```
    pub fn of(source: &str, bytes: &[u8]) -> Self {
        let hash = Sha256::digest(bytes);
        Origin {
            source: source.to_owned(),
            sha256: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            version_id: None,
        }
    }
}
