//! A request for a checkup.

use serde::Deserialize;
use serde_json::Value;

/// What a checkup of the Lambda is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoctorAsk {
    /// How many hours old the last scan over everything may be.
    #[serde(default = "two_days")]
    pub max_age_hours: u32,
}

fn two_days() -> u32 {
    48
}

impl Default for DoctorAsk {
    fn default() -> Self {
        DoctorAsk {
            max_age_hours: two_days(),
        }
    }
}

pub(super) fn ask(asked: &Value, fields: usize) -> Result<DoctorAsk, String> {
    if fields != 1 {
        return Err("beside `doctor` there is something else".to_owned());
    }
    match asked {
        Value::Bool(true) => Ok(DoctorAsk::default()),
        Value::Object(_) => {
            DoctorAsk::deserialize(asked).map_err(|error| format!("doctor: {error}"))
        }
        other => Err(format!(
            "doctor: `{other}` is neither true nor an object such as {{\"max_age_hours\": 48}}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_checkup_is_asked_for_by_its_name_alone() {
        let sample: Value =
            serde_json::from_str(include_str!("../../../events/doctor.json")).unwrap();
        assert_eq!(ask(&sample["doctor"], 1), Ok(DoctorAsk::default()));
        let old = ask(&json!({"max_age_hours": 200}), 1).unwrap();
        assert_eq!(old.max_age_hours, 200);
        assert!(ask(&json!(true), 2).is_err());
        for wrong in [json!(false), json!("yes"), json!(null), json!({"hours": 1})] {
            assert!(ask(&wrong, 1).is_err(), "{wrong}");
        }
    }
}
