use anyhow::{Context, ensure};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::{Value, json};

/// A whole reply. Whoever made it has checked that it is in shape: see [`Reply::check_shape`].
#[derive(Clone, Debug)]
pub struct Reply {
    /// Method and path of the request, for messages.
    pub request: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    /// The header `name` as text; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn case_id(&self) -> &str {
        self.header("case-id")
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; `null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The reply if it has this status, for a step that may be repeated; a test asserts with [`Reply::is`].
    pub fn ensure_status(self, status: u16) -> anyhow::Result<Reply> {
        ensure!(self.status == status, "{}: {} {}", self.request, self.status, self.text());
        Ok(self)
    }

    #[track_caller]
    pub fn is(self, status: u16) -> Reply {
        assert_eq!(self.status, status, "{}: {}", self.request, self.text());
        self
    }

    /// Asserts an error that is no fault of the input: its status and what it says.
    #[track_caller]
    pub fn says(self, status: u16, msg: &str) -> Reply {
        let reply = self.is(status);
        let body = reply.json();
        let code = &body["detail"][0]["code"];
        let expected = json!([{"loc": ["internal"], "msg": msg, "type": "http_error", "code": code}]);
        assert_eq!(body["detail"], expected, "{}", reply.request);
        reply
    }

    /// Asserts that exactly these faults of the input are named, in any order, each as place and type.
    #[track_caller]
    pub fn refuses(self, status: u16, faults: &[(Value, &str)]) -> Reply {
        let reply = self.is(status);
        let mut expected: Vec<String> =
            faults.iter().map(|(loc, kind)| json!({"loc": loc, "type": kind}).to_string()).collect();
        let detail = reply.json()["detail"].as_array().cloned().unwrap_or_default();
        let mut found: Vec<String> = detail
            .iter()
            .map(|fault| json!({"loc": fault["loc"], "type": fault["type"]}).to_string())
            .collect();
        expected.sort();
        found.sort();
        assert_eq!(found, expected, "{}: {}", reply.request, reply.text());
        reply
    }

    /// What every reply of every service has: a valid Case-ID, and with a status from 400 the body of all errors,
    /// with that Case-ID and at least one entry. The report of `/health` is no error, whatever its status.
    pub fn check_shape(&self) -> anyhow::Result<()> {
        self.find_fault_in_shape().with_context(|| {
            format!("{} → {} {:?}, out of shape: {}", self.request, self.status, self.headers, self.text())
        })
    }

    fn find_fault_in_shape(&self) -> anyhow::Result<()> {
        let case_id = self.case_id();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        ensure!((1..=64).contains(&case_id.len()) && case_id.bytes().all(plain), "the Case-ID is not valid");
        let body = self.json();
        // A job that is looked up has the Case-ID of the order that made it.
        let is_job = body.get("created_at").is_some();
        if let Some(id) = body.get("case_id").filter(|_| !is_job) {
            ensure!(id == case_id, "the body's Case-ID differs from the header's");
        }
        if self.status < 400 || body.get("dependencies").is_some() {
            return Ok(());
        }
        let kind = self.headers.get(CONTENT_TYPE).context("an error has no content type")?;
        ensure!(kind == "application/json", "an error is not JSON");
        ensure!(names(&body) == ["case_id", "detail"], "an error has case_id and detail, and nothing else");
        let detail = body["detail"].as_array().context("detail is no list")?;
        ensure!(!detail.is_empty(), "detail is empty");
        for fault in detail {
            ensure!(
                names(fault) == ["code", "loc", "msg", "type"],
                "a fault has loc, msg, type and code, and nothing else"
            );
            let is_text = ["msg", "type", "code"].iter().all(|name| fault[name].is_string());
            ensure!(is_text, "msg, type and code are text");
            let loc = fault["loc"].as_array().context("loc is no list")?;
            ensure!(
                !loc.is_empty() && loc.iter().all(|step| step.is_string() || step.is_u64()),
                "loc is odd"
            );
        }
        Ok(())
    }
}

/// The names of an object's members, sorted.
fn names(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> =
        value.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn reply(status: u16, case_id: &'static str, body: &str) -> Reply {
        let mut headers = HeaderMap::new();
        headers.insert("case-id", HeaderValue::from_static(case_id));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Reply { request: "GET /".to_owned(), status, headers, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn what_is_in_shape_passes_and_what_is_not_does_not() {
        let good = r#"{"case_id":"a","detail":[{"loc":["body","x",0],"msg":"m","type":"t","code":"c"}]}"#;
        assert!(reply(400, "a", good).check_shape().is_ok());
        assert!(reply(200, "a", "[]").check_shape().is_ok());
        assert!(reply(503, "a", r#"{"case_id":"a","dependencies":{}}"#).check_shape().is_ok());
        for (case_id, body) in [
            ("b", good),
            ("", good),
            ("a", ""),
            ("a", r#"{"case_id":"a","detail":[]}"#),
            ("a", r#"{"case_id":"a","detail":"no"}"#),
            ("a", r#"{"case_id":"a","detail":[{"loc":[],"msg":"m","type":"t","code":"c"}]}"#),
            ("a", r#"{"case_id":"a","detail":[{"loc":["body"],"msg":"m","type":"t"}]}"#),
        ] {
            assert!(reply(400, case_id, body).check_shape().is_err(), "{case_id} {body}");
        }
    }
}
