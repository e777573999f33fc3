//! Identity providers, as the `Federated` principals of trust policies name them.

use super::Arn;

/// An identity provider.
///
/// Source: [web identity and SAML principals](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html).
///
/// ```
/// use gatewatch::iam::document::Provider;
///
/// let read = Provider::read;
/// assert_eq!(read("cognito-identity.amazonaws.com"), Provider::IdentityPools("cognito-identity.amazonaws.com"));
/// let sovereign = "cognito-identity.eusc-de-east-1.amazonaws.eu";
/// assert_eq!(read(sovereign), Provider::IdentityPools(sovereign));
/// let github = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
/// assert_eq!(read(github), Provider::OpenId("token.actions.githubusercontent.com"));
/// assert_eq!(read("arn:aws:iam::111122223333:saml-provider/staff"), Provider::Saml("staff"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider<'a> {
    /// The identity pools of Amazon Cognito, by their domain name.
    IdentityPools(&'a str),
    /// An OpenID Connect provider, by its URL without the scheme. Its condition keys begin with it.
    OpenId(&'a str),
    /// A SAML provider of the account, by its name.
    Saml(&'a str),
}

/// OpenID Connect providers whose tokens anybody can get: only a claim tells their users apart. The second is that
/// claim.
///
/// Sources: [controls for shared OIDC providers](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html),
/// and [the providers that IAM has built in](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html),
/// where anybody can sign in.
const SHARED: [(&str, &str); 17] = [
    ("accounts.google.com", "sub"),
    ("agent.buildkite.com", "sub"),
    ("api.pulumi.com/oidc", "aud"),
    ("app.terraform.io", "sub"),
    ("gitlab.com", "sub"),
    ("graph.facebook.com", "id"),
    ("oidc-configuration.audit-log.githubusercontent.com", "sub"),
    ("oidc.codefresh.io", "sub"),
    ("oidc.vercel.com", "aud"),
    ("proidc.upbound.io", "sub"),
    ("sandboxes.cloud", "aud"),
    ("scalr.io", "sub"),
    ("studio.datachain.ai/api", "sub"),
    ("token.actions.githubusercontent.com", "sub"),
    ("tokens.cloud.shisho.dev", "sub"),
    ("vstoken.actions.githubusercontent.com", "sub"),
    ("www.amazon.com", "user_id"),
];

impl<'a> Provider<'a> {
    /// Reads what stands in a `Federated` principal, or the part of a condition key before its last colon.
    pub fn read(text: &'a str) -> Self {
        let resource = Arn::read(text).map(|it| it.resource);
        if let Some(name) = resource.and_then(|it| it.strip_prefix("saml-provider/")) {
            return Provider::Saml(name);
        }
        let host = resource.and_then(|it| it.strip_prefix("oidc-provider/"));
        let host = host.unwrap_or(text);
        // Other partitions have names of their own: cognito-identity.cn-north-1.amazonaws.com.cn,
        // cognito-identity-us-gov.amazonaws.com, and below amazonaws.eu those of the European Sovereign Cloud.
        if host.starts_with("cognito-identity") && host.contains(".amazonaws.") {
            return Provider::IdentityPools(host);
        }
        Provider::OpenId(host)
    }
}

/// The claim that tells the users of an OpenID Connect provider apart. `None`: it is not known to give tokens to anybody
/// who asks.
pub(in crate::iam) fn telling_claim(host: &str) -> Option<&'static str> {
    let mut shared = SHARED.iter();
    // A path behind the host makes a provider of its own, such as that of one enterprise at GitHub.
    let found = shared.find(|(shared, _)| host.eq_ignore_ascii_case(shared));
    found.map(|(_, claim)| *claim)
}
