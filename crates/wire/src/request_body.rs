use serde::de::DeserializeOwned;
use serde_json::{Value, error::Category};
use serde_path_to_error::Segment;

use crate::{Fault, Fields, Loc, Query};

/// A request's body that is declared once, by its type: `serde` reads it, and what that cannot say is checked here.
pub trait RequestBody: DeserializeOwned {
    /// What is wrong with a body that has the right shape.
    fn faults(&self) -> Vec<Fault>;

    /// Reads the body.
    ///
    /// # Errors
    /// The first fault of its shape, or else all others.
    fn parse(body: &[u8]) -> Result<Self, Vec<Fault>> {
        let object = Value::Object(Fields::parse(body)?.into_object()?);
        let read: Self =
            serde_path_to_error::deserialize(object).map_err(|error| vec![fault_of_shape(error)])?;
        let faults = read.faults();
        if faults.is_empty() { Ok(read) } else { Err(faults) }
    }

    /// Reads the body of a request that says everything there: of what its query says nothing would count.
    ///
    /// # Errors
    /// Those of the query, or else those of [`RequestBody::parse`].
    fn parse_without_query(body: &[u8], query: Option<&str>) -> Result<Self, Vec<Fault>> {
        let mut query = Query::parse(query);
        query.refuse_others(&[]);
        query.finish(Some(()))?;
        Self::parse(body)
    }
}

/// The place of the error as serde met it, and its kind by how serde begins its message.
fn fault_of_shape(error: serde_path_to_error::Error<serde_json::Error>) -> Fault {
    debug_assert_eq!(error.inner().classify(), Category::Data);
    let steps = error.path().iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(Loc::Index(*index)),
        Segment::Map { key } => Some(Loc::Name(key.clone())),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    let mut loc: Vec<Loc> = [Loc::from("body")].into_iter().chain(steps).collect();
    let msg = error.inner().to_string();
    let name = msg.split('`').nth(1).unwrap_or_default();
    if msg.starts_with("missing field") {
        loc.push(name.into());
        return Fault::new(loc, "missing", "Field required");
    }
    if msg.starts_with("unknown field") {
        if loc.last() != Some(&name.into()) {
            loc.push(name.into());
        }
        return Fault::new(loc, "extra_forbidden", "Extra inputs are not permitted");
    }
    let kind = match msg.rsplit("expected ").next() {
        Some("a string") => "string_type",
        Some("a sequence") => "list_type",
        _ => "value_error",
    };
    Fault::new(loc, kind, msg)
}
