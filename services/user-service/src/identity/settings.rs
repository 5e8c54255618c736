use std::{collections::HashSet, fs, path::PathBuf, str::FromStr};

use serde::Deserialize;
use service_kit::Secret;
use url::{Host, Url};

/// What is asked for without another word.
const SCOPES: [&str; 2] = ["openid", "email"];

/// The providers of identities of an installation, as a file has them.
#[derive(Clone, Debug, Default)]
pub struct ProviderList(Vec<ProviderSettings>);

/// How one provider is asked, and what is believed of what it says.
#[derive(Clone, Debug)]
pub(crate) struct ProviderSettings {
    /// By which it is known in paths.
    pub(crate) name: String,
    /// What people call it.
    pub(crate) label: String,
    /// A URL as the provider itself writes it, to the letter.
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    /// None for a client that has none, and is known by PKCE alone.
    pub(crate) client_secret: Option<Secret>,
    pub(crate) scopes: Vec<String>,
    /// The claim that has somebody's groups; dots lead into objects.
    pub(crate) groups_claim: String,
    /// Whose members are administrators.
    pub(crate) administrator_groups: Vec<String>,
    /// Whether an address counts that the provider does not say to have verified.
    pub(crate) trust_unverified_email: bool,
    /// Further authorities, besides those of the system, that may have signed its certificate.
    pub(crate) ca_file: Option<PathBuf>,
}

/// A provider as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    name: String,
    label: Option<String>,
    issuer: String,
    client_id: String,
    client_secret: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
    groups_claim: Option<String>,
    #[serde(default)]
    administrator_groups: Vec<String>,
    #[serde(default)]
    trust_unverified_email: bool,
    ca_file: Option<PathBuf>,
}

impl ProviderList {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &ProviderSettings> {
        self.0.iter()
    }

    /// # Errors
    /// The first thing that is wrong, with its place.
    pub(super) fn parse(text: &str) -> Result<ProviderList, String> {
        let mut json = serde_json::Deserializer::from_str(text);
        let given: Vec<Given> = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let (place, error) = (error.path().to_string(), error.inner());
            if place == "." { error.to_string() } else { format!("{place}: {error}") }
        })?;
        json.end().map_err(|error| error.to_string())?;
        let (mut names, mut issuers) = (HashSet::new(), HashSet::new());
        let mut list = Vec::with_capacity(given.len());
        for (place, given) in given.into_iter().enumerate() {
            let settings = given.checked().map_err(|fault| format!("[{place}].{fault}"))?;
            if !names.insert(settings.name.clone()) {
                return Err(format!("[{place}].name: another provider has this name"));
            }
            if !issuers.insert(settings.issuer.clone()) {
                return Err(format!("[{place}].issuer: another provider has this issuer"));
            }
            list.push(settings);
        }
        Ok(ProviderList(list))
    }
}

impl FromStr for ProviderList {
    type Err = String;

    /// Takes `file:/path` alone, since there are secrets in it.
    fn from_str(text: &str) -> Result<ProviderList, String> {
        let path =
            text.strip_prefix("file:").ok_or("give file:/path to a file of JSON; secrets are in it")?;
        let content = fs::read_to_string(path).map_err(|error| format!("cannot read {path}: {error}"))?;
        ProviderList::parse(&content).map_err(|fault| format!("{path}: {fault}"))
    }
}

impl Given {
    /// # Errors
    /// The first field that is wrong, and how.
    fn checked(self) -> Result<ProviderSettings, String> {
        let is_name = (1..=32).contains(&self.name.len())
            && self
                .name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        require(is_name, "name: give 1 to 32 small letters, digits and hyphens")?;
        let label = self.label.unwrap_or_else(|| self.name.clone());
        let is_label = (1..=60).contains(&label.chars().count()) && !label.chars().any(char::is_control);
        require(is_label && !label.trim().is_empty(), "label: give 1 to 60 characters")?;
        let issuer = Url::parse(&self.issuer).map_err(|error| format!("issuer: {error}"))?;
        let is_bare = issuer.query().is_none()
            && issuer.fragment().is_none()
            && issuer.username().is_empty()
            && issuer.password().is_none();
        require(is_bare, "issuer: give a URL without a user, a query and a fragment")?;
        let is_safe = issuer.scheme() == "https" || (issuer.scheme() == "http" && is_loopback(&issuer));
        require(is_safe, "issuer: give an https URL; http is for this machine alone")?;
        require(
            is_word(&self.client_id),
            "client_id: give the id under which the provider knows this installation",
        )?;
        let client_secret: Option<Secret> = self
            .client_secret
            .map(|secret| secret.parse())
            .transpose()
            .map_err(|error| format!("client_secret: {error}"))?;
        let is_secret = client_secret.as_ref().is_none_or(|secret| !secret.expose().is_empty());
        require(is_secret, "client_secret: it is empty; leave it out for a client without one")?;
        for (place, scope) in self.scopes.iter().enumerate() {
            require(is_word(scope), &format!("scopes[{place}]: give one scope, without blanks"))?;
        }
        let groups_claim = self.groups_claim.unwrap_or_else(|| "groups".to_owned());
        require(!groups_claim.is_empty(), "groups_claim: give the name of a claim, or leave it out")?;
        let groups = &self.administrator_groups;
        require(
            groups.iter().all(|group| !group.is_empty()),
            "administrator_groups: give names that are not empty",
        )?;
        let mut scopes = self.scopes;
        if scopes.is_empty() {
            scopes = SCOPES.map(str::to_owned).to_vec();
        }
        // The library asks for it itself, and once is enough.
        scopes.retain(|scope| scope != "openid");
        Ok(ProviderSettings {
            name: self.name,
            label,
            issuer: self.issuer,
            client_id: self.client_id,
            client_secret,
            scopes,
            groups_claim,
            administrator_groups: self.administrator_groups,
            trust_unverified_email: self.trust_unverified_email,
            ca_file: self.ca_file,
        })
    }
}

fn require(holds: bool, fault: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(fault.to_owned()) }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn provider(changes: Value) -> Value {
        let mut provider = json!({"name": "company", "issuer": "https://id.example.com", "client_id": "w2meet",
            "client_secret": "s3cret"});
        provider.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        provider
    }

    #[test]
    fn what_is_left_out_has_a_value() {
        let list = ProviderList::parse(&json!([provider(json!({}))]).to_string()).unwrap();
        let [settings] = &list.0[..] else { panic!("{list:?}") };
        assert_eq!(
            (settings.label.as_str(), settings.scopes.as_slice()),
            ("company", &["email".to_owned()][..])
        );
        assert_eq!(settings.groups_claim, "groups");
        assert!(!settings.trust_unverified_email && settings.administrator_groups.is_empty());
        assert!(!format!("{list:?}").contains("s3cret"));
        assert_eq!(ProviderList::parse("[]").unwrap().0.len(), 0);
    }

    #[test]
    fn says_which_field_is_wrong() {
        for (changes, said) in [
            (json!({"name": "Company"}), "[0].name: give"),
            (json!({"name": ""}), "[0].name: give"),
            (json!({"label": ""}), "[0].label: give"),
            (json!({"label": 3}), "[0].label: invalid type"),
            (json!({"issuer": "id.example.com"}), "[0].issuer: relative URL"),
            (json!({"issuer": "http://id.example.com"}), "[0].issuer: give an https"),
            (json!({"issuer": "https://id.example.com?a=b"}), "[0].issuer: give a URL without"),
            (json!({"client_id": "a b"}), "[0].client_id: give"),
            (json!({"client_secret": ""}), "[0].client_secret: it is empty"),
            (json!({"client_secret": "file:/does/not/exist"}), "[0].client_secret: cannot read"),
            (json!({"scopes": ["openid email"]}), "[0].scopes[0]: give one"),
            (json!({"scopes": "openid"}), "[0].scopes: invalid type"),
            (json!({"administrator_groups": [""]}), "[0].administrator_groups: give"),
            (json!({"trust_unverified_email": "yes"}), "[0].trust_unverified_email: invalid type"),
            (json!({"isuer": ""}), "unknown field `isuer`"),
        ] {
            let fault = ProviderList::parse(&json!([provider(changes)]).to_string()).unwrap_err();
            assert!(fault.contains(said) && !fault.contains("s3cret"), "{said}: {fault}");
        }
        let twice = json!([provider(json!({})), provider(json!({}))]).to_string();
        assert!(ProviderList::parse(&twice).unwrap_err().starts_with("[1].name: another"));
        let twice = json!([provider(json!({})), provider(json!({"name": "b"}))]).to_string();
        assert!(ProviderList::parse(&twice).unwrap_err().starts_with("[1].issuer: another"));
        let missing = ProviderList::parse(r#"[{"name": "a"}]"#).unwrap_err();
        assert!(missing.contains("missing field `issuer`"), "{missing}");
    }

    #[test]
    fn is_read_from_a_file_alone() {
        assert!("[]".parse::<ProviderList>().unwrap_err().contains("file:"));
        let fault = "file:/does/not/exist".parse::<ProviderList>().unwrap_err();
        assert!(fault.contains("cannot read /does/not/exist"), "{fault}");
    }

    #[test]
    fn http_is_for_this_machine() {
        for own in ["http://localhost:3000", "http://127.0.0.1:3000", "http://[::1]/a", "http://id.localhost"]
        {
            assert!(
                ProviderList::parse(&json!([provider(json!({"issuer": own}))]).to_string()).is_ok(),
                "{own}"
            );
        }
    }
}
