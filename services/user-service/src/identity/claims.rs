use serde_json::{Map, Value};
use wire::Email;

use super::settings::ProviderSettings;

/// Somebody as a provider says that they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProvenIdentity {
    pub(crate) issuer: String,
    /// Who it is there, for good.
    pub(crate) subject: String,
    /// The address that is theirs by what the provider says.
    pub(crate) email: ProvenEmail,
    pub(crate) is_administrator: bool,
    /// The session at the provider, if it says so.
    pub(crate) provider_session: Option<String>,
    /// By which the provider knows whose session there is to be ended.
    pub(crate) id_token: String,
}

/// Whether an account can be found, or made, by an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ProvenEmail {
    Proven(Email),
    /// There is one, which the provider does not say to have verified.
    Unverified,
    /// There is none, or what is there is none.
    None,
}

/// What a provider says of somebody, in the ID token or when it is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) email: Option<String>,
    pub(super) email_verified: Option<bool>,
    pub(super) other: Map<String, Value>,
}

impl Told {
    /// What `self` says, and, of what it does not say, what `other` does. An address and whether it is verified go together.
    pub(super) fn or(self, other: Told) -> Told {
        let (email, email_verified) = match self.email {
            Some(_) => (self.email, self.email_verified),
            None => (other.email, other.email_verified),
        };
        let mut all = other.other;
        all.extend(self.other);
        Told { email, email_verified, other: all }
    }

    /// Whether everything is there that these settings ask for.
    pub(super) fn is_enough(&self, settings: &ProviderSettings) -> bool {
        let has_groups = || groups(&self.other, &settings.groups_claim).is_some();
        self.email.is_some() && (settings.administrator_groups.is_empty() || has_groups())
    }

    pub(super) fn proven_email(&self, settings: &ProviderSettings) -> ProvenEmail {
        let Some(email) = self.email.as_deref().and_then(|email| email.parse::<Email>().ok()) else {
            return ProvenEmail::None;
        };
        // What the provider says to be unverified is so, whatever is trusted.
        let is_proven = self.email_verified.unwrap_or(settings.trust_unverified_email);
        if is_proven { ProvenEmail::Proven(email) } else { ProvenEmail::Unverified }
    }

    pub(super) fn is_administrator(&self, settings: &ProviderSettings) -> bool {
        let groups = groups(&self.other, &settings.groups_claim).unwrap_or_default();
        groups.iter().any(|group| settings.administrator_groups.iter().any(|known| known == group))
    }
}

/// The groups in a claim, which is a list of names or one name. A name with dots that is no claim itself leads into objects.
fn groups<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<Vec<&'a str>> {
    let within = || {
        let mut parts = name.split('.');
        let first = claims.get(parts.next()?)?;
        parts.try_fold(first, |value, part| value.get(part))
    };
    match claims.get(name).or_else(within)? {
        Value::String(group) => Some(vec![group]),
        Value::Array(groups) => Some(groups.iter().filter_map(Value::as_str).collect()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::identity::ProviderList;

    fn settings(changes: Value) -> ProviderSettings {
        let mut provider = json!({"name": "a", "issuer": "https://id.example.com", "client_id": "w2meet"});
        provider.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        ProviderList::parse(&json!([provider]).to_string()).unwrap().iter().next().unwrap().clone()
    }

    fn told(email: Option<&str>, email_verified: Option<bool>, other: Value) -> Told {
        Told { email: email.map(str::to_owned), email_verified, other: other.as_object().unwrap().clone() }
    }

    #[test]
    fn an_address_counts_when_the_provider_has_verified_it() {
        let (strict, trusting) = (settings(json!({})), settings(json!({"trust_unverified_email": true})));
        let ada = || ProvenEmail::Proven("ada@example.com".parse().unwrap());
        for (email, verified, by_strict, by_trusting) in [
            (Some("ada@example.com"), Some(true), ada(), ada()),
            (Some("ada@example.com"), None, ProvenEmail::Unverified, ada()),
            (Some("ada@example.com"), Some(false), ProvenEmail::Unverified, ProvenEmail::Unverified),
            (Some("ada"), Some(true), ProvenEmail::None, ProvenEmail::None),
            (None, Some(true), ProvenEmail::None, ProvenEmail::None),
        ] {
            let told = told(email, verified, json!({}));
            assert_eq!(told.proven_email(&strict), by_strict, "{told:?}");
            assert_eq!(told.proven_email(&trusting), by_trusting, "{told:?}");
        }
    }

    #[test]
    fn an_address_is_not_verified_by_what_is_said_elsewhere() {
        let token = told(Some("ada@example.com"), None, json!({}));
        let merged = token.or(told(Some("eve@example.com"), Some(true), json!({"groups": ["a"]})));
        assert_eq!(merged, told(Some("ada@example.com"), None, json!({"groups": ["a"]})));
        let none = told(None, Some(true), json!({"groups": ["b"]}));
        let merged = none.or(told(Some("ada@example.com"), None, json!({"groups": ["a"]})));
        assert_eq!(merged, told(Some("ada@example.com"), None, json!({"groups": ["b"]})));
    }

    #[test]
    fn members_of_a_group_are_administrators() {
        for (claim, claims, is_administrator) in [
            ("groups", json!({"groups": ["staff", "admins"]}), true),
            ("groups", json!({"groups": "admins"}), true),
            ("groups", json!({"groups": ["staff"]}), false),
            ("groups", json!({"groups": {"admins": true}}), false),
            ("groups", json!({"groups": ["Admins", "admins2"]}), false),
            ("groups", json!({}), false),
            ("realm_access.roles", json!({"realm_access": {"roles": ["admins"]}}), true),
            ("https://x.example/groups", json!({"https://x.example/groups": ["admins"]}), true),
        ] {
            let settings = settings(json!({"groups_claim": claim, "administrator_groups": ["admins"]}));
            let told = told(None, None, claims);
            assert_eq!(told.is_administrator(&settings), is_administrator, "{told:?}");
        }
        let none = settings(json!({}));
        assert!(!told(None, None, json!({"groups": [""]})).is_administrator(&none));
    }
}
