//! An inventory as a file: its JSON, and what is refused.

use serde::Deserialize;

use super::account::{Inventory, SCHEMA_VERSION};
use super::json_text::json_text;
use super::soundness;
use super::text::sharing;

/// Why a text is not an inventory that this version can read.
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    /// It is not JSON, or not of this shape.
    #[error("not an inventory")]
    Shape(#[from] serde_json::Error),
    /// It carries no `schema_version`.
    #[error(
        "not an inventory: no `schema_version`; write one with `gatewatch collect -o inventory.json`"
    )]
    NoVersion,
    /// It was written by a newer gatewatch, or carries a version that there never was.
    #[error(
        "the inventory has schema version {found}, and this gatewatch reads {SCHEMA_VERSION}; \
         check it with the gatewatch that wrote it, or a newer one"
    )]
    Version {
        /// The version in the file.
        found: u64,
    },
    /// It contradicts itself, or holds what AWS never gives.
    #[error("the inventory is not sound: {0}")]
    Unsound(String),
}

impl Inventory {
    /// Reads an inventory from its JSON.
    ///
    /// # Errors
    /// [`InventoryError`], for a text that is no inventory, one of a schema version that this gatewatch
    /// does not know, or one that contradicts itself. Unknown fields are errors: what is not understood
    /// must not be skipped.
    ///
    /// ```
    /// use gatewatch::inventory::{GapKind, Inventory};
    ///
    /// let text = r#"{"schema_version": 1, "account": "111122223333", "partition": "aws",
    ///     "taken_at": "2026-06-15T06:00:00Z", "scope": {"regions": ["eu-west-1"]},
    ///     "apis": [{"region": "eu-west-1", "id": "a1b2c3d4e5", "name": "PetStore", "kind": "REST",
    ///               "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false,
    ///               "resource_policy": null, "stages": null, "deployments": [], "draft": null}],
    ///     "domains": [], "iam": {"groups": [], "users": [], "roles": [], "policies": []}, "gaps": []}"#;
    /// let inventory = Inventory::from_json(text).unwrap();
    /// // The stages are null: that is a gap, although the file names none.
    /// let gaps = inventory.gaps();
    /// assert_eq!(gaps.first().unwrap().kind, GapKind::Api);
    ///
    /// let newer = text.replace(r#""schema_version": 1"#, r#""schema_version": 2"#);
    /// let error = Inventory::from_json(&newer).unwrap_err();
    /// assert!(error.to_string().starts_with("the inventory has schema version 2, and this gatewatch reads 1"));
    /// ```
    pub fn from_json(text: &str) -> Result<Self, InventoryError> {
        // Fields in their order, without their names, would do for serde.
        if text.trim_start().starts_with('[') {
            let _: Versioned = serde_json::from_str(text)?;
        }
        let inventory: Inventory =
            sharing(|| serde_json::from_str(text)).map_err(|error| why_not(text, error))?;
        known_version(u64::from(inventory.schema_version))?;
        soundness::check(&inventory).map_err(InventoryError::Unsound)?;
        Ok(inventory)
    }

    /// The inventory as indented JSON, ending in a line break.
    ///
    /// # Errors
    /// None for the types of this crate; the signature is `serde_json`'s.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        json_text(self, true)
    }
}

/// The version of an inventory, whatever else it holds.
#[derive(Deserialize)]
struct Versioned {
    schema_version: Option<u64>,
}

/// What is wrong with a text that is not of this shape. Its version says more than its shape.
fn why_not(text: &str, shape: serde_json::Error) -> InventoryError {
    let versioned = match serde_json::from_str::<Versioned>(text) {
        Ok(versioned) => versioned,
        Err(error) => return error.into(),
    };
    let known = versioned.schema_version.ok_or(InventoryError::NoVersion);
    match known.and_then(known_version) {
        Ok(()) => shape.into(),
        Err(error) => error,
    }
}

fn known_version(found: u64) -> Result<(), InventoryError> {
    if found == u64::from(SCHEMA_VERSION) {
        Ok(())
    } else {
        Err(InventoryError::Version { found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The version is read first, by itself, and the shape only of a version that is known.
    fn plainly(text: &str) -> Result<Inventory, InventoryError> {
        #[derive(Deserialize)]
        struct Versioned {
            schema_version: Option<u64>,
        }
        let versioned: Versioned = serde_json::from_str(text)?;
        let found = versioned.schema_version.ok_or(InventoryError::NoVersion)?;
        if found != u64::from(SCHEMA_VERSION) {
            return Err(InventoryError::Version { found });
        }
        let inventory: Inventory = serde_json::from_str(text)?;
        soundness::check(&inventory).map_err(InventoryError::Unsound)?;
        Ok(inventory)
    }

    /// What is said of a text, with the cause.
    fn said(read: Result<Inventory, InventoryError>) -> String {
        match read {
            Ok(_) => "read".to_owned(),
            Err(error) => match std::error::Error::source(&error) {
                Some(cause) => format!("{error}: {cause}"),
                None => error.to_string(),
            },
        }
    }

    const SOUND: &str = r#"{"schema_version": 1, "account": "111122223333", "partition": "aws",
        "taken_at": "2026-06-15T06:00:00Z", "scope": {"regions": ["eu-west-1"]},
        "apis": [{"region": "eu-west-1", "id": "a1b2c3d4e5", "name": "PetStore", "kind": "REST",
                  "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false,
                  "resource_policy": null, "stages": [], "deployments": [], "draft": []}],
        "domains": [], "iam": null, "gaps": []}"#;

    /// The same with one change.
    fn with(from: &str, to: &str) -> String {
        assert_eq!(SOUND.matches(from).count(), 1, "{from}");
        SOUND.replacen(from, to, 1)
    }

    const VERSION: &str = r#""schema_version": 1"#;
    const NO_VERSION: &str = "no `schema_version`";

    /// Reads each text, whose answer has to hold what is expected, and to be the one of the plain reading.
    fn check<const N: usize>(cases: [(String, &str); N]) {
        for (text, expected) in cases {
            let read = said(Inventory::from_json(&text));
            assert!(read.contains(expected), "{text}: {read}");
            assert_eq!(read, said(plainly(&text)), "{text}");
        }
    }

    #[test]
    fn a_sound_inventory_is_read_and_an_unsound_one_is_not() {
        check([
            (SOUND.to_owned(), "read"),
            (with("111122223333", "12"), "no account id"),
        ]);
    }

    #[test]
    fn without_a_version_nothing_else_counts() {
        check([
            ("{}".to_owned(), NO_VERSION),
            (with("\"schema_version\": 1, ", ""), NO_VERSION),
            (with(VERSION, r#""schema_version": null"#), NO_VERSION),
            (with(VERSION, r#""strange": 1"#), NO_VERSION),
            (r#"{"account": 7}"#.to_owned(), NO_VERSION),
        ]);
    }

    #[test]
    fn a_version_that_is_not_known_says_more_than_the_shape() {
        check([
            (with(VERSION, r#""schema_version": 2"#), "schema version 2,"),
            (with(VERSION, r#""schema_version": 0"#), "schema version 0,"),
            (
                with(VERSION, r#""schema_version": 4294967297"#),
                "schema version 4294967297,",
            ),
            (
                with(VERSION, r#""schema_version": 2, "strange": {"a": []}"#),
                "schema version 2,",
            ),
            (
                r#"{"strange": 1, "schema_version": 3}"#.to_owned(),
                "schema version 3,",
            ),
            (
                r#"{"schema_version": 2, "apis": 7}"#.to_owned(),
                "schema version 2,",
            ),
            (
                with(VERSION, r#""schema_version": 2"#).replace("111122223333", "12"),
                "schema version 2,",
            ),
        ]);
    }

    #[test]
    fn what_is_no_version_is_an_error_of_shape() {
        check([
            (
                with(VERSION, r#""schema_version": "1""#),
                "invalid type: string \"1\", expected u64",
            ),
            (
                r#"{"schema_version": "2", "apis": 7}"#.to_owned(),
                "invalid type: string \"2\", expected u64",
            ),
            (
                with(VERSION, r#""schema_version": -1"#),
                "invalid value: integer `-1`",
            ),
            (
                with(VERSION, r#""schema_version": 1.0"#),
                "floating point `1.0`",
            ),
        ]);
    }

    #[test]
    fn a_shape_that_is_not_known_says_more_than_soundness() {
        check([
            (
                with(VERSION, r#""schema_version": 1, "strange": 1"#),
                "unknown field `strange`",
            ),
            (
                with("\"draft\": []", "\"drafts\": []"),
                "unknown field `drafts`",
            ),
            (with(", \"gaps\": []", ""), "missing field `gaps`"),
            (
                with("\"apis\": [", "\"apis\": 7, \"x\": ["),
                "invalid type: integer `7`",
            ),
            (
                with("\"gaps\": []", "\"gaps\": [], \"gaps\": []"),
                "duplicate field `gaps`",
            ),
            (
                with(VERSION, r#""schema_version": 1, "schema_version": 2"#),
                "duplicate field `schema_version`",
            ),
        ]);
    }

    #[test]
    fn a_text_of_another_kind_is_no_inventory() {
        check([
            (String::new(), "EOF while parsing"),
            ("null".to_owned(), "invalid type: null"),
            ("7".to_owned(), "invalid type: integer `7`"),
            ("[]".to_owned(), "invalid length 0"),
            ("[1]".to_owned(), "invalid length 1"),
            ("[2]".to_owned(), "schema version 2,"),
            (format!("{SOUND} x"), "trailing characters"),
            (format!("[{SOUND}]"), "invalid type: map"),
        ]);
    }

    #[test]
    fn the_fields_without_their_names_are_no_inventory() {
        let fields = r#"[1, "111122223333", "aws", "2026-06-15T06:00:00Z", {"regions": ["eu-west-1"]},
            [], [], null, []]"#;
        for text in [fields.to_owned(), format!("\n {fields}")] {
            let read = said(Inventory::from_json(&text));
            assert_eq!(read, said(plainly(&text)), "{text}");
            assert!(read.contains("trailing characters"), "{read}");
        }
    }

    #[test]
    fn a_text_that_was_cut_short_is_refused_wherever_it_ends() {
        for whole in [SOUND.to_owned(), with(VERSION, r#""schema_version": 2"#)] {
            for (end, _) in whole.char_indices() {
                let cut = &whole[..end];
                let read = said(Inventory::from_json(cut));
                assert!(
                    read.starts_with("not an inventory: EOF while parsing"),
                    "{cut}: {read}"
                );
                assert_eq!(read, said(plainly(cut)), "{cut}");
            }
        }
    }
}
