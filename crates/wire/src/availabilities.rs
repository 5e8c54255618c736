use domain::{WeekHours, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error, ser::SerializeMap};
use serde_json::{Map, Value};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Ref, RefOr,
        schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, Schema},
    },
};

use crate::{Fault, Loc, schema::Hour};

/// Free hours of a week on the wire: all seven days from Monday, each with its start hours (0–23) sorted and unique.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Availabilities(pub WeekHours);

impl Availabilities {
    /// Reads a JSON object of day (any case) → list of hours. Missing days are empty, repeated hours count once.
    ///
    /// # Errors
    /// One fault for each unknown or repeated day, each value that is no list, each entry that is no hour;
    /// `loc` starts with `body` and `field`.
    pub fn parse(field: &str, value: Value) -> Result<Availabilities, Vec<Fault>> {
        let Value::Object(days) = value else {
            let msg = "Input should be an object of weekday to list of hours";
            return Err(vec![Fault::new(["body", field], "dict_type", msg)]);
        };
        parse_days(field, days)
    }
}

fn parse_days(field: &str, days: Map<String, Value>) -> Result<Availabilities, Vec<Fault>> {
    let mut week = WeekHours::EMPTY;
    let mut seen = Vec::new();
    let mut faults = Vec::new();
    for (name, hours) in days {
        let mut fault = |at: Option<usize>, kind, msg: String| {
            let place = ["body", field, &name].map(Loc::from).into_iter().chain(at.map(Loc::Index));
            faults.push(Fault::new(place, kind, msg));
        };
        let Some(day) = Weekday::from_name(&name) else {
            fault(None, "value_error", "Not a weekday; use monday to sunday".to_owned());
            continue;
        };
        if seen.contains(&day) {
            fault(
                None,
                "value_error",
                format!("{} is given twice; put all its hours in one list", day.name()),
            );
            continue;
        }
        seen.push(day);
        let Value::Array(hours) = hours else {
            fault(None, "list_type", "Input should be a list of hours".to_owned());
            continue;
        };
        for (index, hour) in hours.iter().enumerate() {
            if !hour.is_i64() && !hour.is_u64() {
                fault(Some(index), "int_type", "Input should be a valid integer".to_owned());
            } else if !hour
                .as_u64()
                .and_then(|hour| u8::try_from(hour).ok())
                .is_some_and(|hour| week.insert(day, hour))
            {
                fault(Some(index), "value_error", format!("{hour} is not an hour of the day; use 0 to 23"));
            }
        }
    }
    if faults.is_empty() { Ok(Availabilities(week)) } else { Err(faults) }
}

impl Serialize for Availabilities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Weekday::ALL.len()))?;
        for day in Weekday::ALL {
            map.serialize_entry(day.name(), &self.0.hours(day).collect::<Vec<_>>())?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Availabilities {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let days = std::collections::HashMap::<String, Vec<u8>>::deserialize(deserializer)?;
        let mut week = WeekHours::EMPTY;
        for (name, hours) in days {
            let day = Weekday::from_name(&name).ok_or_else(|| D::Error::custom("not a weekday"))?;
            if !hours.into_iter().all(|hour| week.insert(day, hour)) {
                return Err(D::Error::custom("not an hour of the day"));
            }
        }
        Ok(Availabilities(week))
    }
}

impl PartialSchema for Availabilities {
    fn schema() -> RefOr<Schema> {
        let hours = || ArrayBuilder::new().items(Ref::from_schema_name(Hour::name()));
        let days = Weekday::ALL
            .into_iter()
            .fold(ObjectBuilder::new(), |object, day| object.property(day.name(), hours()));
        days.additional_properties(Some(AdditionalProperties::FreeForm(false)))
            .description(Some("Start hours (0–23) on which the person is free, by weekday"))
            .build()
            .into()
    }
}

impl ToSchema for Availabilities {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Hour::name().into_owned(), Hour::schema()));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn all_seven_days_come_back_sorted_and_unique() {
        let parsed =
            Availabilities::parse("availabilities", json!({"Monday": [10, 9, 10], "SUNDAY": []})).unwrap();
        let text = serde_json::to_string(&parsed).unwrap();
        assert_eq!(
            text,
            r#"{"monday":[9,10],"tuesday":[],"wednesday":[],"thursday":[],"friday":[],"saturday":[],"sunday":[]}"#
        );
    }

    #[test]
    fn every_fault_is_named_at_its_place() {
        let bad = json!({"blursday": [1], "friday": [1, 24, "9", 2.5, -1], "monday": 9, "MONDAY": [1]});
        let faults = Availabilities::parse("availabilities", bad).unwrap_err();
        let found: Vec<(String, &str)> = faults
            .iter()
            .map(|fault| (serde_json::to_string(&fault.loc[2..]).unwrap(), fault.r#type))
            .collect();
        for expected in [
            (r#"["blursday"]"#, "value_error"),
            (r#"["friday",1]"#, "value_error"),
            (r#"["friday",2]"#, "int_type"),
            (r#"["friday",3]"#, "int_type"),
            (r#"["friday",4]"#, "value_error"),
        ] {
            assert!(found.contains(&(expected.0.to_owned(), expected.1)), "{expected:?} in {found:?}");
        }
        assert_eq!(found.len(), 6, "one more for the day that is given twice: {found:?}");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(bits in prop::collection::btree_set((0..7usize, 0..24u8), 0..60)) {
            let mut week = WeekHours::EMPTY;
            for (day, hour) in bits {
                prop_assert!(week.insert(Weekday::ALL[day], hour));
            }
            let value = serde_json::to_value(Availabilities(week)).unwrap();
            prop_assert_eq!(Availabilities::parse("availabilities", value.clone()).unwrap().0, week);
            prop_assert_eq!(serde_json::from_value::<Availabilities>(value).unwrap().0, week);
        }
    }
}
