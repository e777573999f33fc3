//! The JSON Schema of the policy file, for editors and for programs that write policy files.
//!
//! It is written by hand, so that its words help, but for the names of the rules, which are the registry's: the tests
//! below hold it against the reader's keys and words, and against every policy file at hand.

use super::RuleId;

const SCHEMA: &str = include_str!("schema.json");

/// What stands for the names of the rules.
const RULES: &str = "\"RULES\"";

/// The schema, draft 2020-12, as indented JSON that ends in a line break.
pub fn schema() -> String {
    let rules = RuleId::ALL.iter().filter(|it| it.can_be_exempted());
    let lines: Vec<String> = rules.map(|it| format!("\n        \"{it}\"")).collect();
    SCHEMA.replace(RULES, &(lines.join(",") + "\n      "))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::super::keys;
    use crate::inventory::{AuthorizationType, VERBS};
    use crate::policy_file::{Exposure, NotifyFormat, RuleId, Severity};

    fn schema() -> Value {
        serde_json::from_str(&super::schema()).unwrap()
    }

    /// The keys that an object of the schema knows.
    fn keys_at(pointer: &str) -> BTreeSet<String> {
        let schema = schema();
        let object = schema.pointer(pointer).unwrap();
        assert_eq!(object["additionalProperties"], false, "{pointer}");
        let properties = object["properties"].as_object().unwrap();
        properties.keys().cloned().collect()
    }

    /// The words that an enumeration of the schema lists.
    fn words_at(pointer: &str) -> Vec<String> {
        let schema = schema();
        let words = schema.pointer(pointer).unwrap().as_array().unwrap();
        words
            .iter()
            .map(|word| word.as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn it_knows_the_keys_that_the_reader_knows() {
        let known = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        let own: BTreeSet<String> = known(&keys::POLICY_FILE);
        assert_eq!(keys_at(""), own);
        for (pointer, wanted) in [
            ("/$defs/requirement", known(&keys::REQUIREMENT)),
            ("/$defs/group", known(&keys::GROUP)),
            ("/$defs/invoker", known(&keys::INVOKER)),
            ("/$defs/exemption", known(&keys::EXEMPTION)),
            ("/$defs/match", known(&keys::MATCH)),
            ("/$defs/notify", known(&keys::NOTIFY)),
            ("/$defs/notifyMatch", known(&keys::NOTIFY_MATCH)),
        ] {
            let wanted: BTreeSet<String> = wanted;
            assert_eq!(keys_at(pointer), wanted, "{pointer}");
        }
    }

    #[test]
    fn it_knows_the_words_that_the_reader_knows() {
        assert_eq!(words_at("/properties/preflight/enum"), keys::PREFLIGHT);
        assert_eq!(
            words_at("/$defs/notify/properties/format/enum"),
            NotifyFormat::ALL.map(NotifyFormat::as_str)
        );
        assert_eq!(words_at("/$defs/verb/anyOf/0/enum"), VERBS);
        assert_eq!(
            words_at("/$defs/authorizationType/enum"),
            AuthorizationType::KNOWN.map(|it| it.to_string())
        );
        assert_eq!(
            words_at("/$defs/exemption/properties/severity/enum"),
            Severity::WORST_FIRST.map(Severity::as_str)
        );
        let exempted = RuleId::ALL.iter().filter(|it| it.can_be_exempted());
        let rules: Vec<&str> = exempted.map(|it| it.as_str()).collect();
        assert_eq!(words_at("/$defs/rule/enum"), rules);
        let exposures = Exposure::ALL.map(Exposure::as_str);
        assert_eq!(words_at("/$defs/exposure/enum"), exposures);
    }

    #[test]
    fn its_defaults_are_the_readers() {
        use super::super::PolicyFile;
        let schema = schema();
        assert_eq!(
            schema["properties"]["max_exemption_days"]["default"],
            PolicyFile::MAX_EXEMPTION_DAYS
        );
    }
}
